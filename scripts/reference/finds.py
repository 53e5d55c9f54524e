"""What torchvision's detector tells of scored boxes, for test/protocols/finds.reference.json.

Run: python scripts/reference/finds.py   (needs torch, torchvision, numpy)

Its own threshold, suppression by class and limit of a hundred. Values are made by the formula of seeded.py, which the test repeats.
"""
import json
from pathlib import Path

import torch
from torchvision.models.detection.roi_heads import RoIHeads

from detector import boxes, flat, values

REGIONS, CLASSES = 120, 3
heads = RoIHeads(None, None, None, 0.5, 0.5, 512, 0.25, None, score_thresh=0.05, nms_thresh=0.5, detections_per_img=100)
logits = torch.cat([values(610 + b, REGIONS, CLASSES + 1) * 3 for b in range(2)])
# The first picture's boxes are crowded, so that many are suppressed; the second's are small, so that more than a hundred are left.
regions = [boxes(600, REGIONS, 46) * 0.25 + torch.tensor([10.0, 10.0, 22.0, 22.0]), boxes(601, REGIONS, 46)]
regions[1][:, 2:] = regions[1][:, :2] + (regions[1][:, 2:] - regions[1][:, :2]) * 0.3
found, scores, labels = heads.postprocess_detections(logits, torch.zeros(2 * REGIONS, 4 * (CLASSES + 1)), regions, [(48, 64), (64, 50)])
reference = [dict(boxes=flat(b), scores=flat(s), categories=(l - 1).tolist()) for b, s, l in zip(found, scores, labels)]
Path("test/protocols/finds.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
print([len(one["scores"]) for one in reference])
