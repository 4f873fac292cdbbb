#!/usr/bin/env python3
"""Annotations and results with what pycocotools says of them, for tests/coco/average_precision_test.cpp.

Needs pycocotools (github.com/cocodataset/cocoapi). Random, with crowds, objects without area, exact
borders of the area ranges, ties of scores, more results than count, images without objects or
results, categories without either, results of unknown categories, persons without visible points,
and masks in each of COCO's forms.

    python3 tests/gen/coco_figures.py tests/golden/coco/figures.json
"""

import contextlib
import copy
import io
import json
import random
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

HEIGHT, WIDTH = 200, 240


def polygon(x, y, w, h, rng):
    """An octagon in the box, sometimes in two parts."""
    def part(x, y, w, h):
        c = rng.uniform(0.1, 0.4)
        points = [(x + c * w, y), (x + w - c * w, y), (x + w, y + c * h), (x + w, y + h - c * h),
                  (x + w - c * w, y + h), (x + c * w, y + h), (x, y + h - c * h), (x, y + c * h)]
        return [round(v, 2) for p in points for v in p]
    if rng.random() < 0.3 and w > 8:
        return [part(x, y, w * 0.6, h), part(x + w * 0.5, y, w * 0.5, h)]
    return [part(x, y, w, h)]


def runs(x, y, w, h, compressed):
    """A rectangle as run lengths."""
    x, y, w, h = int(x), int(y), max(1, int(w)), max(1, int(h))
    x, y = max(0, min(x, WIDTH - 1)), max(0, min(y, HEIGHT - 1))
    w, h = min(w, WIDTH - x), min(h, HEIGHT - y)
    counts, last = [], 0
    for column in range(x, x + w):
        begin = column * HEIGHT + y
        if counts and begin == last:
            counts[-1] += h
        else:
            counts += [begin - last, h]
        last = begin + h
    counts.append(HEIGHT * WIDTH - last)
    form = {"size": [HEIGHT, WIDTH], "counts": counts}
    if compressed:
        from pycocotools import mask
        form = mask.frPyObjects(form, HEIGHT, WIDTH)
        form["counts"] = form["counts"].decode()
    return form


def moved(box, rng, amount):
    x, y, w, h = box
    return [round(x + rng.gauss(0, amount) * w, 2), round(y + rng.gauss(0, amount) * h, 2),
            round(max(0.5, w * (1 + rng.gauss(0, amount))), 2),
            round(max(0.5, h * (1 + rng.gauss(0, amount))), 2)]


def points_in(box, rng, visible):
    x, y, w, h = box
    return [v for k in range(17) for v in (round(x + rng.random() * w, 1),
                                           round(y + rng.random() * h, 1),
                                           rng.choice([0, 1, 2]) if visible else 0)]


def case(kind, seed, images, per_image, result_forms="plain", tie=False, many=False):
    rng = random.Random(seed)
    ids = rng.sample(range(1, 1000), images)
    categories = [7, 3, 12, 20] if kind != "keypoints" else [1]
    truth = {"images": [{"id": i, "file_name": f"{i}.jpg", "height": HEIGHT, "width": WIDTH}
                        for i in ids],
             "categories": [{"id": c, "name": f"name {c}"} for c in categories],
             "annotations": []}
    results = []
    for number, image in enumerate(ids):
        objects = 0 if number % 5 == 4 else rng.randint(1, per_image)
        for _ in range(objects):
            side = rng.choice([12, 32, 60, 96, 130])
            exact = rng.random() < 0.2
            w = side if exact else round(rng.uniform(0.5, 1.2) * side, 2)
            h = side if exact else round(rng.uniform(0.5, 1.2) * side, 2)
            x = round(rng.uniform(0, max(1, WIDTH - w)), 2)
            y = round(rng.uniform(0, max(1, HEIGHT - h)), 2)
            category = rng.choice(categories[:3])
            crowd = int(rng.random() < 0.12)
            one = {"id": len(truth["annotations"]) + 1, "image_id": image, "category_id": category,
                   "bbox": [x, y, w, h], "area": round(w * h * (1 if exact else 0.8), 2),
                   "iscrowd": crowd}
            if kind == "segm":
                one["segmentation"] = (runs(x, y, w, h, rng.random() < 0.5) if crowd
                                       else polygon(x, y, w, h, rng))
            if kind == "keypoints":
                one["keypoints"] = points_in(one["bbox"], rng, rng.random() < 0.85)
                one["num_keypoints"] = sum(v > 0 for v in one["keypoints"][2::3])
            truth["annotations"].append(one)
            for _ in range(rng.choice([0, 1, 1, 1, 2, 3]) if not many else 25 if kind == "bbox" else 12):
                label = category if rng.random() < 0.85 else rng.choice(categories)
                results.append((image, label, moved(one["bbox"], rng, rng.choice([0, .02, .05, .2])),
                                one))
        if number % 3 == 0:
            for _ in range(30 if many else 2):
                box = [round(rng.uniform(0, 150), 2), round(rng.uniform(0, 150), 2), 40, 30]
                results.append((image, rng.choice(categories + [99]), box, None))
    rng.shuffle(results)
    found = []
    for image, label, box, one in results:
        score = round(rng.random(), 1 if tie else 5)
        row = {"image_id": image, "category_id": label, "score": score}
        if kind == "bbox" or result_forms == "both":
            row["bbox"] = box
        if kind == "segm":
            polygons = result_forms == "both" and rng.random() < 0.5
            row["segmentation"] = (polygon(*box, rng) if polygons else runs(*box, True))
        if kind == "keypoints":
            points = one["keypoints"] if one else points_in(box, rng, True)
            spread = rng.choice([0, 1, 3, 8])
            row["keypoints"] = [v if k % 3 == 2 else round(v + rng.gauss(0, spread), 1)
                                for k, v in enumerate(points)]
        found.append(row)
    return truth, found


def figures(kind, truth, found):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = copy.deepcopy(truth)
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(copy.deepcopy(found)), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(v) for v in evaluation.stats]


def main(target):
    cases = []
    for name, kind, *rest, options in [
            ("boxes", "bbox", 1, 12, 6, {}),
            ("boxes with ties", "bbox", 2, 10, 8, {"tie": True}),
            ("more boxes than count", "bbox", 3, 5, 12, {"many": True}),
            ("one image", "bbox", 4, 1, 4, {}),
            ("masks", "segm", 5, 8, 5, {}),
            ("masks with ties", "segm", 6, 6, 6, {"tie": True}),
            ("masks beside boxes", "segm", 7, 8, 5, {"result_forms": "both"}),
            ("keypoints", "keypoints", 8, 8, 4, {}),
            ("keypoints with ties", "keypoints", 9, 6, 5, {"tie": True}),
            ("more persons than count", "keypoints", 10, 3, 3, {"many": True})]:
        truth, found = case(kind, *rest, **options)
        cases.append({"name": name, "kind": kind, "annotations": truth, "results": found,
                      "figures": figures(kind, truth, found)})
    with open(target, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
