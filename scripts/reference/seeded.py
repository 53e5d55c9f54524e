"""Weights and pixels by a formula that test/models/seeded.ts repeats: no random generator has to be shared."""
import numpy as np

PRIME = 10007


def seeded(index, count):
    """`count` values in [-1, 1) for the tensor number `index`: a quadratic modulo a prime, exact in float64."""
    t = np.arange(count, dtype=np.int64) + 31 * index + 1
    return ((t * t * 37 + t * 101 + 7 * index) % PRIME) / PRIME * 2 - 1


def seeded_parameter(index, name, shape):
    """Xavier-sized weights, small biases, norms around one. Positions are not made here."""
    count = int(np.prod(shape))
    u = seeded(index, count)
    if name.endswith("running_var") or (("norm" in name or ".bn." in name) and name.endswith("weight")):
        value = 1 + 0.2 * u
    elif len(shape) == 1:
        value = 0.1 * u
    elif name in ("cls_token", "mask_token"):
        value = 0.05 * u
    else:
        value = u * np.sqrt(6 / (shape[0] + count / shape[0]))
    return value.reshape(shape).astype(np.float32)


def seeded_pixels(index, shape):
    """uint8 pixels: smooth enough to look like something, rough enough that no patch is flat."""
    u = seeded(index, int(np.prod(shape)))
    return np.floor((u + 1) * 128).clip(0, 255).astype(np.uint8).reshape(shape)
