"""Convolutions, resizing, pooling and the two feature pyramids in PyTorch, for test/models/pyramid.reference.json.

Run: python scripts/reference/pyramid.py   (needs torch, numpy)
"""
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from seeded import seeded, seeded_parameter

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
EPS = 1e-6


def given(index, shape):
    """A map [B, C, H, W] whose values are counted in the order [B, H, W, C]."""
    b, c, h, w = shape
    return torch.tensor(seeded(index, b * c * h * w).astype(np.float32)).double().reshape(b, h, w, c).permute(0, 3, 1, 2)


def told(x):
    return [round(v, 8) for v in x.detach().permute(0, 2, 3, 1).reshape(-1).tolist()]


class ChannelNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.layer_norm(x.permute(0, 2, 3, 1), x.shape[1:2], self.weight, self.bias, EPS).permute(0, 3, 1, 2)


class ConvNorm(nn.Module):
    def __init__(self, into, out, size):
        super().__init__()
        self.conv = nn.Conv2d(into, out, size, padding=size // 2, bias=False)
        self.norm = ChannelNorm(out)

    def forward(self, x):
        return self.norm(self.conv(x))


class BlockPyramid(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.fpn1 = nn.ModuleList([nn.ConvTranspose2d(d, d, 2, 2, bias=False), nn.BatchNorm2d(d), nn.GELU(), nn.ConvTranspose2d(d, d, 2, 2, bias=False)])
        self.fpn2 = nn.ModuleList([nn.ConvTranspose2d(d, d, 2, 2, bias=False)])

    def forward(self, maps):
        x = maps[0]
        for layer in self.fpn1:
            x = layer(x)
        return [x, self.fpn2[0](maps[1]), maps[2], F.max_pool2d(maps[3], 2, 2)]


class SimpleLevel(nn.Module):
    def __init__(self, level, d, channels):
        super().__init__()
        self.level = level
        if level == 0:
            self.up1, self.norm, self.up2 = nn.ConvTranspose2d(d, d // 2, 2, 2), ChannelNorm(d // 2), nn.ConvTranspose2d(d // 2, d // 4, 2, 2)
        if level == 1:
            self.up1 = nn.ConvTranspose2d(d, d // 2, 2, 2)
        into = {0: d // 4, 1: d // 2}.get(level, d)
        self.project, self.smooth = ConvNorm(into, channels, 1), ConvNorm(channels, channels, 3)

    def forward(self, x):
        if self.level == 0:
            x = self.up2(F.gelu(self.norm(self.up1(x))))
        if self.level == 1:
            x = self.up1(x)
        if self.level == 3:
            x = F.max_pool2d(x, 2, 2)
        return self.smooth(self.project(x))


def fill(module):
    """Values by the formula, numbered by the place of a name in the order of names."""
    state = module.state_dict()
    names = sorted(name for name in state if not name.endswith("num_batches_tracked"))
    module.load_state_dict({name: torch.tensor(seeded_parameter(i, name, tuple(state[name].shape))).double() for i, name in enumerate(names)}, strict=False)
    return {name: list(state[name].shape) for name in names}


def main():
    torch.manual_seed(0)
    out = {}
    x = given(1, (2, 3, 5, 4))
    conv3, conv1, up = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 1), nn.ConvTranspose2d(3, 2, 2, 2)
    layers = nn.ModuleDict({"conv3": conv3, "conv1": conv1, "up": up})
    out["layers"] = {"shapes": fill(layers), "conv3": told(conv3(x)), "conv1": told(conv1(x)), "up": told(up(x))}
    out["resize"] = [{"to": to, "values": told(F.interpolate(x, to, mode="bilinear", align_corners=False))} for to in [(10, 8), (7, 9), (3, 2), (1, 1)]]
    out["pool"] = [{"bins": bins, "values": told(F.adaptive_avg_pool2d(x, bins))} for bins in (1, 2, 3, 6)]
    maps = [given(10 + i, (2, 8, 3, 3)) for i in range(4)]
    block = BlockPyramid(8)
    out["block"] = {"shapes": fill(block), "maps": [told(m) for m in block(maps)]}
    wide = [given(20 + i, (1, 8, 5, 5)) for i in range(4)]
    small = nn.ModuleDict({"fpn1": nn.ModuleList([nn.ConvTranspose2d(8, 8, 2, 2, bias=False)])})
    out["small"] = {"shapes": fill(small), "maps": [told(small["fpn1"][0](wide[0])), told(wide[1]), told(F.max_pool2d(wide[2], 2, 2)), told(F.max_pool2d(wide[3], 4, 4))]}
    simple = nn.ModuleList([SimpleLevel(level, 8, 6) for level in range(4)])
    out["simple"] = {"shapes": fill(simple), "maps": [told(level(maps[3])) for level in simple]}
    path = Path(__file__).parents[2] / "test/models/pyramid.reference.json"
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
