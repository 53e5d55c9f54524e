"""Parts of a detector by torchvision, for test/models/detector/detector.reference.json.

Run: python scripts/reference/detector.py   (needs torch, torchvision, numpy)

Boxes and values are made by the formula of seeded.py, which the tests repeat.
"""
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.rpn import RegionProposalNetwork
from torchvision.ops import batched_nms, box_iou, nms, roi_align
from torchvision.ops.poolers import LevelMapper

from seeded import seeded, seeded_parameter

torch.set_num_threads(1)
RATIOS = (0.5, 1.0, 2.0)


def values(index, *shape):
    return torch.tensor(seeded(index, int(np.prod(shape))).astype(np.float32).reshape(shape))


def boxes(index, count, size):
    """Boxes inside of a square; test/models/detector/made.ts makes the same."""
    u = (seeded(index, 4 * count).reshape(count, 4) + 1) / 2
    side = size * (0.1 + 0.4 * u[:, 2:])
    start = u[:, :2] * (size - side)
    return torch.tensor(np.concatenate([start, start + side], 1).astype(np.float32))


def flat(x):
    return [round(float(v), 7) for v in torch.as_tensor(x).detach().double().flatten()]


def anchors(strides, sides, sizes, scale=1000):
    """torchvision rounds its anchors to pixels: made a thousand times as large, and moved to the cells' centres."""
    generator = AnchorGenerator(sizes=tuple((s * scale,) for s in sizes), aspect_ratios=(RATIOS,) * len(sizes))
    out = []
    for stride, side, cell in zip(strides, sides, generator.cell_anchors):
        shifts = torch.arange(side) * stride * scale
        y, x = torch.meshgrid(shifts, shifts, indexing="ij")
        shift = torch.stack([x, y, x, y], -1).reshape(-1, 1, 4)
        out.append((shift + cell).reshape(-1, 4) / scale + stride / 2)
    return torch.cat(out)


def proposals():
    """Two pictures, two levels: what torchvision's network hands on."""
    strides, sides, sizes = (4, 8), (6, 3), (16, 32)
    all_anchors = anchors(strides, sides, sizes)
    counts = [s * s * len(RATIOS) for s in sides]
    total = sum(counts)
    objectness = values(400, 2, total) * 3 + torch.arange(2 * total).reshape(2, total) * 1e-4  # no two are equal
    deltas = values(401, 2, total, 4) * 0.5
    coder = BoxCoder((1.0, 1.0, 1.0, 1.0))
    decoded = coder.decode(deltas.reshape(-1, 4), [all_anchors, all_anchors]).reshape(2, total, 4)
    network = RegionProposalNetwork(None, None, 0.7, 0.3, 64, 0.5, dict(training=24, testing=24), dict(training=12, testing=12), 0.7)
    network.eval()
    found, scores = network.filter_proposals(decoded, objectness.reshape(-1, 1), [(20, 24), (24, 16)], counts)
    return dict(boxes=[flat(b) for b in found], counts=[len(b) for b in found])


