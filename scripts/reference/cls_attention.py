"""The class token's attention in the last block of timm's VisionTransformer, for test/models/cls-attention.reference.json.

Run: python scripts/reference/cls_attention.py   (needs torch, timm, numpy)

The weights are caught where timm's own attention hands them on, behind its softmax.
"""
import json
from functools import partial
from pathlib import Path

import timm
import torch
from timm.models.vision_transformer import VisionTransformer

from mae import EPS, MEAN, STD, sin_cos
from seeded import seeded_parameter, seeded_pixels

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
CONFIG = dict(image=32, patch=8, width=48, depth=3, heads=3, batch=2)


def main():
    c = CONFIG
    pixels = seeded_pixels(3000, (c["batch"], c["image"], c["image"], 3))
    images = ((torch.tensor(pixels).double() / 255 - MEAN) / STD).permute(0, 3, 1, 2)
    model = VisionTransformer(img_size=c["image"], patch_size=c["patch"], embed_dim=c["width"], depth=c["depth"], num_heads=c["heads"],
                              num_classes=0, norm_layer=partial(torch.nn.LayerNorm, eps=EPS)).double()
    names = [name for name, _ in model.named_parameters()]
    # Queries and keys twice as large as the formula's: the softmax is then far from flat.
    state = {name: torch.tensor(seeded_parameter(i, name, tuple(p.shape))).double() * (2 if name.endswith("attn.qkv.weight") else 1)
             for i, (name, p) in enumerate(model.named_parameters())}
    state["pos_embed"] = sin_cos(c["width"], c["image"] // c["patch"])
    model.load_state_dict(state)
    model.eval()
    attention = model.blocks[-1].attn
    attention.fused_attn = False
    caught = []
    attention.attn_drop.register_forward_hook(lambda _module, given, _out: caught.append(given[0].detach()))
    model(images)
    (weights,) = caught
    assert weights.shape == (c["batch"], c["heads"], 17, 17)
    out = {"config": c, "timm": timm.__version__, "parameters": names, "patches": weights[:, :, 0, 1:].reshape(-1).tolist(), "own": weights[:, :, 0, 0].reshape(-1).tolist()}
    path = Path(__file__).parents[2] / "test/models/cls-attention.reference.json"
    path.write_text(json.dumps(out) + "\n")
    print(path, weights[0, :, 0].max(-1).values.tolist(), weights[0, :, 0].min(-1).values.tolist(), out["own"])


if __name__ == "__main__":
    main()
