"""Image files of many kinds, with what Pillow makes of them, for test/data/decode.test.ts.

    python scripts/reference/images.py test/fixtures/images

Writes the files and `expected.json`: for each, uint8 RGB of its centred square, resized to 8 x 8 (bicubic).
"""

import base64
import io
import json
import struct
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageOps

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
WIDTH, HEIGHT = 24, 16


def picture(mode):
    """A ramp with one strong square, so that turning and mirroring are seen."""
    bands = len(mode)
    out = Image.new(mode, (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            value = [10 * x, 15 * y, 255 - 5 * (x + y), 40 + 13 * ((x // 3 + y // 3) % 16)][:bands]
            if mode in ("L", "LA"):
                value[0] = 6 * x + 4 * y
            if mode == "LA":
                value[1] = 255 - 9 * x
            if 6 <= x < 11 and 2 <= y < 6:
                value[0] = 250
            out.putpixel((x, y), tuple(value) if bands > 1 else value[0])
    return out


def judged(image):
    """As our decoder: EXIF turn, over white, centred square, 8 x 8."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    image = image.convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((8, 8), Image.Resampling.BICUBIC)


expected = {}


def keep(name, image, tolerance, **options):
    image.save(folder / name, **options)
    with Image.open(folder / name) as back:
        back.load()
        pixels = judged(back)
    expected[name] = {"tolerance": tolerance, "pixels": base64.b64encode(pixels.tobytes()).decode()}


def png16(name, channels):
    """16 bits a channel, high bytes as in the 8-bit picture and low bytes that must not matter much."""
    source = picture("RGB" if channels == 3 else "L")
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            values = source.getpixel((x, y))
            for value in values if channels == 3 else [values]:
                rows += bytes([value, value])

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2 if channels == 3 else 0, 0, 0, 0)
    (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b""))
    expected[name] = {"tolerance": 1, "pixels": base64.b64encode(judged(source).tobytes()).decode()}


keep("rgb.png", picture("RGB"), 0)
keep("grey.png", picture("L"), 0)
keep("rgba.png", picture("RGBA"), 1)
keep("grey-alpha.png", picture("LA"), 1)
keep("palette.png", picture("RGB").quantize(16), 0)
keep("palette-clear.png", picture("RGB").quantize(16), 0, transparency=3)
keep("bits.png", picture("L").convert("1"), 0)
png16("sixteen.png", 3)
png16("sixteen-grey.png", 1)
keep("plain.jpg", picture("RGB"), 3, quality=95)
keep("progressive.jpg", picture("RGB"), 3, quality=95, progressive=True)
keep("grey.jpg", picture("L"), 3, quality=95)
keep("lossless.webp", picture("RGB"), 0, lossless=True)
keep("deflate.tif", picture("RGB"), 0, compression="tiff_deflate")
keep("two-frames.gif", picture("RGB").quantize(16), 0, save_all=True, append_images=[Image.new("P", (WIDTH, HEIGHT))])
frames = [picture("RGB"), Image.new("RGB", (WIDTH, HEIGHT), (0, 90, 0))]
keep("two-frames.webp", frames[0], 0, save_all=True, append_images=frames[1:], lossless=True)
keep("two-frames.png", frames[0], 0, save_all=True, append_images=frames[1:])
# Sizes that no data set promises: a single pixel, smaller than what is asked for, and strips whose square is a small part.
keep("one-pixel.png", picture("RGB").crop((7, 3, 8, 4)), 0)
keep("small.png", picture("RGB").crop((3, 1, 8, 6)), 0)
keep("strip.png", picture("RGB").crop((0, 0, WIDTH, 3)), 0)
keep("tall.jpg", picture("RGB").resize((9, 200)), 3, quality=95)
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    keep(f"turned-{orientation}.jpg", picture("RGB"), 3, quality=95, exif=exif)
# Four inks without a profile, in a JPEG (which holds them inverted) and exactly.
keep("cmyk.jpg", picture("CMYK"), 3, quality=95)
keep("cmyk.tif", picture("CMYK"), 0, compression="tiff_deflate")

whole = io.BytesIO()
picture("RGB").resize((96, 64)).save(whole, "JPEG", quality=95)
data = whole.getvalue()
(folder / "bad-cut.jpg").write_bytes(data[: len(data) // 2])
damaged = bytearray(data)
middle = len(data) // 2
# An end marker in the middle of the data. (A JPEG has no checksum: a bit that turns into another valid code is not seen.)
damaged[middle : middle + 2] = b"\xff\xd9"
(folder / "bad-middle.jpg").write_bytes(bytes(damaged))
png = (folder / "rgb.png").read_bytes()
(folder / "bad-cut.png").write_bytes(png[: len(png) * 2 // 3])
flipped = bytearray(png)
flipped[len(png) // 2] ^= 0xFF
(folder / "bad-checksum.png").write_bytes(bytes(flipped))
# A header that promises more rows than the data has; its checksum is right.
taller = bytearray(png)
taller[20:24] = struct.pack(">I", 3 * HEIGHT)
taller[29:33] = struct.pack(">I", zlib.crc32(bytes(taller[12:29])))
(folder / "bad-size.png").write_bytes(bytes(taller))
(folder / "bad-text.jpg").write_text("This is no picture.\n")
(folder / "bad-empty.jpg").write_bytes(b"")
(folder / "bad-header.jpg").write_bytes(data[:20])
(folder / "expected.json").write_text(json.dumps(expected))
