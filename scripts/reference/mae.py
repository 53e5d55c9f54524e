"""MAE restated in PyTorch, for the numbers in test/methods/mae/reference.json.

Run: python scripts/reference/mae.py   (needs torch, timm, numpy)

It works the long way round, as the method is described: every patch is embedded and given its position, then the kept
ones are gathered; every position is predicted, then the masked ones are averaged. The project's step takes short cuts.
Blocks are compared with timm's before any number is written.
"""
import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import timm
import torch
import torch.nn.functional as F

from seeded import seeded, seeded_parameter, seeded_pixels

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

CONFIG = dict(image=32, patch=8, width=48, depth=3, heads=3, ratio=4.0, dec_width=32, dec_depth=2, dec_heads=4, mask=0.6, batch=6)
MEAN = torch.tensor([0.485, 0.456, 0.406])
STD = torch.tensor([0.229, 0.224, 0.225])
EPS = 1e-6


def block_shapes(prefix, width, ratio):
    hidden = int(width * ratio)
    return [
        (f"{prefix}.norm1.weight", (width,)), (f"{prefix}.norm1.bias", (width,)),
        (f"{prefix}.attn.qkv.weight", (3 * width, width)), (f"{prefix}.attn.qkv.bias", (3 * width,)),
        (f"{prefix}.attn.proj.weight", (width, width)), (f"{prefix}.attn.proj.bias", (width,)),
        (f"{prefix}.norm2.weight", (width,)), (f"{prefix}.norm2.bias", (width,)),
        (f"{prefix}.mlp.fc1.weight", (hidden, width)), (f"{prefix}.mlp.fc1.bias", (hidden,)),
        (f"{prefix}.mlp.fc2.weight", (width, hidden)), (f"{prefix}.mlp.fc2.bias", (width,)),
    ]


def encoder_shapes(c):
    w = c["width"]
    shapes = [("cls_token", (1, 1, w)), ("patch_embed.proj.weight", (w, 3, c["patch"], c["patch"])), ("patch_embed.proj.bias", (w,))]
    for i in range(c["depth"]):
        shapes += block_shapes(f"blocks.{i}", w, c["ratio"])
    return shapes + [("norm.weight", (w,)), ("norm.bias", (w,))]


def decoder_shapes(c):
    w, values = c["dec_width"], c["patch"] ** 2 * 3
    shapes = [("mask_token", (1, 1, w)), ("decoder_embed.weight", (w, c["width"])), ("decoder_embed.bias", (w,))]
    for i in range(c["dec_depth"]):
        shapes += block_shapes(f"decoder_blocks.{i}", w, c["ratio"])
    return shapes + [("decoder_norm.weight", (w,)), ("decoder_norm.bias", (w,)), ("decoder_pred.weight", (values, w)), ("decoder_pred.bias", (values,))]


