"""Checks what the first example left behind, with programs that share no code with dsv.

    python check_exports.py <folder of examples/01-street-scenes/run.sh>

Prints one line for each check and "N passed, N failed, N skipped" in the end.
"""

import contextlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import traceback
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path

import numpy
from PIL import Image
from pycocotools.coco import COCO

from read_repository import Repository, read

SIZE = (640, 360)


def truth_of(story):
    images = json.loads((story / "truth.json").read_text())
    return {
        image["id"]: sorted((each["category"], *each["box"]) for each in image["objects"])
        for image in images
    }


def coco_files(story):
    files = sorted((story / "coco").rglob("*.json"))
    # It prints what it does, which nobody wants to read here.
    with contextlib.redirect_stdout(io.StringIO()):
        return [COCO(str(file)) for file in files]


def check_coco_boxes(story):
    """pycocotools finds every box where the picture shows it, and no other"""
    found = {}
    for coco in coco_files(story):
        for image_id, image in coco.imgs.items():
            assert (image["width"], image["height"]) == SIZE
            found[Path(image["file_name"]).stem] = sorted(
                (coco.cats[each["category_id"]]["name"], x, y, x + width, y + height)
                for each in coco.loadAnns(coco.getAnnIds(imgIds=image_id))
                if not is_mask(each)
                for x, y, width, height in [each["bbox"]]
            )
    assert found == truth_of(story)


def check_coco_masks(story):
    """pycocotools decodes the masks to the pixels of the palette PNGs, with their area and box"""
    count = 0
    for coco in coco_files(story):
        for image_id, image in coco.imgs.items():
            masks = [each for each in coco.loadAnns(coco.getAnnIds(imgIds=image_id)) if is_mask(each)]
            wanted = instances(story / "repo" / "street", Path(image["file_name"]).stem)
            assert len(masks) == len(wanted)
            for each in masks:
                pixels = coco.annToMask(each).astype(bool)
                name = coco.cats[each["category_id"]]["name"]
                key = (name, pixels.tobytes())
                assert wanted[key] == 1, "a mask is not in the PNG"
                del wanted[key]
                rows, columns = numpy.nonzero(pixels)
                left, top = int(columns.min()), int(rows.min())
                right, bottom = int(columns.max()) + 1, int(rows.max()) + 1
                assert each["area"] == pixels.sum()
                assert each["bbox"] == [left, top, right - left, bottom - top]
                count += 1
    assert count > 100


def is_mask(annotation):
    return isinstance(annotation.get("segmentation"), dict)


def instances(folder, image_id):
    """The masks of an image by category, read from the palette PNGs with Pillow."""
    file = folder / "SegmentationObject" / f"{image_id}.png"
    if not file.exists():
        return Counter()
    objects = numpy.array(Image.open(file))
    classes = numpy.array(Image.open(folder / "SegmentationClass" / f"{image_id}.png"))
    lines = (folder / "labelmap.txt").read_text().splitlines()[1:]
    names = [line.split(":")[0] for line in lines]
    found = Counter()
    for index in numpy.unique(objects[objects > 0]):
        pixels = objects == index
        (class_index,) = numpy.unique(classes[pixels])
        found[(names[class_index], pixels.tobytes())] += 1
    return found


def check_yolo(story):
    """A plain parser finds every box of the YOLO export to the pixel"""
    folder = story / "yolo"
    (yaml,) = folder.rglob("*.yaml")
    names = {}
    for line in yaml.read_text().splitlines():
        number, _, name = line.strip().partition(": ")
        if line.startswith(" ") and number.isdigit():
            names[int(number)] = name.strip("'\"")
    found = {}
    for image in folder.rglob("*.jpg"):
        assert Image.open(image).size == SIZE
        labels = Path(*["labels" if part == "images" else part for part in image.parts])
        labels = labels.with_suffix(".txt")
        lines = labels.read_text().splitlines() if labels.exists() else []
        found[image.stem] = sorted(from_yolo(names, line.split()) for line in lines)
    assert found == truth_of(story)


def from_yolo(names, fields):
    assert len(fields) == 5
    cx, cy, width, height = (float(field) for field in fields[1:])
    box = (
        (cx - width / 2) * SIZE[0],
        (cy - height / 2) * SIZE[1],
        (cx + width / 2) * SIZE[0],
        (cy + height / 2) * SIZE[1],
    )
    whole = tuple(round(number) for number in box)
    assert max(abs(a - b) for a, b in zip(box, whole)) < 1e-3
    return (names[int(fields[0])], *whole)


def check_voc(story):
    """Python's XML and Pillow read the Pascal VOC files that merges have written"""
    for folder in (story / "repo" / "street", story / "as-it-is" / "street"):
        found = {}
        for file in (folder / "Annotations").glob("*.xml"):
            root = xml.parse(file).getroot()
            assert root.findtext("filename") == f"{file.stem}.jpg"
            assert (root.findtext("size/width"), root.findtext("size/height")) == ("640", "360")
            found[file.stem] = sorted(from_voc(each) for each in root.iter("object"))
        assert found == truth_of(story)
        listed = [
            line
            for name in ("train", "val")
            for line in (folder / "ImageSets" / "Main" / f"{name}.txt").read_text().split()
        ]
        assert sorted(listed) == sorted(found)
        for file in (folder / "SegmentationObject").glob("*.png"):
            assert Image.open(file).mode == "P"


def from_voc(element):
    left, top, right, bottom = (
        int(float(element.findtext(f"bndbox/{name}"))) for name in ("xmin", "ymin", "xmax", "ymax")
    )
    return (element.findtext("name"), left, top, right, bottom)


def check_repository(story):
    """A second reader, written from docs/on-disk-format.md, finds every hash right"""
    counts = read(str(story / "repo" / ".dsv"))
    (dataset,) = counts["datasets"].values()
    boxes = Counter(category for boxes in truth_of(story).values() for category, *_ in boxes)
    assert dataset["categories"] == dict(boxes), dataset
    assert dataset["items"] == 24 and counts["commits"] >= 7 and counts["operations"] >= 15, counts
    files = [file for file in (story / "repo" / "street").rglob("*") if file.is_file()]
    assert counts["files"] == len(files)
    assert counts["fileBytes"] == sum(file.stat().st_size for file in files)


def check_reader_notices_damage(story):
    """The second reader refuses the repository when any one byte of it is wrong"""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(story / "repo" / ".dsv", copy, ignore=shutil.ignore_patterns("local"))
        live = Repository(str(copy)).root["fragments"]
        files = [copy / "root", *(copy / "objects" / "index" / f"{name}.idx" for name in live)]
        files += sorted(file for file in (copy / "objects" / "blob").rglob("*") if file.is_file())[:3]
        for file in files:
            data = file.read_bytes()
            for at in (len(data) // 3, len(data) - 1):
                file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
                assert refuses(copy), f"a wrong byte {at} of {file.name} goes unnoticed"
            file.write_bytes(data)
        assert not refuses(copy)


def refuses(folder):
    try:
        read(str(folder))
        return False
    except Exception:
        return True


def check_coco_loads(story):
    """pycocotools loads every COCO file and finds masks of the right size and area"""
    script = Path(__file__).with_name("check_coco.py")
    subprocess.run([sys.executable, str(script), str(story / "coco")], check=True)


def main():
    story = Path(sys.argv[1])
    failed = 0
    checks = [value for name, value in sorted(globals().items()) if name.startswith("check_")]
    for check in checks:
        try:
            check(story)
            print(f"ok      {check.__doc__}")
        except Exception:
            failed += 1
            print(f"FAILED  {check.__doc__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


main()
