"""MixedAE restated in PyTorch, for the numbers in test/methods/mixedae/reference.json.

Run: python scripts/reference/mixedae.py   (needs torch, timm, numpy)

It works the long way round, as the method is described: pixels are mixed by a map of sources, one picture a group; its
patches are embedded row by row; keys outside the top k are set to -inf; the contrastive loss loops over tokens and their
positives; each image's tokens are picked from the group's by the map. The project's step reorders tokens and takes short cuts.
"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from mae import EPS, MEAN, STD, decoder_shapes, encoder_shapes, patchify, rate, sin_cos, summary, without_key_bias, block
from seeded import seeded, seeded_parameter, seeded_pixels

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

CONFIG = dict(
    image=32, patch=8, width=48, depth=3, heads=3, ratio=4.0, dec_width=32, dec_depth=2, dec_heads=4, batch=8,
    images=4, topk=4, first_topk=1, projector=24, weight=0.5, temperature=0.25,
)
# Distances between a query's k-th and next score, the smallest of each call: no selection may hang on rounding.
gaps = []


def shapes(c):
    w, p = c["width"], c["projector"]
    extra = [
        ("segment_embed", (c["images"], w)),
        ("projector.fc1.weight", (p, w)), ("projector.fc1.bias", (p,)), ("projector.fc2.weight", (p, p)), ("projector.fc2.bias", (p,)),
    ]
    return encoder_shapes(c) + decoder_shapes(c) + extra


def sources(noise, images):
    """[G, L] of the image that gives each position: the first L / n positions in the order of noise are image 0's."""
    groups, count = noise.shape
    order = torch.argsort(noise, dim=1)
    which = torch.empty(groups, count, dtype=torch.long)
    for g in range(groups):
        for rank in range(count):
            which[g, order[g, rank]] = rank // (count // images)
    return which


