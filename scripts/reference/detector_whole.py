"""A whole detector's losses, gradients and finds by PyTorch and torchvision, for test/models/detector/whole.reference.json.

Run: python scripts/reference/detector_whole.py   (needs torch, torchvision, numpy)

One head and the cascade's three on three maps of two pictures. Values are made by the formula of seeded.py, which the test repeats;
single parts are compared by detector.py.
"""
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.ops import batched_nms, box_iou, clip_boxes_to_image, remove_small_boxes, roi_align

from detector import anchors, boxes, flat, values
from seeded import seeded, seeded_parameter

torch.set_num_threads(1)
PICTURES, OBJECTS, SIDE, CLASSES, CHANNELS, HIDDEN, CELLS, MASK = 2, 4, 64, 3, 6, 10, 3, 8
STRIDES, SIDES, SIZES = (4, 8, 16), (16, 8, 4), (12, 24, 48)
PER_LEVEL, COUNT, REGIONS, FOREGROUND = 30, 60, 16, 4
STAGES = dict(single=[((10.0, 10.0, 5.0, 5.0), 0.5, 1.0)])
STAGES["cascade"] = STAGES["single"] + [((20.0, 20.0, 10.0, 10.0), 0.6, 0.5), ((30.0, 30.0, 15.0, 15.0), 0.7, 0.25)]
EXTENTS = torch.tensor([[64.0, 48.0], [50.0, 64.0]])  # width, height
PRESENT = torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0]]).bool()
MASKED = torch.tensor([[1, 1, 0, 0], [1, 0, 0, 0]]).bool()
LABELS = torch.tensor([[0, 2, 1, 0], [2, 1, 0, 0]])


def summary(x):
    """As test/models/seeded.ts has it."""
    x = x.detach().double().numpy().ravel()
    return dict(norm=float(np.sqrt((x * x).sum())), dot=float((x * seeded(5, x.size)).sum()), first=x[:4].tolist(), last=x[-4:].tolist())


def shapes(stages):
    conv = lambda name, out, into, side: {f"{name}.weight": (out, into, side, side), f"{name}.bias": (out,)}
    linear = lambda name, out, into: {f"{name}.weight": (out, into), f"{name}.bias": (out,)}
    all = {**conv("rpn.conv", CHANNELS, CHANNELS, 3), **conv("rpn.objectness", 3, CHANNELS, 1), **conv("rpn.deltas", 12, CHANNELS, 1)}
    for i in range(len(stages)):
        n = f"box_head.{i}"
        all |= {**linear(f"{n}.fc1", HIDDEN, CELLS * CELLS * CHANNELS), **linear(f"{n}.fc2", HIDDEN, HIDDEN), **linear(f"{n}.cls_score", CLASSES + 1, HIDDEN), **linear(f"{n}.bbox_pred", 4, HIDDEN)}
    all |= {**conv("mask_head.conv1", CHANNELS, CHANNELS, 3), **conv("mask_head.conv2", CHANNELS, CHANNELS, 3), **conv("mask_head.deconv", CHANNELS, CHANNELS, 2), **conv("mask_head.predictor", 1, CHANNELS, 1)}
    return all


