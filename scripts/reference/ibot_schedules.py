"""iBOT's schedules as its reference draws them (utils.py: one array for the whole training), for test/methods/ibot/schedules.reference.json.

Run: python scripts/reference/ibot_schedules.py   (needs numpy)
"""
import json
from pathlib import Path

import numpy as np

EPOCHS, STEPS, WARMUP = 10, 10, 2


def schedule(start, end, warmup_epochs=0):
    warmup = warmup_epochs * STEPS
    rest = np.arange(EPOCHS * STEPS - warmup)
    falling = end + 0.5 * (start - end) * (1 + np.cos(np.pi * rest / len(rest)))
    return np.concatenate([np.linspace(0, start, warmup), falling]).tolist()


reference = dict(lr=schedule(2e-3, 1e-6, WARMUP), weight_decay=schedule(0.04, 0.4), teacher_momentum=schedule(0.996, 1))
Path("test/methods/ibot/schedules.reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
