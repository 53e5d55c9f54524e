"""Files by the safetensors package, for test/training/safetensors.test.ts.

Run: python scripts/reference/safetensors_files.py   (needs torch, safetensors)
"""
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parents[2] / "test/training/fixtures"
VALUES = [0.0, -0.0, 1.0, -1.5, 0.1, 65504.0, 6.1e-05, 5.96e-08, 3.1415927, -2.0e-7]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    single = torch.tensor(VALUES, dtype=torch.float32)
    kinds = {"f32": single, "f16": single.half(), "bf16": single.bfloat16()}
    mixed = {**{f"values.{k}": v.reshape(2, 5) for k, v in kinds.items()}, "count": torch.tensor(7), "empty": torch.zeros(0, 3), "scalar": torch.tensor(2.5)}
    save_file(mixed, FOLDER / "mixed.safetensors", metadata={"note": "dtypes"})
    (FOLDER / "mixed.json").write_text(json.dumps({k: v.float().tolist() for k, v in kinds.items()}) + "\n")
    plain = {"a.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 7, "b": single, "c.bias": torch.tensor([-1.0])}
    save_file(plain, FOLDER / "plain.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