def detector(stages):
    names = shapes(stages)
    p = {name: torch.tensor(seeded_parameter(300 + i, "w" if len(shape) > 1 else "b", shape)).requires_grad_() for i, (name, shape) in enumerate(names.items())}
    maps = [values(500 + i, PICTURES, side, side, CHANNELS).permute(0, 3, 1, 2) for i, side in enumerate(SIDES)]
    truth = torch.stack([boxes(510 + b, OBJECTS, 48) for b in range(PICTURES)])
    # Ellipses: no mask fills its box.
    centre, half = (truth[..., :2] + truth[..., 2:]) / 2, (truth[..., 2:] - truth[..., :2]) / 2
    middle = torch.arange(SIDE) + 0.5
    across = (middle - centre[..., :1]) / half[..., :1]
    down = (middle - centre[..., 1:]) / half[..., 1:]
    masks = (across[..., None, :] ** 2 + down[..., :, None] ** 2 < 1).float()
    located = anchors(STRIDES, SIDES, SIZES, 1 << 20)  # torchvision's rounding does not show in float32
    draws = (values(520, PICTURES, COUNT + OBJECTS) + 1) / 2
    own = [truth[b][PRESENT[b]] for b in range(PICTURES)]

    # Anchors that are learned from: torchvision's matches, thinned by the formula. Equal overlaps are rounded otherwise in float64, so the test is told.
    labels, targets, taken = [], [], []
    unit = BoxCoder((1.0, 1.0, 1.0, 1.0))
    for b in range(PICTURES):
        match = Matcher(0.7, 0.3, allow_low_quality_matches=True)(box_iou(own[b], located))
        chance = values(530 + b, len(located))
        labels.append(torch.where(match >= 0, 1, torch.where((match == -1) & (chance > 0.9), 0, -1)))
        targets.append(torch.where((match >= 0)[:, None], own[b][match.clamp(min=0)], located))
        taken.append([[a, int(match[a])] for a in (labels[b] >= 0).nonzero()[:, 0].tolist()])
    labels, targets = torch.stack(labels), torch.stack(targets)

    objectness, deltas, counts = [], [], []
    for m in maps:
        h = F.relu(F.conv2d(m, p["rpn.conv.weight"], p["rpn.conv.bias"], padding=1))
        objectness.append(F.conv2d(h, p["rpn.objectness.weight"], p["rpn.objectness.bias"]).permute(0, 2, 3, 1).reshape(PICTURES, -1))
        deltas.append(F.conv2d(h, p["rpn.deltas.weight"], p["rpn.deltas.bias"]).permute(0, 2, 3, 1).reshape(PICTURES, -1, 4))
        counts.append(objectness[-1].shape[1])
    objectness, deltas = torch.cat(objectness, 1), torch.cat(deltas, 1)
    losses = {}
    learned, positive = labels >= 0, labels == 1
    encoded = torch.stack([unit.encode_single(targets[b], located) for b in range(PICTURES)])
    losses["rpn_objectness"] = F.binary_cross_entropy_with_logits(objectness[learned], positive[learned].float())
    losses["rpn_boxes"] = F.l1_loss(deltas[positive], encoded[positive], reduction="sum") / learned.sum()

    def clip(found, b):
        return clip_boxes_to_image(found, (int(EXTENTS[b, 1]), int(EXTENTS[b, 0])))

    def propose(b):
        found, scores, levels, start = [], [], [], 0
        for level, count in enumerate(counts):
            here = slice(start, start + count)
            score, at = objectness[b, here].detach().topk(min(PER_LEVEL, count))
            found.append(unit.decode_single(deltas[b, here].detach()[at], located[here][at]))
            scores.append(score)
            levels.append(torch.full((len(at),), level))
            start += count
        found, scores, levels = clip(torch.cat(found), b), torch.cat(scores), torch.cat(levels)
        large = remove_small_boxes(found, 1e-3)
        found, scores, levels = found[large], scores[large], levels[large]
        return found[batched_nms(found, scores, levels, 0.7)[:COUNT]]

    def read(found, b, cells):
        side = ((found[:, 2] - found[:, 0]) * (found[:, 3] - found[:, 1])).sqrt()
        level = torch.log2(side / SIZES[0]).floor().clamp(0, len(SIZES) - 1).long()
        return torch.stack([roi_align(maps[int(l)][b : b + 1], torch.cat([torch.zeros(1, 1), box[None]], 1), (cells, cells), 1 / STRIDES[int(l)], 2, True)[0] for l, box in zip(level, found)])

    def box_head(i, found, b):
        n = f"box_head.{i}."
        x = read(found, b, CELLS).permute(0, 2, 3, 1).reshape(len(found), -1)
        for layer in ("fc1", "fc2"):
            x = F.relu(F.linear(x, p[f"{n}{layer}.weight"], p[f"{n}{layer}.bias"]))
        return F.linear(x, p[f"{n}cls_score.weight"], p[f"{n}cls_score.bias"]), F.linear(x, p[f"{n}bbox_pred.weight"], p[f"{n}bbox_pred.bias"])

    def mask_head(found, b):
        x = read(found, b, MASK // 2)
        for layer in ("conv1", "conv2"):
            x = F.relu(F.conv2d(x, p[f"mask_head.{layer}.weight"], p[f"mask_head.{layer}.bias"], padding=1))
        x = F.relu(F.conv_transpose2d(x, p["mask_head.deconv.weight"], p["mask_head.deconv.bias"], stride=2))
        return F.conv2d(x, p["mask_head.predictor.weight"], p["mask_head.predictor.bias"])[:, 0]

    # Of proposals and objects those with the largest numbers, a quarter with an object at most.
    regions = []
    for b in range(PICTURES):
        proposed = propose(b)
        candidates = torch.cat([proposed, own[b]])
        numbers = torch.cat([draws[b, : len(proposed)], draws[b, COUNT:][PRESENT[b]]])
        overlap = box_iou(own[b], candidates).max(0).values
        drawn = [of[numbers[of].argsort(descending=True)] for of in ((overlap >= 0.5).nonzero()[:, 0], (overlap < 0.5).nonzero()[:, 0])]
        foreground = drawn[0][:FOREGROUND]
        regions.append(candidates[torch.cat([foreground, drawn[1][: REGIONS - len(foreground)]])])
    first = regions
    total = sum(map(len, regions))
    for i, (weights, iou, share) in enumerate(stages):
        coder, classes, moves, after = BoxCoder(weights), 0, 0, []
        for b in range(PICTURES):
            overlap, at = box_iou(own[b], regions[b]).max(0)
            object = overlap >= iou
            logits, delta = box_head(i, regions[b], b)
            classes = classes + F.cross_entropy(logits, torch.where(object, LABELS[b][PRESENT[b]][at], CLASSES), reduction="sum")
            moves = moves + F.l1_loss(delta[object], coder.encode_single(own[b][at], regions[b])[object], reduction="sum")
            after.append(clip(coder.decode_single(delta.detach(), regions[b]), b))
        losses[f"classes_{i}"], losses[f"boxes_{i}"] = classes / total * share, moves / total * share
        regions = after
    error, pixels = 0, 0
    for b in range(PICTURES):
        overlap, at = box_iou(own[b], first[b]).max(0)
        object = (overlap >= 0.5) & MASKED[b][PRESENT[b]][at]
        logits = mask_head(first[b][object], b)
        wanted = torch.stack([roi_align(masks[b][PRESENT[b]][k][None, None], torch.cat([torch.zeros(1, 1), box[None]], 1), (MASK, MASK), 1.0, 2, True)[0, 0] for k, box in zip(at[object], first[b][object])])
        error, pixels = error + F.binary_cross_entropy_with_logits(logits, (wanted >= 0.5).float(), reduction="sum"), pixels + logits.numel()
    losses["masks"] = error / pixels
    sum(losses.values()).backward()

    found = []
    with torch.no_grad():
        for b in range(PICTURES):
            region, scores = propose(b), 0
            for i, (weights, _, _) in enumerate(stages):
                logits, delta = box_head(i, region, b)
                scores = scores + F.softmax(logits, -1)[:, :CLASSES] / len(stages)
                region = clip(BoxCoder(weights).decode_single(delta, region), b)
            found.append(dict(boxes=flat(region), scores=flat(scores), masks=summary(mask_head(region, b).sigmoid())))
    return dict(
        names=list(names), anchors=taken, objects=[int((box_iou(own[b], first[b]).max(0).values >= 0.5).sum()) for b in range(PICTURES)],
        losses={name: float(loss.detach()) for name, loss in losses.items()}, gradients={name: summary(x.grad) for name, x in p.items()}, found=found,
    )


if __name__ == "__main__":
    reference = {name: detector(stages) for name, stages in STAGES.items()}
    Path("test/models/detector/whole.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    for name, one in reference.items():
        print(name, [[len(some), sum(match >= 0 for _, match in some)] for some in one["anchors"]], one["objects"], [len(found["scores"]) // CLASSES for found in one["found"]], one["losses"])
