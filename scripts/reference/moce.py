"""MoCE restated in PyTorch, for the numbers in test/methods/moce/reference.json.

Run: python scripts/reference/moce.py   (needs torch, timm, numpy)

It works the long way round: every expert computes every token, and the chosen one's output is picked afterwards. Losses of
the gates follow their formulas, unit by unit. The project's step sorts units by expert and computes each once.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

from mae import EPS, block, decoder_shapes, encoder_shapes, patchify, rate, sin_cos, step_inputs, summary, without_key_bias
from seeded import seeded, seeded_parameter

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

CONFIG = dict(
    image=32, patch=8, width=48, depth=3, heads=3, ratio=4.0, dec_width=32, dec_depth=2, dec_heads=4, mask=0.6, batch=6,
    experts=3, clusters=5, importance=0.3, load=0.2, confidence=0.1, distillation=0.5,
)
BLOCKS = (1, 2)
ASSIGNMENTS = [0] * 4 + [1] * 6 + [2] * 1 + [3] * 12 + [4] * 8
# Distances between the largest and the second logit, the smallest of each call: no choice may hang on rounding.
gaps = []


def is_mlp(name):
    return any(name.startswith(f"blocks.{i}.mlp.") for i in BLOCKS)


def shapes(c):
    """Trained ones, then fixed ones."""
    encoder, n = encoder_shapes(c), c["experts"]
    plain = [(name, shape) for name, shape in encoder if not is_mlp(name)]
    experts = [(name.replace(".mlp.", ".mlp.experts."), (n, *shape)) for name, shape in encoder if is_mlp(name)]
    gates = [(f"blocks.{i}.mlp.gate.weight", (n, c["width"])) for i in BLOCKS]
    trained = plain + decoder_shapes(c) + experts + gates
    fixed = [(name, shape) for name, shape in encoder if is_mlp(name)] + [(f"teacher.{name}", shape) for name, shape in plain] + [("centres", (c["clusters"], c["width"]))]
    return trained, fixed


def all_experts(p, name, y):
    """[N, ..., D]: the output of every expert for every token."""
    out = []
    for w1, b1, w2, b2 in zip(*(p[f"{name}.mlp.experts.{layer}.{part}"] for layer in ("fc1", "fc2") for part in ("weight", "bias"))):
        out.append(F.linear(F.gelu(F.linear(y, w1, b1)), w2, b2))
    return torch.stack(out)


def expert_block(p, name, x, heads, conditions, noise):
    """conditions: centres of the images [B, D], or None: the tokens. noise: of the same rows, [B or B * T, N]."""
    b, t, w = x.shape
    y = F.layer_norm(x, (w,), p[f"{name}.norm1.weight"], p[f"{name}.norm1.bias"], EPS)
    q, k, v = F.linear(y, p[f"{name}.attn.qkv.weight"], p[f"{name}.attn.qkv.bias"]).reshape(b, t, 3, heads, w // heads).permute(2, 0, 3, 1, 4).unbind(0)
    y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, w)
    x = x + F.linear(y, p[f"{name}.attn.proj.weight"], p[f"{name}.attn.proj.bias"])
    y = F.layer_norm(x, (w,), p[f"{name}.norm2.weight"], p[f"{name}.norm2.bias"], EPS)
    token_gate = conditions is None
    logits = F.linear(y.reshape(b * t, w) if token_gate else conditions, p[f"{name}.mlp.gate.weight"])
    noisy = logits + noise
    values = F.softmax(noisy, dim=-1)
    best = noisy.topk(2, dim=-1).values
    gaps.append((best[:, 0] - best[:, 1]).min().item())
    chosen = noisy.argmax(-1)
    outputs = all_experts(p, name, y)
    picked = torch.empty_like(y)
    for i in range(b):
        for j in range(t):
            unit = i * t + j if token_gate else i
            picked[i, j] = values[unit, chosen[unit]] * outputs[chosen[unit], i, j]
    return x + picked, dict(logits=logits, noisy=noisy, values=values, chosen=chosen)


def variation(v):
    return (v.std(unbiased=False) / v.mean()) ** 2


def gate_losses(g, n):
    importance = variation(F.softmax(g["logits"], dim=-1).sum(0))
    normal = torch.distributions.Normal(0.0, 1.0)
    chances = [[1 - normal.cdf((noisy.max() - logit) * n) for logit in logits] for logits, noisy in zip(g["logits"], g["noisy"])]
    load = variation(torch.stack([torch.stack(row) for row in chances]).mean(0))
    confidence = -torch.stack([variation(row) for row in g["values"]]).mean()
    return importance, load, confidence


def embed(p, pos, images, keep, c):
    x = F.conv2d(images, p["patch_embed.proj.weight"], p["patch_embed.proj.bias"], stride=c["patch"]).flatten(2).transpose(1, 2) + pos[:, 1:]
    kept = torch.gather(x, 1, keep[:, :, None].expand(-1, -1, x.shape[2]))
    return torch.cat([(p["cls_token"] + pos[:, :1]).expand(x.shape[0], -1, -1), kept], dim=1)


def final(p, x, c):
    return F.layer_norm(x, (c["width"],), p["norm.weight"], p["norm.bias"], EPS)


def forward(p, pos, dec_pos, images, mask_noise, cluster, noise, c):
    """cluster: [B], or None: the gate is of tokens. noise: [layers, clusters or B * T, N]."""
    count = (c["image"] // c["patch"]) ** 2
    order = torch.argsort(mask_noise, dim=1)
    keep = order[:, :int(count * (1 - c["mask"]))]
    x = embed(p, pos, images, keep, c)
    gates = []
    for i in range(c["depth"]):
        if i in BLOCKS:
            own = noise[BLOCKS.index(i)]
            x, gate = expert_block(p, f"blocks.{i}", x, c["heads"], None if cluster is None else p["centres"][cluster], own if cluster is None else own[cluster])
            gates.append(gate)
        else:
            x = block(p, f"blocks.{i}", x, c["heads"])
    latent = final(p, x, c)

    start = {**p, **{name[len("teacher."):]: value for name, value in p.items() if name.startswith("teacher.")}}
    z = embed(start, pos, images, keep, c)
    for i in range(c["depth"]):
        z = block(start, f"blocks.{i}", z, c["heads"])
    distillation = ((latent - final(start, z, c)) ** 2).mean()

    y = F.linear(latent, p["decoder_embed.weight"], p["decoder_embed.bias"])
    body = p["mask_token"].expand(y.shape[0], count, -1).clone()
    hidden = torch.ones(y.shape[0], count)
    for b in range(y.shape[0]):
        body[b, keep[b]] = y[b, 1:]
        hidden[b, keep[b]] = 0
    y = torch.cat([y[:, :1], body], dim=1) + dec_pos
    for i in range(c["dec_depth"]):
        y = block(p, f"decoder_blocks.{i}", y, c["dec_heads"])
    y = F.layer_norm(y, (c["dec_width"],), p["decoder_norm.weight"], p["decoder_norm.bias"], EPS)
    predicted = F.linear(y, p["decoder_pred.weight"], p["decoder_pred.bias"])[:, 1:]
    target = patchify(images, c["patch"])
    target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
    reconstruction = (((predicted - target) ** 2).mean(-1) * hidden).sum() / hidden.sum()

    importance, load, confidence = (sum(one) / len(gates) for one in zip(*(gate_losses(g, c["experts"]) for g in gates)))
    losses = dict(reconstruction=reconstruction, importance=importance, load=load, confidence=confidence, distillation=distillation)
    loss = reconstruction + sum(c[name] * losses[name] for name in ("importance", "load", "confidence", "distillation"))
    return loss, losses, gates, latent


def statistics(p, c):
    """Of the whole set's clusters: the largest expert's share, how many are dead, the mean entropy."""
    out = []
    for i in BLOCKS:
        values = F.softmax(F.linear(p["centres"], p[f"blocks.{i}.mlp.gate.weight"]), dim=-1)
        of_images = values[torch.tensor(ASSIGNMENTS)]
        loads = [(of_images.argmax(-1) == e).double().mean().item() for e in range(c["experts"])]
        entropy = -(of_images * of_images.log()).sum(-1).mean().item()
        out.append(dict(largest=max(loads), dead=sum(load < 1 / (4 * c["experts"]) for load in loads), entropy=entropy, experts=values.argmax(-1).tolist()))
    return out


def routing(c, step, tokens=None):
    rows = c["clusters"] if tokens is None else c["batch"] * tokens
    noise = torch.tensor(seeded(3000 + step, len(BLOCKS) * rows * c["experts"])).reshape(len(BLOCKS), rows, c["experts"]) / c["experts"]
    return (torch.arange(c["batch"]) * 2 + step) % c["clusters"] if tokens is None else None, noise


def main():
    c = CONFIG
    pos, dec_pos = sin_cos(c["width"], c["image"] // c["patch"]), sin_cos(c["dec_width"], c["image"] // c["patch"])
    trained, fixed = shapes(c)
    params = {name: torch.tensor(seeded_parameter(i, name, shape)).double() for i, (name, shape) in enumerate(trained + fixed)}
    names = [name for name, _ in trained]
    tokens = int((c["image"] // c["patch"]) ** 2 * (1 - c["mask"])) + 1
    out = {"config": c, "blocks": BLOCKS, "assignments": ASSIGNMENTS, "torch": torch.__version__, "names": list(params), "trained": names, "statistics": statistics(params, c)}
    fresh = lambda: {k: v.clone().requires_grad_(k in names) for k, v in params.items()}
    for kind in ("cluster", "token"):
        p = fresh()
        loss, losses, gates, latent = forward(p, pos, dec_pos, *step_inputs(c, 0), *routing(c, 0, tokens if kind == "token" else None), c)
        loss.backward()
        out[kind] = {
            "loss": loss.item(), "losses": {k: v.item() for k, v in losses.items()}, "latent": summary(latent),
            "chosen": [g["chosen"].tolist() for g in gates], "values": [summary(g["values"]) for g in gates],
            "gradients": {k: summary(without_key_bias(k, p[k].grad)) for k in names},
        }

    p = fresh()
    decays = lambda name: p[name].ndim > 1 and not (".experts." in name and name.endswith("bias"))
    groups = [{"params": [p[k] for k in names if not decays(k)], "weight_decay": 0.0}, {"params": [p[k] for k in names if decays(k)], "weight_decay": 0.05}]
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.95))
    base_lr, warmup_epochs, steps_per_epoch, total = 0.05, 1, 3, 12
    peak = base_lr * c["batch"] / 256
    totals, rates = [], []
    for step in range(10):
        lr = rate(step, peak, warmup_epochs * steps_per_epoch, total)
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.zero_grad()
        loss = forward(p, pos, dec_pos, *step_inputs(c, step), *routing(c, step), c)[0]
        loss.backward()
        optimizer.step()
        totals.append(loss.item())
        rates.append(lr)
    out["training"] = {
        "base_lr": base_lr, "warmup_epochs": warmup_epochs, "steps_per_epoch": steps_per_epoch, "total_steps": total,
        "losses": totals, "rates": rates, "parameters": {k: summary(without_key_bias(k, p[k])) for k in names},
    }
    assert min(gaps) > 1e-4, f"a choice hangs on rounding: {min(gaps)}"
    path = Path(__file__).parents[2] / "test/methods/moce/reference.json"
    path.write_text(json.dumps(out) + "\n")
    print(path, out["cluster"]["losses"], out["cluster"]["chosen"], out["statistics"], "smallest gap", min(gaps), totals)


if __name__ == "__main__":
    main()
