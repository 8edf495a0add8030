"""Compares `dsv eval` with pycocotools on made-up images, to ten digits.

    python check_evaluation.py <folder for files> [set …]

Images hold crowds, nothing at all, more objects than count, scores that are equal, categories and images whose ids have
gaps and are in no order. Prints "N passed, N failed, N skipped" in the end.
"""

import contextlib
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

DSV = Path(__file__).parent.parent.parent / "packages" / "cli" / "bin" / "dsv.js"
WIDTH, HEIGHT = 160, 120
TOLERANCE = 1e-10

# name: COCO's task, ours, options of dsv, whether results are a layer, what is made up
SETS = {
    "boxes": ("bbox", "boxes", [], False, {"images": 60, "categories": 5}),
    "boxes-layer": ("bbox", "boxes", [], True, {"images": 60, "categories": 5}),
    "boxes-categories": ("bbox", "boxes", [], False, {"images": 120, "categories": 60}),
    "boxes-many": ("bbox", "boxes", [], False, {"images": 6, "categories": 2, "most": 130}),
    "boxes-agnostic": ("bbox", "boxes", ["--class-agnostic"], False, {"images": 60, "categories": 7}),
    "boxes-empty": ("bbox", "boxes", [], False, {"images": 30, "categories": 4, "share": 0.1}),
    "boxes-fractions": ("bbox", "boxes", [], False, {"images": 40, "categories": 3, "digits": 4}),
    "masks": ("segm", "masks", [], False, {"images": 40, "categories": 4}),
    "masks-layer": ("segm", "masks", [], True, {"images": 40, "categories": 4}),
    "masks-agnostic": ("segm", "masks", ["--class-agnostic"], False, {"images": 30, "categories": 4}),
    "keypoints": ("keypoints", "keypoints", [], False, {"images": 60, "categories": 1}),
    "keypoints-layer": ("keypoints", "keypoints", [], True, {"images": 60, "categories": 1}),
    "keypoints-many": ("keypoints", "keypoints", [], False, {"images": 8, "categories": 1, "most": 40}),
}


