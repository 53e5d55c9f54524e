"""One run of pycocotools: the truth, the results, the type. Prints seconds on the clock and of CPU, and the twelve numbers."""
import contextlib
import io
import json
import sys
import time

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval



def now():
    return time.perf_counter(), time.process_time()


def since(before, after):
    return {"clock": after[0] - before[0], "cpu": after[1] - before[1]}


truth_path, results_path, kind = sys.argv[1:]
with contextlib.redirect_stdout(io.StringIO()):
    start = now()
    truth = COCO(truth_path)
    found = truth.loadRes(results_path)
    read = now()
    run = COCOeval(truth, found, kind)
    run.evaluate()
    run.accumulate()
    run.summarize()
    end = now()
print(json.dumps({"read": since(start, read), "evaluate": since(read, end), "stats": run.stats.tolist()}))