def top_attention(q, k, v, count, alike=False):
    """softmax(TopK(q k^T / sqrt(d))) v and the selection. q, k, v: [B, H, T, d], class token first."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    first = 0 if alike else 1
    chosen = torch.zeros_like(scores, dtype=torch.bool)
    best = scores[..., first:].topk(count + 1, dim=-1)
    rows = best.values if alike else best.values[:, :, 1:]
    gaps.append((rows[..., count - 1] - rows[..., count]).min().item())
    chosen[..., first:].scatter_(-1, best.indices[..., :count], True)
    if not alike:
        chosen[..., 0] = True
        chosen[..., 0, :] = True
    return F.softmax(scores.masked_fill(~chosen, -math.inf), dim=-1) @ v, chosen


def top_block(p, name, x, heads, count):
    b, n, w = x.shape
    y = F.layer_norm(x, (w,), p[f"{name}.norm1.weight"], p[f"{name}.norm1.bias"], EPS)
    qkv = F.linear(y, p[f"{name}.attn.qkv.weight"], p[f"{name}.attn.qkv.bias"]).reshape(b, n, 3, heads, w // heads).permute(2, 0, 3, 1, 4)
    y, chosen = top_attention(*qkv.unbind(0), count)
    x = x + F.linear(y.transpose(1, 2).reshape(b, n, w), p[f"{name}.attn.proj.weight"], p[f"{name}.attn.proj.bias"])
    y = F.layer_norm(x, (w,), p[f"{name}.norm2.weight"], p[f"{name}.norm2.bias"], EPS)
    y = F.linear(F.gelu(F.linear(y, p[f"{name}.mlp.fc1.weight"], p[f"{name}.mlp.fc1.bias"])), p[f"{name}.mlp.fc2.weight"], p[f"{name}.mlp.fc2.bias"])
    return x + y, chosen


def contrast(z, which, temperature):
    """By the formula, token by token. z: [G, L, W]; which: [G, L]."""
    total = 0.0
    for g in range(z.shape[0]):
        cosines = F.cosine_similarity(z[g][:, None], z[g][None], dim=-1) / temperature
        for j in range(z.shape[1]):
            others = [a for a in range(z.shape[1]) if a != j]
            positives = [a for a in others if which[g, a] == which[g, j]]
            logs = cosines[j] - torch.logsumexp(cosines[j, others], 0)
            total = total - logs[positives].mean() / z.shape[1]
    return total / z.shape[0]


def forward(p, pos, dec_pos, images, noise, c, norm_pix, naive=False):
    n = c["images"]
    batch = images.shape[0]
    side = c["image"] // c["patch"]
    count = side * side
    which = sources(noise, n)
    pixel_map = which.reshape(-1, 1, side, side).repeat_interleave(c["patch"], 2).repeat_interleave(c["patch"], 3)
    groups = images.reshape(batch // n, n, 3, c["image"], c["image"])
    mixed = sum(groups[:, i] * (pixel_map == i) for i in range(n))
    x = F.conv2d(mixed, p["patch_embed.proj.weight"], p["patch_embed.proj.bias"], stride=c["patch"]).flatten(2).transpose(1, 2) + pos[:, 1:]
    if not naive:
        x = x + p["segment_embed"][which]
    x = torch.cat([(p["cls_token"] + pos[:, :1]).expand(x.shape[0], -1, -1), x], dim=1)
    shares = []
    for i in range(c["depth"]):
        if naive or i < c["first_topk"]:
            x = block(p, f"blocks.{i}", x, c["heads"])
        else:
            x, chosen = top_block(p, f"blocks.{i}", x, c["heads"], c["topk"])
            between = chosen[:, :, 1:, 1:]
            same = (which[:, :, None] == which[:, None])[:, None].expand_as(between)
            shares.append((between & same).sum().item() / between.sum().item())
    latent = F.layer_norm(x, (c["width"],), p["norm.weight"], p["norm.bias"], EPS)

    y = F.linear(latent, p["decoder_embed.weight"], p["decoder_embed.bias"])
    squares, unseen, predictions = 0.0, 0, []
    for b in range(batch):
        g, i = divmod(b, n)
        own = (which[g] == i)[:, None]
        tokens = torch.where(own, y[g, 1:], p["mask_token"][0])
        tokens = torch.cat([y[g, :1], tokens], 0)[None] + dec_pos
        for d in range(c["dec_depth"]):
            tokens = block(p, f"decoder_blocks.{d}", tokens, c["dec_heads"])
        tokens = F.layer_norm(tokens, (c["dec_width"],), p["decoder_norm.weight"], p["decoder_norm.bias"], EPS)
        predicted = F.linear(tokens, p["decoder_pred.weight"], p["decoder_pred.bias"])[0, 1:]
        target = patchify(images[b:b + 1], c["patch"])[0]
        if norm_pix:
            target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
        each = ((predicted - target) ** 2).mean(-1)
        squares = squares + each[~own[:, 0]].sum()
        unseen += int((~own).sum())
        predictions.append(torch.where(own, 0.0, predicted))
    reconstruction = squares / unseen
    if naive:
        return dict(loss=reconstruction)
    z = F.linear(F.gelu(F.linear(latent[:, 1:], p["projector.fc1.weight"], p["projector.fc1.bias"])), p["projector.fc2.weight"], p["projector.fc2.bias"])
    contrastive = contrast(z, which, c["temperature"])
    return dict(
        loss=reconstruction + c["weight"] * contrastive, reconstruction=reconstruction, contrastive=contrastive, shares=shares,
        which=which, latent=latent, predicted=torch.stack(predictions),
    )


def step_inputs(c, step):
    pixels = seeded_pixels(1100 + step, (c["batch"], c["image"], c["image"], 3))
    images = ((torch.tensor(pixels).double() / 255 - MEAN) / STD).permute(0, 3, 1, 2)
    groups, count = c["batch"] // c["images"], (c["image"] // c["patch"]) ** 2
    noise = torch.tensor(seeded(2100 + step, groups * count).reshape(groups, count))
    assert all(len(set(row.tolist())) == count for row in noise), "equal noise would leave the order open"
    return images, noise


def alone():
    """Attention and contrastive loss of drawn numbers, without a network, with the gradients of a fixed sum."""
    batch, tokens, heads, width, count = 2, 9, 2, 8, 3
    values = 2 * torch.tensor(seeded(31, batch * tokens * 3 * width)).reshape(batch, tokens, 3 * width)
    weights = torch.tensor(seeded(32, batch * tokens * width)).reshape(batch, tokens, width)
    out = {"shape": [batch, tokens, heads, width, count]}
    for alike in (False, True):
        qkv = values.clone().requires_grad_()
        q, k, v = qkv.reshape(batch, tokens, 3, heads, width // heads).permute(2, 0, 3, 1, 4).unbind(0)
        attended, chosen = top_attention(q, k, v, count, alike)
        attended = attended.transpose(1, 2).reshape(batch, tokens, width)
        (attended * weights).sum().backward()
        out["alike" if alike else "apart"] = {"attended": summary(attended), "gradient": summary(qkv.grad), "selected": chosen.int().reshape(-1).tolist()}
    groups, images, own = 2, 3, 4
    z = torch.tensor(seeded(33, groups * images * own * 5)).reshape(groups, images * own, 5).requires_grad_()
    which = torch.arange(images).repeat_interleave(own).expand(groups, -1)
    loss = contrast(z, which, 0.2)
    loss.backward()
    out["contrast"] = {"shape": [groups, images, own, 5], "temperature": 0.2, "loss": loss.item(), "gradient": summary(z.grad)}
    # The projector: linear layers with GELU between, from width 6 to 5; its parameters drawn in the order of their names.
    for depth in (1, 3):
        tokens, x = torch.tensor(seeded(34, 2 * 4 * 6)).reshape(2, 4, 6), None
        for layer in range(depth):
            entering = tokens if x is None else F.gelu(x)
            weight = torch.tensor(seeded(40 + 2 * layer, 5 * entering.shape[-1])).reshape(5, -1)
            x = F.linear(entering, weight, torch.tensor(seeded(41 + 2 * layer, 5)))
        out[f"projector_{depth}"] = summary(x)
    return out


def main():
    c = CONFIG
    pos, dec_pos = sin_cos(c["width"], c["image"] // c["patch"]), sin_cos(c["dec_width"], c["image"] // c["patch"])
    params = {name: torch.tensor(seeded_parameter(i, name, shape)).double() for i, (name, shape) in enumerate(shapes(c))}
    out = {"config": c, "torch": torch.__version__, "names": list(params), "alone": alone()}
    images, noise = step_inputs(c, 0)
    for norm_pix in (True, False):
        p = {k: v.clone().requires_grad_() for k, v in params.items()}
        found = forward(p, pos, dec_pos, images, noise, c, norm_pix)
        found["loss"].backward()
        out["norm_pix" if norm_pix else "raw"] = {
            "loss": found["loss"].item(), "reconstruction": found["reconstruction"].item(), "contrastive": found["contrastive"].item(),
            "gradients": {k: summary(without_key_bias(k, v.grad)) for k, v in p.items()},
        }
        if norm_pix:
            out["forward"] = {
                "which": found["which"].reshape(-1).tolist(), "shares": found["shares"],
                "latent": summary(found["latent"]), "predicted": summary(found["predicted"]),
            }
    out["naive"] = forward(params, pos, dec_pos, images, noise, c, True, naive=True)["loss"].item()

    p = {k: v.clone().requires_grad_() for k, v in params.items()}
    plain = [v for v in p.values() if v.ndim <= 1]
    decayed = [v for v in p.values() if v.ndim > 1]
    optimizer = torch.optim.AdamW([{"params": plain, "weight_decay": 0.0}, {"params": decayed, "weight_decay": 0.05}], lr=0.0, betas=(0.9, 0.95))
    base_lr, warmup_epochs, steps_per_epoch, total = 0.05, 1, 3, 12
    peak = base_lr * c["batch"] / 256
    losses, rates = [], []
    for step in range(10):
        lr = rate(step, peak, warmup_epochs * steps_per_epoch, total)
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.zero_grad()
        loss = forward(p, pos, dec_pos, *step_inputs(c, step), c, True)["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        rates.append(lr)
    out["training"] = {
        "base_lr": base_lr, "warmup_epochs": warmup_epochs, "steps_per_epoch": steps_per_epoch, "total_steps": total,
        "losses": losses, "rates": rates, "parameters": {k: summary(without_key_bias(k, v)) for k, v in p.items()},
    }
    assert min(gaps) > 1e-5, f"a selection hangs on rounding: {min(gaps)}"
    path = Path(__file__).parents[2] / "test/methods/mixedae/reference.json"
    path.write_text(json.dumps(out) + "\n")
    print(path, out["norm_pix"]["loss"], out["forward"]["shares"], out["naive"], "smallest gap", min(gaps), losses)


if __name__ == "__main__":
    main()