def sin_cos(width, side):
    """Row 0 (class token) zero; then for patch (y, x): half the channels from x, half from y, sines before cosines."""
    def one(positions, dim):
        omega = 1.0 / 10000 ** (np.arange(dim // 2) / (dim / 2.0))
        angle = np.outer(positions, omega)
        return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    ys, xs = np.divmod(np.arange(side * side), side)
    table = np.concatenate([one(xs, width // 2), one(ys, width // 2)], axis=1)
    return torch.tensor(np.concatenate([np.zeros((1, width)), table])[None].astype(np.float32)).double()


def block(p, name, x, heads):
    b, n, w = x.shape
    y = F.layer_norm(x, (w,), p[f"{name}.norm1.weight"], p[f"{name}.norm1.bias"], EPS)
    qkv = F.linear(y, p[f"{name}.attn.qkv.weight"], p[f"{name}.attn.qkv.bias"]).reshape(b, n, 3, heads, w // heads).permute(2, 0, 3, 1, 4)
    q, k, v = qkv.unbind(0)
    y = (F.softmax(q @ k.transpose(-2, -1) / math.sqrt(w // heads), dim=-1) @ v).transpose(1, 2).reshape(b, n, w)
    x = x + F.linear(y, p[f"{name}.attn.proj.weight"], p[f"{name}.attn.proj.bias"])
    y = F.layer_norm(x, (w,), p[f"{name}.norm2.weight"], p[f"{name}.norm2.bias"], EPS)
    y = F.gelu(F.linear(y, p[f"{name}.mlp.fc1.weight"], p[f"{name}.mlp.fc1.bias"]))
    return x + F.linear(y, p[f"{name}.mlp.fc2.weight"], p[f"{name}.mlp.fc2.bias"])


def patchify(images, patch):
    n, channels, size, _ = images.shape
    side = size // patch
    x = images.reshape(n, channels, side, patch, side, patch)
    return torch.einsum("nchpwq->nhwpqc", x).reshape(n, side * side, patch * patch * channels)


def forward(p, pos, dec_pos, images, noise, c, norm_pix):
    """loss, predictions for every position, mask, encoder output."""
    x = F.conv2d(images, p["patch_embed.proj.weight"], p["patch_embed.proj.bias"], stride=c["patch"]).flatten(2).transpose(1, 2)
    x = x + pos[:, 1:]
    n, count, width = x.shape
    keep = int(count * (1 - c["mask"]))
    shuffle = torch.argsort(noise, dim=1)
    restore = torch.argsort(shuffle, dim=1)
    kept = torch.gather(x, 1, shuffle[:, :keep, None].expand(-1, -1, width))
    mask = torch.ones(n, count)
    mask[:, :keep] = 0
    mask = torch.gather(mask, 1, restore)
    x = torch.cat([(p["cls_token"] + pos[:, :1]).expand(n, -1, -1), kept], dim=1)
    for i in range(c["depth"]):
        x = block(p, f"blocks.{i}", x, c["heads"])
    latent = F.layer_norm(x, (width,), p["norm.weight"], p["norm.bias"], EPS)

    y = F.linear(latent, p["decoder_embed.weight"], p["decoder_embed.bias"])
    fill = p["mask_token"].expand(n, count - keep, -1)
    body = torch.cat([y[:, 1:], fill], dim=1)
    body = torch.gather(body, 1, restore[:, :, None].expand(-1, -1, y.shape[2]))
    y = torch.cat([y[:, :1], body], dim=1) + dec_pos
    for i in range(c["dec_depth"]):
        y = block(p, f"decoder_blocks.{i}", y, c["dec_heads"])
    y = F.layer_norm(y, (c["dec_width"],), p["decoder_norm.weight"], p["decoder_norm.bias"], EPS)
    pred = F.linear(y, p["decoder_pred.weight"], p["decoder_pred.bias"])[:, 1:]

    target = patchify(images, c["patch"])
    if norm_pix:
        target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
    loss = ((pred - target) ** 2).mean(-1)
    return (loss * mask).sum() / mask.sum(), pred, mask, latent


def make(c):
    shapes = encoder_shapes(c) + decoder_shapes(c)
    return {name: torch.tensor(seeded_parameter(i, name, shape)).double() for i, (name, shape) in enumerate(shapes)}


def step_inputs(c, step):
    pixels = seeded_pixels(1000 + step, (c["batch"], c["image"], c["image"], 3))
    images = ((torch.tensor(pixels).double() / 255 - MEAN) / STD).permute(0, 3, 1, 2)
    count = (c["image"] // c["patch"]) ** 2
    noise = torch.tensor(seeded(2000 + step, c["batch"] * count).reshape(c["batch"], count))
    assert all(len(set(row.tolist())) == count for row in noise), "equal noise would leave the order open"
    return images, noise


def summary(t):
    flat = t.detach().reshape(-1)
    weights = torch.tensor(seeded(5, flat.numel()))
    return {"norm": flat.norm().item(), "dot": (flat * weights).sum().item(), "first": flat[:4].tolist(), "last": flat[-4:].tolist()}


def pred_masked(pred, noise, c):
    """Predictions of the masked patches in the order in which they were shuffled."""
    keep = int(pred.shape[1] * (1 - c["mask"]))
    order = torch.argsort(noise, dim=1)[:, keep:, None].expand(-1, -1, pred.shape[2])
    return torch.gather(pred, 1, order)


def without_key_bias(name, t):
    """Softmax does not see a bias of the keys: its gradient is zero but for rounding, which Adam would blow up to full steps."""
    if not name.endswith("attn.qkv.bias"):
        return t
    third = t.numel() // 3
    return torch.cat([t[:third], t[2 * third:]])


def check_with_timm(p, c):
    for name, width, heads, depth in (("blocks", c["width"], c["heads"], c["depth"]), ("decoder_blocks", c["dec_width"], c["dec_heads"], c["dec_depth"])):
        for i in range(depth):
            theirs = timm.models.vision_transformer.Block(width, heads, c["ratio"], qkv_bias=True, norm_layer=partial(torch.nn.LayerNorm, eps=EPS))
            prefix = f"{name}.{i}."
            theirs.load_state_dict({k[len(prefix):]: v for k, v in p.items() if k.startswith(prefix)})
            x = torch.tensor(seeded(9, 5 * 7 * width).reshape(5, 7, width))
            assert torch.allclose(theirs(x), block(p, f"{name}.{i}", x, heads), atol=1e-12), name


def rate(step, peak, warmup, total):
    if step < warmup:
        return peak * step / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def main():
    c = CONFIG
    pos, dec_pos = sin_cos(c["width"], c["image"] // c["patch"]), sin_cos(c["dec_width"], c["image"] // c["patch"])
    params = make(c)
    check_with_timm(params, c)
    out = {"config": c, "torch": torch.__version__, "timm": timm.__version__, "names": list(params)}
    images, noise = step_inputs(c, 0)
    for norm_pix in (True, False):
        p = {k: v.clone().requires_grad_() for k, v in params.items()}
        loss, pred, mask, latent = forward(p, pos, dec_pos, images, noise, c, norm_pix)
        loss.backward()
        out["norm_pix" if norm_pix else "raw"] = {
            "loss": loss.item(),
            "gradients": {k: summary(without_key_bias(k, v.grad)) for k, v in p.items()},
            **({"latent": summary(latent), "predicted": summary(pred_masked(pred, noise, c)), "mask": mask.int().reshape(-1).tolist()} if norm_pix else {}),
        }
    out["positions"] = {"encoder": summary(pos), "decoder": summary(dec_pos), "patch_6": pos[0, 7].tolist()}

    p = {k: v.clone().requires_grad_() for k, v in params.items()}
    plain = [v for v in p.values() if v.ndim <= 1]
    decayed = [v for v in p.values() if v.ndim > 1]
    optimizer = torch.optim.AdamW([{"params": plain, "weight_decay": 0.0}, {"params": decayed, "weight_decay": 0.05}], lr=0.0, betas=(0.9, 0.95))
    base_lr, warmup_epochs, steps_per_epoch, total = 0.05, 1, 3, 12
    peak = base_lr * c["batch"] / 256
    losses, rates = [], []
    for step in range(10):
        images, noise = step_inputs(c, step)
        lr = rate(step, peak, warmup_epochs * steps_per_epoch, total)
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.zero_grad()
        loss = forward(p, pos, dec_pos, images, noise, c, True)[0]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        rates.append(lr)
    out["training"] = {
        "base_lr": base_lr, "warmup_epochs": warmup_epochs, "steps_per_epoch": steps_per_epoch, "total_steps": total,
        "losses": losses, "rates": rates, "parameters": {k: summary(without_key_bias(k, v)) for k, v in p.items()},
    }
    path = Path(__file__).parents[2] / "test/methods/mae/reference.json"
    path.write_text(json.dumps(out) + "\n")
    print(path, out["norm_pix"]["loss"], losses)


if __name__ == "__main__":
    main()
