"""Small pictures made by the same generator as in the tests (`noisePicture`)."""


def lcg(state):
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield state


def noise_picture(width, height, channels, seed):
    """Smooth in x, rough in y: bytes [height, width, channels]."""
    draws = lcg(seed)
    out = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                out.append(((next(draws) >> 24) // 2 + 4 * x + 40 * c) % 256)
    return bytes(out)
