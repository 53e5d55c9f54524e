"""One contestant of the bench in PyTorch: reads a case folder (bench/case-folder.ts) and answers requests, one JSON object
a line on stdin and stdout, see bench/contestant/messages.ts.

python serve.py FOLDER --threads N --device cpu|cuda --products f32|tf32|bf16 [--compile]      (needs torch and numpy)
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path

# Libraries print to stdout now and then; the answers keep a stream of their own.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
parser.add_argument("--products", choices=["f32", "tf32", "bf16"], required=True)
parser.add_argument("--compile", action="store_true")
ARGS = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(ARGS.threads)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from model import build  # noqa: E402

torch.set_num_threads(ARGS.threads)
torch.set_num_interop_threads(1)
ON_GPU = ARGS.device == "cuda"
if ON_GPU and not torch.cuda.is_available():
    raise SystemExit(f"PyTorch {torch.__version__} sees no GPU")
if ON_GPU:
    torch.set_float32_matmul_precision("highest" if ARGS.products == "f32" else "high")
    torch.backends.cudnn.allow_tf32 = ARGS.products != "f32"

CASE = json.loads((ARGS.folder / "case.json").read_text())
DTYPES = {"uint8": np.uint8, "int32": np.int32, "float32": np.float32}


def stored(entry):
    count = int(np.prod(entry["shape"]))
    values = np.fromfile(ARGS.folder / "case.bin", DTYPES[entry["type"]], count, offset=entry["offset"])
    return torch.from_numpy(values.reshape(entry["shape"]))


def indices_as_torch_wants_them(tensor):
    return tensor.long() if tensor.dtype == torch.int32 else tensor


def on_host(tensor):
    """Batches come from the host at every step, as the engine's do; from pinned memory they are copied fastest."""
    return tensor.pin_memory() if ON_GPU else tensor


class Contestant:
    def __init__(self):
        self.model = build(CASE).to(ARGS.device)
        self.batches = [{name: on_host(indices_as_torch_wants_them(stored(entry))) for name, entry in batch.items()} for batch in CASE["batches"]]
        self.trains = CASE["step"] != "features"
        own = dict(self.model.named_parameters())
        declared = {entry["name"]: tuple(entry["shape"]) for entry in CASE["params"]}
        theirs = {name: tuple(value.shape) for name, value in own.items()}
        if declared != theirs:
            raise SystemExit(f"the models differ: {sorted(set(declared.items()) ^ set(theirs.items()))}")
        for entry in CASE["params"]:
            own[entry["name"]].requires_grad_(entry["trainable"])
        self.start_anew()
        self.call = torch.compile(self.model) if ARGS.compile else self.model

    def start_anew(self):
        """First values and a new optimiser. Parameters are set in place: a compiled model stays as it is."""
        own = dict(self.model.named_parameters())
        groups = {}
        with torch.no_grad():
            for entry in CASE["params"]:
                own[entry["name"]].copy_(stored(entry))
                if entry["trainable"]:
                    groups.setdefault((entry["decay"], entry["lrScale"]), []).append(own[entry["name"]])
        self.next = 0
        if not self.trains:
            return
        settings, scalars = CASE["optimizer"], CASE["scalars"]
        self.optimizer = torch.optim.AdamW(
            [{"params": params, "lr": scalars["lr"] * scale, "weight_decay": scalars["weight_decay"] if decay else 0.0} for (decay, scale), params in groups.items()],
            betas=(settings["beta1"], settings["beta2"]), eps=settings["epsilon"], fused=True)
        self.optimizer.zero_grad(set_to_none=True)

    def step(self):
        """A training step, with its loss read; or the features of one batch, on the host. Reading waits for the GPU."""
        batch = {name: tensor.to(ARGS.device, non_blocking=True) for name, tensor in self.batches[self.next % len(self.batches)].items()}
        self.next += 1
        precision = torch.autocast(ARGS.device, torch.bfloat16, enabled=ARGS.products == "bf16")
        if not self.trains:
            with torch.inference_mode(), precision:
                return self.call(**batch).cpu()
        with precision:
            loss = self.call(**batch)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def check(self, _request):
        if self.trains:
            values = [self.step() for _ in range(CASE["checkSteps"])]
        else:
            flat = self.step().flatten().tolist()
            values = flat[:16] + flat[-16:]
        self.start_anew()
        return {"values": values}

    def run(self, request):
        if request["warm"]:
            self.step()
        seconds = []
        begin = time.perf_counter()
        while True:
            start = time.perf_counter()
            self.step()
            end = time.perf_counter()
            seconds.append(end - start)
            if end - begin >= request["seconds"]:
                return {"seconds": seconds}

    def steps(self, request):
        for _ in range(request["count"]):
            self.step()
        return {}

    def memory(self, _request):
        fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        device = {"device": {"peak": torch.cuda.max_memory_allocated(), "by": "PyTorch's count of tensors"}} if ON_GPU else {}
        return {"resident": int(fields["VmRSS"].split()[0]) * 1024, "peak": int(fields["VmHWM"].split()[0]) * 1024, **device}


def say(answer):
    ANSWERS.write(json.dumps(answer) + "\n")
    ANSWERS.flush()


def main():
    contestant = Contestant()
    count = sum(value.numel() for value in contestant.model.parameters())
    say({"parameters": count, "versions": {"torch": torch.__version__, "python": sys.version.split()[0]}})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            say(getattr(contestant, request["do"])(request))
        except Exception as error:  # the bench leaves this contestant out and says why
            say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
