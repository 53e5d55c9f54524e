"""timm's VisionTransformer as a classifier, for the numbers in test/models/vit-reference.json.

Run: python scripts/reference/vit.py   (needs torch, timm, numpy)
"""
import json
from functools import partial
from pathlib import Path

import timm
import torch
import torch.nn.functional as F
from timm.models.vision_transformer import VisionTransformer

from mae import EPS, MEAN, STD, sin_cos, summary
from seeded import seeded_parameter, seeded_pixels

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
CONFIG = dict(image=32, patch=8, width=48, depth=3, heads=3, classes=7, batch=5)


def main():
    c = CONFIG
    pixels = seeded_pixels(3000, (c["batch"], c["image"], c["image"], 3))
    images = ((torch.tensor(pixels).double() / 255 - MEAN) / STD).permute(0, 3, 1, 2)
    labels = torch.arange(c["batch"]) % c["classes"]
    out = {"config": c, "timm": timm.__version__}
    for pool in ("token", "avg"):
        model = VisionTransformer(img_size=c["image"], patch_size=c["patch"], embed_dim=c["width"], depth=c["depth"], num_heads=c["heads"],
                                  num_classes=c["classes"], global_pool=pool, fc_norm=pool == "avg", norm_layer=partial(torch.nn.LayerNorm, eps=EPS)).double()
        names = [name for name, _ in model.named_parameters()]
        state = {name: torch.tensor(seeded_parameter(i, name, tuple(p.shape))).double() for i, (name, p) in enumerate(model.named_parameters())}
        state["pos_embed"] = sin_cos(c["width"], c["image"] // c["patch"])
        model.load_state_dict(state)
        model.eval()
        logits = model(images)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        out[pool] = {
            "parameters": [{"name": name, "shape": list(state[name].shape)} for name in names],
            "logits": logits.detach().reshape(-1).tolist(),
            "tokens": summary(model.forward_features(images)),
            "loss": loss.item(),
            "gradients": {k: summary(v.grad) for k, v in model.named_parameters() if not k.endswith("attn.qkv.bias")},
        }
    base = timm.create_model("vit_base_patch16_224", pretrained=False)
    out["vit_base"] = [{"name": k, "shape": list(v.shape)} for k, v in base.state_dict().items() if not k.startswith("head.")]
    path = Path(__file__).parents[2] / "test/models/vit-reference.json"
    path.write_text(json.dumps(out) + "\n")
    print(path, out["token"]["logits"][:3], out["avg"]["logits"][:3])


if __name__ == "__main__":
    main()