def make(task, seed, images, categories, most=9, share=0.8, digits=0):
    """A dataset and results for it."""
    luck = random.Random(seed)
    image_ids = luck.sample(range(1, 10_000), images)
    category_ids = luck.sample(range(1, 500), categories)
    dataset = {
        "images": [{"id": i, "file_name": f"{i:06}.jpg", "width": WIDTH, "height": HEIGHT} for i in image_ids],
        "categories": [{"id": i, "name": f"kind {i}", **skeleton(task)} for i in category_ids],
        "annotations": [],
    }
    results = []
    for image_id in image_ids:
        if luck.random() > share:
            continue
        for _ in range(luck.randrange(most)):
            box = random_box(luck, digits)
            annotation = {
                "id": len(dataset["annotations"]) + 1,
                "image_id": image_id,
                "category_id": luck.choice(category_ids),
                "bbox": box,
                "iscrowd": int(luck.random() < 0.12),
                **truth_shape(task, luck, box),
            }
            dataset["annotations"].append(annotation)
            for _ in range(luck.choice([0, 1, 1, 1, 2])):
                is_other = luck.random() < 0.15
                results.append(
                    {
                        "image_id": image_id,
                        "category_id": luck.choice(category_ids) if is_other else annotation["category_id"],
                        "score": round(luck.random(), 1),
                        **found_shape(task, luck, annotation, digits),
                    }
                )
    for image_id in luck.sample(image_ids, images // 3):
        box = random_box(luck, digits)
        found = {"bbox": box, **truth_shape(task, luck, box)}
        results.append(
            {
                "image_id": image_id,
                "category_id": luck.choice(category_ids),
                "score": round(luck.random(), 1),
                **found_shape(task, luck, found, digits),
            }
        )
    luck.shuffle(results)
    luck.shuffle(dataset["annotations"])
    return dataset, results


def skeleton(task):
    return {"keypoints": [f"point {n}" for n in range(17)], "skeleton": []} if task == "keypoints" else {}


def random_box(luck, digits):
    width, height = luck.uniform(4, 110), luck.uniform(4, 100)
    box = [luck.uniform(0, WIDTH - width), luck.uniform(0, HEIGHT - height), width, height]
    return [round(side, digits) if digits else round(side) for side in box]


def truth_shape(task, luck, box):
    if task == "bbox":
        return {"area": box[2] * box[3]}
    if task == "segm":
        shape = polygon(luck, box) if luck.random() < 0.5 else run_lengths(luck, box)
        return {"segmentation": shape, "area": float(masks.area(encoded(shape)))}
    points = []
    is_blank = luck.random() < 0.1
    for _ in range(17):
        seen = 0 if is_blank else luck.choice([0, 1, 2, 2])
        x, y = luck.uniform(0, box[2]) + box[0], luck.uniform(0, box[3]) + box[1]
        points += [round(x), round(y), seen] if seen else [0, 0, 0]
    count = sum(seen > 0 for seen in points[2::3])
    return {"keypoints": points, "num_keypoints": count, "area": box[2] * box[3] * 0.6}


def found_shape(task, luck, annotation, digits):
    if task == "keypoints":
        spread = luck.choice([0.5, 2, 5, 15])
        points = []
        for x, y in zip(annotation["keypoints"][::3], annotation["keypoints"][1::3]):
            points += [round(x + luck.gauss(0, spread), 2), round(y + luck.gauss(0, spread), 2), 1]
        return {"keypoints": points}
    spread = luck.choice([0, 1, 3, 10])
    shift = [round(luck.uniform(-spread, spread), digits) if digits else luck.randint(-spread, spread) for _ in range(4)]
    x, y, width, height = (side + change for side, change in zip(annotation["bbox"], shift))
    box = [x, y, max(1, width), max(1, height)]
    if task == "bbox":
        return {"bbox": box}
    left, top = max(0, round(box[0])), max(0, round(box[1]))
    box = [left, top, min(WIDTH - left, round(box[2])), min(HEIGHT - top, round(box[3]))]
    return {"segmentation": run_lengths(luck, box)}


def polygon(luck, box):
    x, y, width, height = box
    ring = [x, y + height * luck.random(), x + width * luck.random(), y, x + width, y + height / 2, x + width / 2, y + height]
    return [[round(number, 1) for number in ring]]


def run_lengths(luck, box):
    bitmap = numpy.zeros((HEIGHT, WIDTH), dtype=numpy.uint8, order="F")
    x, y, width, height = (round(side) for side in box)
    bitmap[y : y + height, x : x + width] = 1
    bitmap[y : y + height // 3, x : x + round(width * luck.random())] = 0
    shape = masks.encode(bitmap)
    return {"size": list(shape["size"]), "counts": shape["counts"].decode()}


def encoded(shape):
    return masks.merge(masks.frPyObjects(shape, HEIGHT, WIDTH)) if isinstance(shape, list) else shape


def reference(task, truth, results, is_agnostic):
    # It prints what it does, which nobody wants to read here.
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(truth))
        evaluation = COCOeval(coco, coco.loadRes(str(results)), task)
        evaluation.params.useCats = 0 if is_agnostic else 1
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    own = {}
    if not is_agnostic:
        for index, category in enumerate(evaluation.params.catIds):
            values = precision[:, :, index]
            values = values[values > -1]
            own[coco.cats[category]["name"]] = float(values.mean()) if values.size else -1
    return list(evaluation.stats), own


def dsv(folder, *words):
    done = subprocess.run(["node", DSV, *words], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"dsv {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def check(name, folder):
    task, ours, options, is_layer, made = SETS[name]
    dataset, results = make(task, name, **made)
    place = folder / "data" / "annotations"
    place.mkdir(parents=True)
    kind = "person_keypoints" if task == "keypoints" else "instances"
    truth = place / f"{kind}_val.json"
    truth.write_text(json.dumps(dataset))
    found = (place if is_layer else folder) / "found.json"
    found.write_text(json.dumps(results))
    dsv(folder, "init")
    dsv(folder, "add", "data", "--format", "coco")
    source = ["--predictions", "found"] if is_layer else ["--predictions-file", "found.json"]
    report = json.loads(dsv(folder, "eval", *source, "--task", ours, "--json", *options))
    stats, own = reference(task, truth, found, bool(options))
    figures = [-1 if value is None else value for value in list(report["figures"].values())[: len(stats)]]
    compare("figures", figures, stats)
    assert any(0 < value < 1 for value in stats), "nothing was compared"
    if not options:
        said = {each["category"]: each["figures"]["AP"] for each in report["categories"]}
        compare("categories", [-1 if said[key] is None else said[key] for key in own], list(own.values()))


def compare(what, ours, theirs):
    assert len(ours) == len(theirs), f"{what}: {len(ours)}, not {len(theirs)}"
    worst = max(abs(a - b) for a, b in zip(ours, theirs))
    assert worst <= TOLERANCE, f"{what} differ by {worst}: {ours}, not {theirs}"


def main(folder, *names):
    passed = failed = 0
    for name in names or SETS:
        place = Path(folder) / name
        place.mkdir()
        try:
            check(name, place)
        except AssertionError as error:
            failed += 1
            print(f"failed: evaluation of {name}: {error}")
        else:
            passed += 1
            print(f"passed: evaluation of {name}")
    print(f"{passed} passed, {failed} failed, 0 skipped")


if __name__ == "__main__":
    main(*sys.argv[1:])
