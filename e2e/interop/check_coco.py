"""Loads COCO files with pycocotools and checks what it makes of them.

    python check_coco.py <folder> [truth.json]

Every image and annotation must be found by its id, every segmentation must decode to a mask of the size of its image,
and the area of a run-length mask must be the one that the file states. With a truth (see sample.py) boxes, polygons,
masks, points and captions are the ones that were made up, and COCO's evaluation finds that objects match themselves.
"""

import contextlib
import io
import json
import sys
from collections import Counter
from pathlib import Path

import numpy
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import sample


def load(path):
    # It prints what it does, which nobody wants to read here.
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def check_masks(path, coco):
    for annotation in coco.loadAnns(coco.getAnnIds()):
        image = coco.loadImgs(annotation["image_id"])[0]
        segmentation = annotation.get("segmentation")
        if not segmentation:
            continue
        rle = coco.annToRLE(annotation)
        size = list(rle["size"])
        if size != [image["height"], image["width"]]:
            raise SystemExit(f"{path}: mask of annotation {annotation['id']} has size {size}")
        is_mask = isinstance(segmentation, dict)
        if is_mask and "area" in annotation and int(masks.area(rle)) != annotation["area"]:
            raise SystemExit(f"{path}: area of annotation {annotation['id']} is {masks.area(rle)}")


def found_in(coco, annotation):
    """An annotation as the truth has it, with its kind."""
    segmentation = annotation.get("segmentation")
    if "caption" in annotation:
        return ("caption", annotation["caption"])
    name = coco.cats[annotation["category_id"]]["name"]
    if "keypoints" in annotation:
        assert coco.cats[annotation["category_id"]]["keypoints"] == sample.JOINTS
        assert annotation["num_keypoints"] == sum(v > 0 for v in annotation["keypoints"][2::3])
        return ("points", name, *annotation["keypoints"])
    if isinstance(segmentation, dict):
        return ("masks", name, coco.annToMask(annotation).astype(bool).tobytes())
    if segmentation:
        (ring,) = segmentation
        return ("polygons", name, *ring)
    return ("boxes", name, *annotation["bbox"])


def wanted_of(item):
    yield from (("boxes", *box) for box in item.get("boxes", []))
    yield from (("polygons", name, *ring) for name, ring in item.get("polygons", []))
    yield from (("points", name, *points) for name, points in item.get("points", []))
    for name, rows in item.get("masks", []):
        yield ("masks", name, sample.pixels_of(rows).tobytes())
    if "caption" in item:
        yield ("caption", item["caption"])


def evaluate(coco, kind):
    """Objects that are their own predictions are all found, and nothing else is."""
    annotations = coco.loadAnns(coco.getAnnIds())
    results = [
        {
            "image_id": each["image_id"],
            "category_id": each["category_id"],
            "score": 1.0,
            **({"bbox": each["bbox"]} if kind == "bbox" else {"segmentation": coco.annToRLE(each)}),
        }
        for each in annotations
        if kind == "bbox" or each.get("segmentation")
    ]
    if kind == "segm":
        coco.dataset["annotations"] = [each for each in annotations if each.get("segmentation")]
        coco.createIndex()
    evaluation = COCOeval(coco, coco.loadRes(results), kind)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats


def compare(files, truth):
    found = {name: Counter() for name in truth["items"]}
    for path in files:
        coco = load(path)
        subset = path.stem.rpartition("_")[2]
        for image in coco.imgs.values():
            name = Path(image["file_name"]).stem
            assert truth["items"][name]["subset"] == subset, f"{name} is in {subset}"
            assert (image["width"], image["height"]) == (truth["width"], truth["height"])
            copy = path.parent.parent / "images" / subset / image["file_name"]
            assert copy.read_bytes() == Path(truth["items"][name]["image"]).read_bytes(), copy
            for annotation in coco.loadAnns(coco.getAnnIds(imgIds=image["id"])):
                found[name][found_in(coco, annotation)] += 1
    for name, item in truth["items"].items():
        wanted = Counter(wanted_of(item))
        assert found[name] == wanted, f"{name}: {found[name] - wanted}, not {wanted - found[name]}"
    for path in files:
        annotations = load(path).anns.values()
        if path.name.startswith("instances") and not any(each["iscrowd"] for each in annotations):
            for kind in ("bbox", "segm"):
                with contextlib.redirect_stdout(io.StringIO()):
                    stats = evaluate(load(path), kind)
                assert numpy.isclose(stats[0], 1), f"{path.name}: precision of {kind} is {stats[0]}"


def main(folder, truth=None):
    files = sorted(Path(folder).rglob("*.json"))
    assert files, "no files"
    for path in files:
        check_masks(path, load(path))
    if truth is not None:
        compare(files, json.loads(Path(truth).read_text()))


if __name__ == "__main__":
    main(*sys.argv[1:])
