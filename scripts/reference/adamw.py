"""Makes test/engine/adamw.reference.json with torch.optim.AdamW.

Run: python scripts/reference/adamw.py > test/engine/adamw.reference.json   (needs torch; written with 2.x)

Three parameters (decay and full lr; no decay and half lr; decay and a tenth of the lr), gradients of a given scale, a
schedule of lr and weight decay. Values are printed after the first step and after every fourth.
"""
import json
import math

import torch

STEPS = 12
SHAPES = {'w': [3, 4], 'b': [3], 'u': [2, 2]}
GROUPS = {'w': (1.0, True), 'b': (0.5, False), 'u': (0.1, True)}
CASES = [
    {'name': 'gradients near 1', 'scale': 1.0, 'beta1': 0.9, 'beta2': 0.95, 'epsilon': 1e-8, 'weight_decay': 0.05, 'clip': None},
    {'name': 'gradients near 1e-4', 'scale': 1e-4, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8, 'weight_decay': 0.05, 'clip': None},
    {'name': 'gradients near epsilon', 'scale': 1e-8, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8, 'weight_decay': 0.0, 'clip': None},
    {'name': 'a large epsilon', 'scale': 1e-3, 'beta1': 0.8, 'beta2': 0.99, 'epsilon': 1e-3, 'weight_decay': 0.3, 'clip': None},
    {'name': 'clipped by global norm', 'scale': 3.0, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8, 'weight_decay': 0.1, 'clip': 1.0},
]


def gradient(case, name, step):
    count = math.prod(SHAPES[name])
    offset = {'w': 0, 'b': 40, 'u': 80}[name]
    # the clipped case passes the limit in some steps only
    swing = 0.02 if case['clip'] and step % 3 == 0 else 1.0
    values = [case['scale'] * swing * math.sin(1 + offset + 1.7 * i + 2.3 * step) for i in range(count)]
    return torch.tensor(values, dtype=torch.float32).reshape(SHAPES[name])


def run(case):
    start = {name: torch.sin(torch.arange(math.prod(shape), dtype=torch.float32) + 1).reshape(shape) for name, shape in SHAPES.items()}
    params = {name: torch.nn.Parameter(value.clone()) for name, value in start.items()}
    optimizer = torch.optim.AdamW(
        [{'params': [params[name]], 'lr': 0.0, 'weight_decay': 0.0} for name in SHAPES],
        betas=(case['beta1'], case['beta2']), eps=case['epsilon'])
    steps, after = [], {}
    for step in range(STEPS):
        lr = 0.01 * (step + 1) / STEPS
        gradients = {name: gradient(case, name, step) for name in SHAPES}
        for group, name in zip(optimizer.param_groups, SHAPES):
            scale, decay = GROUPS[name]
            group['lr'] = lr * scale
            group['weight_decay'] = case['weight_decay'] if decay else 0.0
            params[name].grad = gradients[name].clone()
        if case['clip']:
            torch.nn.utils.clip_grad_norm_(list(params.values()), case['clip'])
        optimizer.step()
        steps.append({'lr': lr, 'gradients': {name: g.flatten().tolist() for name, g in gradients.items()}})
        if step == 0 or (step + 1) % 4 == 0:
            after[str(step + 1)] = {name: p.detach().flatten().tolist() for name, p in params.items()}
    return {**case, 'start': {name: value.flatten().tolist() for name, value in start.items()}, 'steps': steps, 'after': after}


print(json.dumps({'torch': torch.__version__, 'shapes': SHAPES, 'groups': GROUPS, 'cases': [run(case) for case in CASES]}))
