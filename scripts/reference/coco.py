"""COCO's twelve numbers by pycocotools 2.0.11, for test/metrics/coco:

    pip install numpy pycocotools && python scripts/reference/coco.py [the folder with coco_mini]

cases.json: small data sets by hand, with their numbers, per-class AP and curves. generated.reference.json: numbers of the data sets
that coco_generated.py draws from seeds 0..199. mini.reference.json: numbers of detections simulated on coco_mini.
"""
import contextlib
import copy
import io
import json
import sys
from pathlib import Path

import numpy as np
from pycocotools import mask as api
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from coco_cases import cases
from coco_generated import compressed, drawer, generated

folder = Path(__file__).parents[2] / "test/metrics/coco"


def evaluated(truth, results, kind, max_dets=None):
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = copy.deepcopy(truth)
        gt.createIndex()
        if results:
            dt = gt.loadRes(copy.deepcopy(results))
        else:
            dt = COCO()
            dt.dataset = {**copy.deepcopy(truth), "annotations": []}
            dt.createIndex()
        run = COCOeval(gt, dt, kind)
        if max_dets:
            run.params.maxDets = max_dets
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run


def without(results, key):
    return [{k: v for k, v in result.items() if k != key} for result in results]


def three_ways(truth, results):
    """Boxes; masks whose areas are those of the boxes beside them; masks by themselves."""
    return [evaluated(truth, r, kind).stats.tolist() for r, kind in [(results, "bbox"), (results, "segm"), (without(results, "bbox"), "segm")]]


def by_category(run):
    precision = run.eval["precision"]
    out = []
    for k, category in enumerate(run.params.catIds):
        own = precision[:, :, k, 0, 2]
        if (own > -1).any():
            out.append({"id": int(category), "AP": own.mean(), "AP50": own[0].mean(), "AP75": own[5].mean(), "curve50": own[0].tolist(), "curve75": own[5].tolist()})
    return out


def by_hand():
    out = []
    for case in cases:
        run = evaluated(case["truth"], case["results"], "bbox")
        out.append({**case, "stats": run.stats.tolist(), "categories": by_category(run)})
        if "maxDets" in case:
            run = evaluated(case["truth"], case["results"], "bbox", case["maxDets"])
            # pycocotools' first number looks for a limit of 100 and is -1 without; the mean that it would be is taken here.
            precision = run.eval["precision"][:, :, :, 0, 2]
            out[-1]["limited"] = [precision[precision > -1].mean(), *run.stats.tolist()[1:]]
    return out


def simulated(truth, seed):
    """Detections on a data set: missed, found once or twice, moved, with ties, of wrong classes, beside objects."""
    draw = drawer(seed)
    sizes = {image["id"]: (image["height"], image["width"]) for image in truth["images"]}
    ids = [category["id"] for category in truth["categories"]]
    results = []
    for number, truth_one in enumerate(truth["annotations"]):
        height, width = sizes[truth_one["image_id"]]
        for _ in range([0, 1, 1, 2][draw(4)] + (1 if number % 5 == 0 else 0)):
            far = 40 if draw(6) == 0 else 1
            dx, dy = far * (draw(9) - 4) / 4, far * (draw(9) - 4) / 4
            left, top, wide, high = truth_one["bbox"]
            box = [left + dx, top + dy, wide * (12 + draw(9)) / 16, 0]
            box[3] = high * (12 + draw(9)) / 16
            category = ids[draw(len(ids))] if draw(12) == 0 else truth_one["category_id"]
            score = (1 + draw(200)) / 256
            if isinstance(truth_one["segmentation"], list):
                moved = [[value + (dy if i % 2 else dx) for i, value in enumerate(polygon)] for polygon in truth_one["segmentation"]]
                mask = api.merge(api.frPyObjects(moved, height, width))
            else:
                mask = api.frPyObjects(np.array([box]), height, width)[0]
            results.append({"image_id": truth_one["image_id"], "category_id": category, "score": score, "bbox": box, "segmentation": compressed(mask)})
    return results


def on_mini(path):
    truth = json.loads((path / "annotations/instances_val2017.json").read_text())
    out = []
    for seed in range(3):
        results = simulated(truth, seed)
        own = [{key: one[key] for key in ("id", "AP", "AP50", "AP75")} for one in by_category(evaluated(truth, results, "segm"))]
        out.append({"seed": seed, "results": len(results), "stats": three_ways(truth, results), "categories": own})
    return out


def write(name, value):
    (folder / name).write_text(json.dumps(value) + "\n")


write("cases.json", by_hand())
write("generated.reference.json", [three_ways(*generated(seed)) for seed in range(200)])
if len(sys.argv) > 1:
    write("mini.reference.json", on_mini(Path(sys.argv[1]) / "coco_mini"))
