"""Values of fine-tuning and of the linear probe from PyTorch and timm, for test/protocols. Needs torch and timm.

python3 scripts/reference/protocols.py > test/protocols/torch.reference.json

Weights and pictures come from formulas that test/protocols/formula.ts repeats.
"""
import json
import math

import torch
from timm.models.vision_transformer import VisionTransformer
from timm.optim import param_groups_layer_decay

torch.manual_seed(0)
SIZE, PATCH, WIDTH, DEPTH, HEADS, RATIO, CLASSES, BATCH = 8, 4, 16, 2, 2, 2, 5, 6
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def wave(count, phase, scale, offset=0.0):
    i = torch.arange(count, dtype=torch.float64)
    return (offset + scale * torch.sin(0.37 * i + phase)).float()


def pictures(count):
    i = torch.arange(count * SIZE * SIZE * 3, dtype=torch.int64)
    return ((i * 37 + (i * i) % 101 * 5) % 256).view(count, SIZE, SIZE, 3)


def normalised(images):
    return (images.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD


def classifier(pool):
    model = VisionTransformer(img_size=SIZE, patch_size=PATCH, embed_dim=WIDTH, depth=DEPTH, num_heads=HEADS, mlp_ratio=RATIO, num_classes=CLASSES,
                              global_pool="avg" if pool == "mean" else "token", fc_norm=pool == "mean")
    # In the order of names, so that both sides agree whatever order a library keeps.
    for t, (name, value) in enumerate(sorted(model.named_parameters())):
        gain = "norm" in name and name.endswith("weight")
        with torch.no_grad():
            value.copy_(wave(value.numel(), 1.3 * t + 0.5, 0.2, 1.0 if gain else 0.0).view(value.shape))
    return model


def fine_tune(pool, decay):
    model = classifier(pool)
    images = normalised(pictures(BATCH))
    labels = torch.arange(BATCH) * 3 % CLASSES
    first = model(images).detach().flatten().tolist()
    groups = param_groups_layer_decay(model, weight_decay=0.05, no_weight_decay_list={"pos_embed", "cls_token"}, layer_decay=decay)
    # timm lets the final norm go with the last block; MAE (util/lr_decay.py) puts it with the head.
    final = {id(value) for name, value in model.named_parameters() if name.startswith("norm.")}
    moved = [value for group in groups for value in group["params"] if id(value) in final]
    for group in groups:
        group["params"] = [value for value in group["params"] if id(value) not in final]
    groups = [group for group in groups if group["params"]] + ([{"params": moved, "lr_scale": 1.0, "weight_decay": 0.0}] if moved else [])
    named = {id(value): name for name, value in model.named_parameters()}
    scales = {named[id(value)]: [group["lr_scale"], group["weight_decay"]] for group in groups for value in group["params"]}
    lrs = [0.01 * (k + 1) / 6 for k in range(6)]
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.999))
    losses = []
    for lr in lrs:
        for group in optimizer.param_groups:
            group["lr"] = lr * group["lr_scale"]
        loss = torch.nn.functional.cross_entropy(model(images), labels, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"pool": pool, "layerDecay": decay, "labels": labels.tolist(), "logits": first, "scales": dict(sorted(scales.items())), "lrs": lrs, "losses": losses,
            "after": model(images).detach().flatten().tolist(), "cls_token": model.cls_token.detach().flatten().tolist(), "head": model.head.weight.detach().flatten().tolist()}


def features():
    """The encoder's own norm, then the cls token and the mean patch token."""
    model = classifier("cls")
    tokens = model.forward_features(normalised(pictures(BATCH)))
    return {"cls": tokens[:, 0].detach().flatten().tolist(), "mean": tokens[:, 1:].mean(1).detach().flatten().tolist()}


def smoothing():
    logits = (wave(4 * 3, 0.2, 2.0).view(4, 3)).requires_grad_()
    labels = torch.tensor([0, 2, 1, 2])
    loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    return {"classes": 3, "labels": labels.tolist(), "smoothing": 0.1, "loss": loss.item(), "gradient": logits.grad.flatten().tolist()}


def linear_probe():
    rows, width, classes, steps, lr, decay = 20, 7, 3, 30, 0.2, 0.01
    x = wave(rows * width, 0.9, 1.5, 0.3).view(rows, width) * wave(width, 0.1, 1.0, 1.5)
    # Something to learn that is not linear in the wave: labels by the remainder of the row.
    labels = torch.arange(rows) * 7 % 5 % classes
    norm = torch.nn.BatchNorm1d(width, affine=False, eps=1e-6)
    layer = torch.nn.Linear(width, classes)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD([{"params": [layer.weight], "weight_decay": decay}, {"params": [layer.bias], "weight_decay": 0.0}], lr=lr, momentum=0.9)
    losses = []
    norm.train()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr * 0.5 * (1 + math.cos(math.pi * step / steps))
        loss = torch.nn.functional.cross_entropy(layer(norm(x)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"rows": rows, "width": width, "classes": classes, "steps": steps, "lr": lr, "decay": decay, "momentum": 0.9, "labels": labels.tolist(), "x": x.flatten().tolist(),
            "normalised": norm(x).flatten().tolist(), "losses": losses, "weight": layer.weight.detach().flatten().tolist(), "bias": layer.bias.detach().tolist(),
            "predictions": layer(norm(x)).argmax(1).tolist()}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


print(json.dumps(rounded({
    "torch": torch.__version__,
    "fineTune": [fine_tune("mean", 0.65), fine_tune("cls", 0.75), fine_tune("mean", 1.0)],
    "features": features(), "smoothing": smoothing(), "linear": linear_probe(),
})))
