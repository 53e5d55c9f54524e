"""Small data sets by hand, each for one rule of COCO's evaluation. Boxes only."""


def truth(image, category, box, area=None, crowd=0):
    return {"image_id": image, "category_id": category, "bbox": box, "area": box[2] * box[3] if area is None else area, "iscrowd": crowd}


def result(image, category, score, box):
    return {"image_id": image, "category_id": category, "score": score, "bbox": box}


def case(name, truths, results, images=(1, 2, 3), categories=(1, 2), **more):
    return {
        "name": name,
        "truth": {
            "images": [{"id": i, "height": 300, "width": 300} for i in images],
            "categories": [{"id": c, "name": f"class {c}"} for c in categories],
            "annotations": [{"id": i + 1, **one} for i, one in enumerate(truths)],
        },
        "results": results,
        **more,
    }


A, B, C = [10, 10, 40, 40], [100, 100, 60, 50], [200, 20, 20, 20]
# Half of A, exactly: an overlap of 0.5 is enough at 0.5.
HALF = [10, 10, 40, 20]

cases = [
    case("one found", [truth(1, 1, A)], [result(1, 1, 0.5, A)]),
    case("none found", [truth(1, 1, A)], []),
    case("nothing to find", [], [result(1, 1, 0.5, A)]),
    case("an overlap at a threshold", [truth(1, 1, A)], [result(1, 1, 0.5, HALF)]),
    case("found twice: the second is wrong", [truth(1, 1, A), truth(1, 1, B)], [result(1, 1, 0.9, A), result(1, 1, 0.8, [11, 10, 40, 40]), result(1, 1, 0.7, B)]),
    case("the surer one takes the object, though the other lies better", [truth(1, 1, A)], [result(1, 1, 0.6, A), result(1, 1, 0.9, [14, 10, 40, 40])]),
    case("wrong before right", [truth(1, 1, A), truth(2, 1, B), truth(3, 1, C)], [result(1, 1, 0.9, B), result(2, 1, 0.8, B), result(3, 1, 0.7, A), result(3, 1, 0.6, C)]),
    case("any number in a crowd is neither right nor wrong", [truth(1, 1, [0, 0, 200, 200], crowd=1), truth(1, 1, [210, 210, 40, 40])],
         [result(1, 1, 0.9, A), result(1, 1, 0.8, [60, 60, 30, 30]), result(1, 1, 0.7, [210, 210, 40, 40]), result(1, 1, 0.6, [190, 190, 40, 40])]),
    case("an object comes before the crowd around it", [truth(1, 1, [0, 0, 200, 200], crowd=1), truth(1, 1, A)], [result(1, 1, 0.9, [12, 10, 40, 40])]),
    case("areas decide by the annotation", [truth(1, 1, A, area=1000), truth(2, 1, B, area=9216), truth(3, 1, [0, 0, 120, 120])],
         [result(1, 1, 0.9, A), result(2, 1, 0.8, B), result(3, 1, 0.7, [0, 0, 120, 120]), result(3, 1, 0.6, [150, 150, 10, 10])]),
    case("an area on both sides of two ranges counts in both", [truth(1, 1, [0, 0, 32, 32]), truth(1, 2, [50, 50, 96, 96])], [result(1, 1, 0.5, [0, 0, 32, 32]), result(1, 2, 0.5, [50, 50, 96, 96])]),
    case("a class without objects does not count", [truth(1, 1, A)], [result(1, 1, 0.5, A), result(1, 2, 0.9, B)]),
    case("equal overlaps", [truth(1, 1, [0, 0, 40, 40]), truth(1, 1, [20, 0, 40, 40])], [result(1, 1, 0.9, [10, 0, 40, 40]), result(1, 1, 0.8, [20, 0, 40, 40]), result(1, 1, 0.7, [0, 0, 40, 40])]),
    case("equal scores: by image, then in the order of the file", [truth(1, 1, A), truth(2, 1, B)],
         [result(2, 1, 0.5, C), result(2, 1, 0.5, B), result(1, 1, 0.5, C), result(1, 1, 0.5, A), result(3, 1, 0.5, A)], images=(3, 1, 2), ties=True),
    case("equal scores in one image", [truth(1, 1, A)], [result(1, 1, 0.5, [18, 10, 40, 40]), result(1, 1, 0.5, A)], ties=True),
    case("more than ten and than a hundred in an image",
         [truth(1, 1, [5 * i % 250, 5 * i // 50 * 12, 10, 10]) for i in range(60)],
         [result(1, 1, (200 - i) / 256, [5 * i % 250 + (0 if i % 3 else 40), 5 * i // 50 * 12, 10, 10]) for i in range(60)] + [result(1, 1, (100 - i) / 1024, [5 * i % 250, 5 * i // 50 * 12, 10, 11]) for i in range(60)],
         maxDets=[1, 5, 50]),
    case("an object whose id is 0", [{**truth(1, 1, A), "id": 0}, truth(1, 1, B)], [result(1, 1, 0.9, A), result(1, 1, 0.8, B)], ties=True),
    case("boxes outside the picture and without extent", [truth(1, 1, [-20, -20, 60, 60]), truth(1, 1, [50, 50, 0, 10])], [result(1, 1, 0.9, [-20, -20, 55, 60]), result(1, 1, 0.8, [50, 50, 0, 10])]),
]
