"""One contestant of the bench in PyTorch: reads a case folder (bench/case-folder.ts) and answers requests, one JSON object
a line on stdin and stdout, see bench/contestant/messages.ts.

python serve.py FOLDER --threads N --precision f32|bf16 [--compile]      (needs torch and numpy)
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
parser.add_argument("--precision", choices=["f32", "bf16"], required=True)
parser.add_argument("--compile", action="store_true")
ARGS = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(ARGS.threads)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from model import build  # noqa: E402

torch.set_num_threads(ARGS.threads)
torch.set_num_interop_threads(1)

CASE = json.loads((ARGS.folder / "case.json").read_text())
DTYPES = {"uint8": np.uint8, "int32": np.int32, "float32": np.float32}


def stored(entry):
    count = int(np.prod(entry["shape"]))
    values = np.fromfile(ARGS.folder / "case.bin", DTYPES[entry["type"]], count, offset=entry["offset"])
    return torch.from_numpy(values.reshape(entry["shape"]))


def indices_as_torch_wants_them(tensor):
    return tensor.long() if tensor.dtype == torch.int32 else tensor


class Contestant:
    def __init__(self):
        self.model = build(CASE)
        self.batches = [{name: indices_as_torch_wants_them(stored(entry)) for name, entry in batch.items()} for batch in CASE["batches"]]
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
        """A training step, with its loss read; or the features of one batch."""
        batch = self.batches[self.next % len(self.batches)]
        self.next += 1
        precision = torch.autocast("cpu", torch.bfloat16, enabled=ARGS.precision == "bf16")
        if not self.trains:
            with torch.inference_mode(), precision:
                return self.call(**batch)
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
        return {"resident": int(fields["VmRSS"].split()[0]) * 1024, "peak": int(fields["VmHWM"].split()[0]) * 1024}


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