def main():
    one, other = boxes(100, 40, 32), boxes(101, 6, 32)
    reference = {}
    reference["anchors"] = flat(anchors((4, 8), (6, 3), (16, 32)))
    coder = {}
    for name, weights in dict(rpn=(1.0, 1.0, 1.0, 1.0), head=(10.0, 10.0, 5.0, 5.0)).items():
        code = BoxCoder(weights)
        deltas = values(102, 40, 4) * weights[0]
        deltas[0, 2] = 100.0
        coder[name] = dict(encoded=flat(code.encode_single(one, boxes(103, 40, 32))), decoded=flat(code.decode_single(deltas, one)))
    reference["coding"] = coder
    reference["iou"] = flat(box_iou(one, other))

    many, scores = boxes(104, 60, 20), values(105, 60)
    groups = torch.arange(60) % 3
    reference["nms"] = {str(t): dict(one=nms(many, scores, t).tolist(), grouped=batched_nms(many, scores, groups, t).tolist()) for t in (0.3, 0.5)}
    crowded = []
    for g in range(6):
        near = boxes(110, 1, 32) + values(111 + g, 48, 4) * (0.5 + g)
        kept = nms(near, torch.arange(48, 0, -1).float(), 0.7)
        crowded.append([int(i in kept.tolist()) for i in range(48)])
    reference["crowded"] = crowded

    truth = boxes(120, 5, 40)
    located = anchors((4, 8), (6, 3), (16, 32))
    matches = Matcher(0.7, 0.3, allow_low_quality_matches=True)(box_iou(truth, located))
    reference["matches"] = matches.tolist()

    maps = [values(130, 2, 5, 8, 8).requires_grad_(), values(131, 2, 5, 4, 4).requires_grad_()]
    regions = [boxes(132, 7, 32), boxes(133, 7, 32)]
    regions[0][0] = torch.tensor([0.0, 0.0, 32.0, 32.0])
    levels = LevelMapper(2, 3, canonical_scale=4, canonical_level=2)(regions)
    read = torch.stack([roi_align(maps[int(l)], torch.cat([torch.full((1, 1), float(i // 7)), regions[i // 7][i % 7][None]], 1), (3, 3), 1 / (4 * 2 ** int(l)), 2, True)[0] for i, l in enumerate(levels)])
    (read * values(134, *read.permute(0, 2, 3, 1).shape).permute(0, 3, 1, 2)).sum().backward()
    reference["align"] = dict(levels=levels.tolist(), read=flat(read.permute(0, 2, 3, 1)), gradients=[flat(m.grad.permute(0, 2, 3, 1)) for m in maps])

    masks = (values(140, 3, 1, 32, 32) > -0.4).float()
    target = roi_align(masks, [boxes(141 + i, 2, 32) for i in range(3)], (6, 6), 1.0, 2, True)[:, 0]
    reference["targets"] = flat((target >= 0.5).float())

    logits, wanted, weights = (values(150, 3, 4) * 4).requires_grad_(), (values(151, 3, 4) > 0).float(), (values(152, 3, 4) > -0.5).float()
    bce = (F.binary_cross_entropy_with_logits(logits, wanted, reduction="none") * weights).sum()
    l1 = (F.l1_loss(logits, values(153, 3, 4), reduction="none") * weights).sum()
    rows = torch.tensor([1.0, 0.0, 1.0])
    ce = (F.cross_entropy(logits, torch.tensor([2, 0, 1]), reduction="none") * rows).sum()
    reference["losses"] = {name: dict(value=float(loss.detach()), gradient=flat(torch.autograd.grad(loss, logits, retain_graph=True)[0])) for name, loss in dict(bce=bce, l1=l1, ce=ce).items()}

    reference["proposals"] = proposals()

    mask = (values(160, 1, 1, 6, 6) + 1) / 2
    left, top, right, bottom = 2.3, -1.2, 11.8, 7.6
    y = (torch.arange(9) + 0.5 - top) / (bottom - top) * 2 - 1
    x = (torch.arange(14) + 0.5 - left) / (right - left) * 2 - 1
    grid = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)[None]
    reference["pasted"] = (F.grid_sample(mask, grid, align_corners=False)[0, 0] >= 0.5).int().flatten().tolist()

    def p(index, name, *shape):
        return torch.tensor(seeded_parameter(index, name, shape))
    channels, hidden, classes, size = 4, 6, 3, 7
    x = values(170, 2, channels, size, size)
    conv = F.relu(F.conv2d(x, p(0, "w", channels, channels, 3, 3), p(1, "b", channels), padding=1))
    reference["rpn"] = dict(
        objectness=flat(F.conv2d(conv, p(2, "w", 3, channels, 1, 1), p(3, "b", 3)).permute(0, 2, 3, 1)),
        deltas=flat(F.conv2d(conv, p(4, "w", 12, channels, 1, 1), p(5, "b", 12)).permute(0, 2, 3, 1)))
    rows = x.permute(0, 2, 3, 1).reshape(2, -1)
    h = F.relu(F.linear(F.relu(F.linear(rows, p(0, "w", hidden, rows.shape[1]), p(1, "b", hidden))), p(2, "w", hidden, hidden), p(3, "b", hidden)))
    reference["box_head"] = dict(logits=flat(F.linear(h, p(4, "w", classes + 1, hidden), p(5, "b", classes + 1))), deltas=flat(F.linear(h, p(6, "w", 4, hidden), p(7, "b", 4))))
    m = F.relu(F.conv2d(x, p(0, "w", channels, channels, 3, 3), p(1, "b", channels), padding=1))
    m = F.relu(F.conv_transpose2d(m, p(2, "w", channels, channels, 2, 2), p(3, "b", channels), stride=2))
    reference["mask_head"] = flat(F.conv2d(m, p(4, "w", 1, channels, 1, 1), p(5, "b", 1))[:, 0])

    Path("test/models/detector/detector.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
