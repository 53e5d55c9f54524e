"""iBOT restated in PyTorch, for the numbers in test/methods/ibot/reference.json.

Run: python scripts/reference/ibot.py   (needs torch, timm, numpy)

It works the long way round, as the method is described: view by view and pair by pair, masked patches picked out one by one,
the last layer through torch's own weight_norm, teacher and centres as tensors that are moved after each step.
"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from mae import EPS, MEAN, STD, block, encoder_shapes, sin_cos, summary, without_key_bias
from seeded import seeded, seeded_parameter, seeded_pixels

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

CONFIG = dict(
    image=32, patch=8, width=48, depth=2, heads=3, ratio=4.0, batch=3, local_count=2, local_size=16, out_dim=20, hidden=24, bottleneck=12,
    student_temperature=0.1, cls_weight=1.0, patch_weight=0.7, drop_path=0.3,
)
TRAINING = dict(
    base_lr=0.05, min_lr=1e-4, warmup_epochs=1, steps_per_epoch=3, total_steps=12, wd=(0.04, 0.4), momentum=0.9, temperature=(0.04, 0.07),
    temperature_epochs=2, freeze_epochs=0, clip=3.0, centre=0.9,
)


def shapes(c):
    w = c["width"]
    layers = [("head.mlp.0", c["hidden"], w), ("head.mlp.2", c["hidden"], c["hidden"]), ("head.mlp.4", c["bottleneck"], c["hidden"])]
    head = [x for name, out, into in layers for x in ((f"{name}.weight", (out, into)), (f"{name}.bias", (out,)))]
    return encoder_shapes(c) + head + [("head.last_layer.weight_v", (c["out_dim"], c["bottleneck"]))]


def dropped_block(p, name, x, heads, attention, mlp):
    """Residual branches times their factors: block(x) = middle + mlp branch, middle = x + attention branch."""
    b, n, w = x.shape
    y = F.layer_norm(x, (w,), p[f"{name}.norm1.weight"], p[f"{name}.norm1.bias"], EPS)
    q, k, v = F.linear(y, p[f"{name}.attn.qkv.weight"], p[f"{name}.attn.qkv.bias"]).reshape(b, n, 3, heads, w // heads).permute(2, 0, 3, 1, 4)
    y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, w)
    x = x + attention * F.linear(y, p[f"{name}.attn.proj.weight"], p[f"{name}.attn.proj.bias"])
    y = F.layer_norm(x, (w,), p[f"{name}.norm2.weight"], p[f"{name}.norm2.bias"], EPS)
    return x + mlp * F.linear(F.gelu(F.linear(y, p[f"{name}.mlp.fc1.weight"], p[f"{name}.mlp.fc1.bias"])), p[f"{name}.mlp.fc2.weight"], p[f"{name}.mlp.fc2.bias"])


def network(p, pos, images, c, mask=None, factors=None):
    """Head outputs of all tokens of one view, class token first: [B, 1 + L, K]."""
    x = F.conv2d(images, p["patch_embed.proj.weight"], p["patch_embed.proj.bias"], stride=c["patch"])
    if mask is not None:
        x = x.permute(0, 2, 3, 1).clone()
        x[mask.bool()] = p["masked_embed"][0]
        x = x.permute(0, 3, 1, 2)
    x = torch.cat([p["cls_token"].expand(images.shape[0], -1, -1), x.flatten(2).transpose(1, 2)], dim=1) + pos
    for i in range(c["depth"]):
        if factors is None:
            x = block(p, f"blocks.{i}", x, c["heads"])
        else:
            x = dropped_block(p, f"blocks.{i}", x, c["heads"], factors[2 * i][:, None, None], factors[2 * i + 1][:, None, None])
    x = F.layer_norm(x, (c["width"],), p["norm.weight"], p["norm.bias"], EPS)
    for name in ("head.mlp.0", "head.mlp.2"):
        x = F.gelu(F.linear(x, p[f"{name}.weight"], p[f"{name}.bias"]))
    x = F.normalize(F.linear(x, p["head.mlp.4.weight"], p["head.mlp.4.bias"]), dim=-1)
    v = p["head.last_layer.weight_v"]
    return F.linear(x, torch._weight_norm(v, torch.ones(v.shape[0], 1), 0))


def losses(student, teacher, pos, local_pos, inputs, centres, temperature, c):
    large, small, masks, factors = inputs
    b = c["batch"]
    of_view = lambda view: factors[:, view * b:(view + 1) * b]
    theirs = [network(teacher, pos, view, c).detach() for view in large]
    ours = [network(student, pos, view, c, masks[i], of_view(i)) for i, view in enumerate(large)]
    near = [network(student, local_pos, view, c, None, of_view(2 + i)) for i, view in enumerate(small)]
    cls, pairs, patch, entropy, targets = 0.0, 0, 0.0, 0.0, []
    for i in range(2):
        target = F.softmax((theirs[i][:, 0] - centres[0]) / temperature, dim=-1)
        entropy = entropy + torch.distributions.Categorical(probs=target).entropy().mean() / 2
        targets.append(target)
        for j, view in enumerate(ours + near):
            if i != j:
                cls = cls + F.cross_entropy(view[:, 0] / c["student_temperature"], target)
                pairs += 1
        for n in range(b):
            hidden = masks[i][n].reshape(-1).nonzero()[:, 0]
            if len(hidden) > 0:
                target_patches = F.softmax((theirs[i][n, 1:][hidden] - centres[1]) / temperature, dim=-1)
                patch = patch + F.cross_entropy(ours[i][n, 1:][hidden] / c["student_temperature"], target_patches) / (2 * b)
    cls = cls / pairs
    outputs = torch.stack(theirs)
    means = outputs[:, :, 0].mean((0, 1)), outputs[:, :, 1:].mean((0, 1, 2))
    of_mean = torch.distributions.Categorical(probs=torch.cat(targets).mean(0)).entropy()
    return dict(loss=c["cls_weight"] * cls + c["patch_weight"] * patch, cls=cls, patch=patch, entropy=entropy, entropy_of_mean=of_mean, means=means)


def step_inputs(c, step):
    def views(index, count, size):
        pixels = seeded_pixels(index + step, (count, c["batch"], size, size, 3))
        return ((torch.tensor(pixels).double() / 255 - MEAN) / STD).permute(0, 1, 4, 2, 3)
    b, side, count = c["batch"], c["image"] // c["patch"], 2 + c["local_count"]
    # The last view of the second crop has no masked patch.
    masks = (torch.tensor(seeded(3300 + step, 2 * b * side * side)) > 0.2).double().reshape(2, b, side, side)
    masks[1, b - 1] = 0
    kept = torch.tensor(seeded(3400 + step, 2 * c["depth"] * count * b)).reshape(2 * c["depth"], count * b) > -0.4
    return views(3100, 2, c["image"]), views(3200, c["local_count"], c["local_size"]), masks, kept.double() / 0.7


def cosine(start, end, step, total):
    return end + (start - end) * (1 + math.cos(math.pi * step / total)) / 2


def main():
    c, t = CONFIG, TRAINING
    side, local_side = c["image"] // c["patch"], c["local_size"] // c["patch"]
    pos = sin_cos(c["width"], side)

    def resized(table, to):
        grid = table[:, 1:].reshape(1, int(math.sqrt(table.shape[1] - 1)), -1, table.shape[2]).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(to, to), mode="bicubic", align_corners=False)
        return torch.cat([table[:, :1], grid.permute(0, 2, 3, 1).reshape(1, to * to, -1)], 1)

    local_pos = resized(pos, local_side).float().double()
    names = [name for name, _ in shapes(c)]
    make = lambda first, all_shapes: {name: torch.tensor(seeded_parameter(first + i, name, shape)).double() for i, (name, shape) in enumerate(all_shapes)}
    teacher = make(0, shapes(c))
    student = make(100, shapes(c) + [("masked_embed", (1, c["width"]))])
    centres = [0.1 * torch.tensor(seeded(i, c["out_dim"])).float().double() for i in (41, 42)]
    out = {"config": c, "training_options": t, "torch": torch.__version__, "names": names}
    out["positions"] = {f"{a}-{b}": resized(sin_cos(8, a), b)[0].reshape(-1).tolist() for a, b in ((4, 2), (7, 3), (3, 4))}

    p = {k: v.clone().requires_grad_() for k, v in student.items()}
    found = losses(p, teacher, pos, local_pos, step_inputs(c, 0), centres, 0.05, c)
    found["loss"].backward()
    out["one"] = {
        **{k: found[k].item() for k in ("loss", "cls", "patch", "entropy", "entropy_of_mean")},
        "centres": [(0.9 * old + 0.1 * new).tolist() for old, new in zip(centres, found["means"])],
        "gradients": {k: summary(without_key_bias(k, v.grad)) for k, v in p.items()},
    }

    large, small, masks, factors = step_inputs(c, 0)
    found = losses(student, teacher, pos, local_pos, (large, small[:0], masks, torch.ones_like(factors)), centres, 0.05, c)
    out["alone"] = {k: found[k].item() for k in ("cls", "patch")}

    p = {k: v.clone().requires_grad_() for k, v in student.items()}
    ema = {k: v.clone() for k, v in teacher.items()}
    groups = [{"params": [v for v in p.values() if v.ndim <= 1], "weight_decay": 0.0}, {"params": [v for v in p.values() if v.ndim > 1]}]
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.999))
    peak, total = t["base_lr"] * c["batch"] / 256, t["total_steps"]
    warmup, rise = t["warmup_epochs"] * t["steps_per_epoch"], t["temperature_epochs"] * t["steps_per_epoch"]
    values, rates, norms = [], [], []
    for step in range(10):
        lr = peak * step / warmup if step < warmup else cosine(peak, t["min_lr"], step - warmup, total - warmup)
        wd, momentum = cosine(*t["wd"], step, total), cosine(t["momentum"], 1, step, total)
        temperature = t["temperature"][0] + (t["temperature"][1] - t["temperature"][0]) * min(step / rise, 1)
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.param_groups[1]["weight_decay"] = wd
        optimizer.zero_grad()
        found = losses(p, ema, pos, local_pos, step_inputs(c, step), centres, temperature, c)
        found["loss"].backward()
        norms.append(torch.nn.utils.clip_grad_norm_(p.values(), t["clip"]).item())
        optimizer.step()
        with torch.no_grad():
            for name in names:
                ema[name] = momentum * ema[name] + (1 - momentum) * p[name]
            centres = [t["centre"] * old + (1 - t["centre"]) * new for old, new in zip(centres, found["means"])]
        values.append(found["loss"].item())
        rates.append(dict(lr=lr, weight_decay=wd, teacher_momentum=momentum, teacher_temperature=temperature))
    assert any(norm > t["clip"] for norm in norms), "no step was clipped"
    out["training"] = {
        "losses": values, "rates": rates, "centres": [x.tolist() for x in centres],
        "student": {k: summary(without_key_bias(k, v)) for k, v in p.items()},
        "teacher": {k: summary(without_key_bias(k, v)) for k, v in ema.items()},
    }
    path = Path(__file__).parents[2] / "test/methods/ibot/reference.json"
    path.write_text(json.dumps(out) + "\n")
    print(path, {k: out["one"][k] for k in ("loss", "cls", "patch", "entropy")}, values, norms)


if __name__ == "__main__":
    main()
