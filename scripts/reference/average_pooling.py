"""What timm makes of images with average pooling, for test/methods/average-pooling.test.ts.

    python scripts/reference/average_pooling.py > test/methods/average-pooling.reference.json

Needs torch, timm and numpy. Three models with the weights of seeded.py: the class token, the mean of normed patch tokens
(`fc_norm=False`), and timm's default for `avg`: the mean of the patch tokens, then `fc_norm`, with no `norm` at all.
"""
import json
import sys
from functools import partial

import timm
import torch
from timm.models.vision_transformer import VisionTransformer

from seeded import seeded_parameter, seeded_pixels

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
MEAN = torch.tensor([0.485, 0.456, 0.406])
STD = torch.tensor([0.229, 0.224, 0.225])
CONFIG = dict(image=16, patch=8, width=24, depth=2, heads=2, classes=3, batch=4)
CASES = {"token": dict(global_pool="token"), "avg, norm": dict(global_pool="avg", fc_norm=False), "avg, fc_norm": dict(global_pool="avg")}

c = CONFIG
pixels = seeded_pixels(3000, (c["batch"], c["image"], c["image"], 3))
images = ((torch.tensor(pixels).double() / 255 - MEAN) / STD).permute(0, 3, 1, 2)
out = {"config": c, "timm": timm.__version__, "cases": {}}
for name, options in CASES.items():
    model = VisionTransformer(img_size=c["image"], patch_size=c["patch"], embed_dim=c["width"], depth=c["depth"], num_heads=c["heads"],
                              num_classes=c["classes"], norm_layer=partial(torch.nn.LayerNorm, eps=1e-6), **options).double().eval()
    state = model.state_dict()
    model.load_state_dict({key: torch.tensor(seeded_parameter(i, key, tuple(v.shape))).double() for i, (key, v) in enumerate(state.items())})
    with torch.no_grad():
        out["cases"][name] = {
            "tensors": [{"name": key, "shape": list(v.shape)} for key, v in state.items()],
            "pooled": model.forward_head(model.forward_features(images), pre_logits=True).reshape(-1).tolist(),
            "logits": model(images).reshape(-1).tolist(),
        }
        if name == "avg, fc_norm":
            # forward_features ends without a norm here. What `pool: cls` and `pool: mean` of linear and knn are: each token's norm first.
            normed = model.fc_norm(model.forward_features(images))
            out["cases"][name]["normed_first"] = {"cls": normed[:, 0].reshape(-1).tolist(), "mean": normed[:, 1:].mean(1).reshape(-1).tolist()}
json.dump(out, sys.stdout)
print()
