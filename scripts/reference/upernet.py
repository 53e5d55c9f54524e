"""UperNet with its auxiliary head, and the pixel loss, in PyTorch, for test/models/upernet.reference.json.

Run: python scripts/reference/upernet.py   (needs torch, numpy)

The head is stated again from its paper and from what mmsegmentation's UPerHead does.
"""
import json
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

from pyramid import fill, given, told

D, CHANNELS, CLASSES, BINS = 8, 6, 5, (1, 2, 3, 6)
SIDES = (16, 8, 4, 2)


def grow(x, size):
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class Act(nn.Module):
    def __init__(self, into, out, size):
        super().__init__()
        self.conv = nn.Conv2d(into, out, size, padding=size // 2, bias=False)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x):
        self.seen = self.conv(x)
        return F.relu(self.bn(self.seen))


class UperNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.psp_modules = nn.ModuleList([nn.ModuleList([nn.AdaptiveAvgPool2d(bins), Act(D, CHANNELS, 1)]) for bins in BINS])
        self.bottleneck = Act(D + len(BINS) * CHANNELS, CHANNELS, 3)
        self.lateral_convs = nn.ModuleList([Act(D, CHANNELS, 1) for _ in range(3)])
        self.fpn_convs = nn.ModuleList([Act(CHANNELS, CHANNELS, 3) for _ in range(3)])
        self.fpn_bottleneck = Act(4 * CHANNELS, CHANNELS, 3)
        self.conv_seg = nn.Conv2d(CHANNELS, CLASSES, 1)

    def forward(self, maps):
        top = maps[3]
        pooled = [top] + [grow(conv(pool(top)), top.shape[2:]) for pool, conv in self.psp_modules]
        laterals = [conv(maps[i]) for i, conv in enumerate(self.lateral_convs)] + [self.bottleneck(torch.cat(pooled, 1))]
        for i in (3, 2, 1):
            laterals[i - 1] = laterals[i - 1] + grow(laterals[i], laterals[i - 1].shape[2:])
        outs = [conv(laterals[i]) for i, conv in enumerate(self.fpn_convs)] + [laterals[3]]
        return self.conv_seg(self.fpn_bottleneck(torch.cat([grow(out, outs[0].shape[2:]) for out in outs], 1)))


class Auxiliary(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([Act(D, CHANNELS, 3)])
        self.conv_seg = nn.Conv2d(CHANNELS, CLASSES, 1)

    def forward(self, x):
        return self.conv_seg(self.convs[0](x))


def main():
    maps, others = ([given(first + i, (2, D, side, side)) for i, side in enumerate(SIDES)] for first in (30, 40))
    head, auxiliary = UperNet(), Auxiliary()
    out = {"head": {"shapes": fill(head)}, "auxiliary": {"shapes": fill(auxiliary)}}
    head.eval()
    out["head"]["evaluated"] = told(head(maps))
    head.train()
    # Statistics over two batches, where a norm's inputs do not depend on norms before it.
    at = {"psp_modules.1.1": lambda: head.psp_modules[1][1].seen, "lateral_convs.0": lambda: head.lateral_convs[0].seen}
    values = {name: [] for name in at}
    for batch in (maps, others):
        head(batch)
        for name, seen in at.items():
            values[name].append(seen().detach())
    out["statistics"] = {name: {"mean": torch.cat(v).mean((0, 2, 3)).tolist(), "var": torch.cat(v).var((0, 2, 3), unbiased=False).tolist()} for name, v in values.items()}
    main_logits, aux_logits = head(maps), auxiliary(maps[2])
    out["head"]["logits"], out["auxiliary"]["logits"] = told(main_logits), told(aux_logits)
    # Labels by a formula; each seventh is ignored.
    n = 2 * 24 * 24
    labels = torch.tensor([255 if i % 7 == 3 else (i * i + i // 24) % CLASSES for i in range(n)]).reshape(2, 24, 24)
    losses = [F.cross_entropy(grow(logits, (24, 24)), labels, ignore_index=255) for logits in (main_logits, aux_logits)]
    (losses[0] + 0.4 * losses[1]).backward()
    out["losses"] = [loss.item() for loss in losses]
    out["gradients"] = {f"{which}.{name}": [round(v, 9) for v in p.grad.reshape(-1).tolist()]
                        for which, module in (("decode_head", head), ("auxiliary_head", auxiliary)) for name, p in module.named_parameters()
                        if name in ("psp_modules.2.1.conv.weight", "lateral_convs.0.conv.weight", "fpn_convs.2.bn.weight", "conv_seg.weight", "convs.0.bn.bias")}
    path = Path(__file__).parents[2] / "test/models/upernet.reference.json"
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, out["losses"])


if __name__ == "__main__":
    main()
