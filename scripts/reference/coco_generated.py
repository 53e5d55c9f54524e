"""The data sets of test/metrics/coco/generated.ts: the same draws from the same seed."""
from pycocotools import mask as api
import numpy as np


def drawer(seed):
    state = (seed + 1) * 2654435761 & 0xFFFFFFFF

    def draw(n):
        nonlocal state
        state = (state ^ state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state = (state ^ state << 5) & 0xFFFFFFFF
        return state % n

    return draw


def compressed(rle):
    return {"size": rle["size"], "counts": rle["counts"].decode("ascii")}


def runs(rle):
    """Run lengths of a compressed mask, from its pixels."""
    pixels = api.decode(rle).flatten(order="F")
    counts, inside, run = [], 0, 0
    for pixel in pixels:
        if pixel != inside:
            counts.append(run)
            inside, run = pixel, 0
        run += 1
    return counts + [run]


def generated(seed):
    draw = drawer(seed)
    image_count = 1 + draw(8)
    first = draw(100)
    images = []
    for i in range(image_count):
        height = 20 + draw(140)
        images.append({"id": first + i * 7 % 11 * 3, "height": height, "width": 20 + draw(140)})
    categories = [{"id": 90 - 7 * i, "name": f"class {i}"} for i in range(1 + draw(4))]
    annotations, results = [], []
    next_id = 0 if seed % 10 == 0 else 1

    def box(height, width):
        left, top = draw(4 * width), draw(4 * height)
        wide = 1 + draw(4 * width - left)
        return [left / 4, top / 4, wide / 4, (1 + draw(4 * height - top)) / 4]

    def polygon(b):
        left, top, width, height = b
        a = top + height * draw(3) / 8
        c = left + width * (3 + draw(3)) / 8
        d = top + height * (3 + draw(3)) / 8
        e = left + width * (6 + draw(3)) / 8
        return [left, a, c, top, left + width, d, e, top + height, left + width * draw(3) / 8, top + height]

    def score():
        return (draw(1000) * 1024 + len(results)) / 1048576 if seed % 2 == 0 else (1 + draw(8)) / 8

    def mask_of_box(b, height, width):
        return api.frPyObjects(np.array([b]), height, width)[0]

    def mask_of_polygon(p, height, width):
        return api.frPyObjects([p], height, width)[0]

    for image in images:
        height, width = image["height"], image["width"]
        own = []
        for _ in range(draw(7)):
            b = box(height, width)
            crowd = draw(8) == 0
            category = categories[draw(len(categories))]["id"]
            area = b[2] * b[3] * (4 + draw(5)) / 8
            segmentation = {"size": [height, width], "counts": runs(mask_of_box(b, height, width))} if crowd else [polygon(b)]
            own.append({"id": next_id, "image_id": image["id"], "category_id": category, "bbox": b, "area": area,
                        "iscrowd": int(crowd), "segmentation": segmentation})
            next_id += 1
        annotations += own
        for truth in own:
            left, top, wide, high = truth["bbox"]
            for _ in range(draw(3)):
                x = left + (draw(9) - 4) / 4
                y = top + (draw(9) - 4) / 4
                w = wide * (12 + draw(9)) / 16
                moved = [x, y, w, high * (12 + draw(9)) / 16]
                category = categories[draw(len(categories))]["id"] if draw(10) == 0 else truth["category_id"]
                s = score()
                results.append({"image_id": image["id"], "category_id": category, "score": s, "bbox": moved,
                                "segmentation": compressed(mask_of_polygon(polygon(moved), height, width))})
        for _ in range(draw(4)):
            b = box(height, width)
            category = categories[draw(len(categories))]["id"]
            results.append({"image_id": image["id"], "category_id": category, "score": score(), "bbox": b,
                            "segmentation": compressed(mask_of_box(b, height, width))})
    return {"images": images, "categories": categories, "annotations": annotations}, results
