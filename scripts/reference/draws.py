"""Reference values for test/random.test.ts: MurmurHash3 (x86, 32 bit) of the coordinates as the state of sfc32.

    python scripts/reference/draws.py > test/random.reference.json

Written from the algorithms' definitions with Python's integers, apart from src/random.ts.
"""

import json
import struct

MASK = 0xFFFFFFFF


def rotl(x, n):
    return ((x << n) | (x >> (32 - n))) & MASK


def murmur(words, salt):
    h = salt
    for word in words:
        k = rotl(word * 0xCC9E2D51 & MASK, 15) * 0x1B873593 & MASK
        h = (rotl(h ^ k, 13) * 5 + 0xE6546B64) & MASK
    h ^= len(words)
    h = (h ^ h >> 16) * 0x85EBCA6B & MASK
    h = (h ^ h >> 13) * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def sfc32(a, b, c, counter):
    while True:
        t = (a + b + counter) & MASK
        counter = (counter + 1) & MASK
        a = b ^ b >> 9
        b = (c + (c << 3)) & MASK
        c = (rotl(c, 21) + t) & MASK
        yield t


def stream(seed, purpose, step, index):
    words = [part for value in (seed, step, index) for part in (value & MASK, value >> 32)]
    words += [ord(character) for character in purpose]
    draws = sfc32(*(murmur(words, salt) for salt in (0x9E3779B9, 0x243F6A88, 0xB7E15162)), murmur(words, 0x71374491) | 1)
    for _ in range(12):
        next(draws)
    return draws


def uniform(draws):
    high, low = next(draws) >> 5, next(draws) >> 6
    return (high * 2**26 + low) / 2**53


COORDINATES = [(0, "", 0, 0), (1, "mae/mask", 0, 0), (1, "mae/mask", 1, 0), (1, "mae/mask", 0, 1), (2**53 - 1, "größe", 2**40, 7)]
print(
    json.dumps(
        [
            {
                "at": at,
                "uint32": [next(d) for d in [stream(*at)] for _ in range(4)],
                "uniform": [uniform(d) for d in [stream(*at)] for _ in range(3)],
            }
            for at in COORDINATES
        ]
    )
)
