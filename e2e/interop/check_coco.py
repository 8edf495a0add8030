"""Loads COCO files with pycocotools and checks what it makes of them.

Usage: check_coco.py <annotations.json> …

Every image and annotation must be found by its id, every segmentation must decode to a mask of the
size of its image, and the area of a run-length mask must be the one that the file states. Needs
pycocotools in the Python that runs it.
"""

import contextlib
import io
import sys

from pycocotools import mask as masks
from pycocotools.coco import COCO


def check(path):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(path)
    annotations = coco.loadAnns(coco.getAnnIds())
    checked = 0
    for annotation in annotations:
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
        checked += 1
    print(f"{path}: {len(coco.imgs)} images, {len(annotations)} annotations, {checked} masks")


for name in sys.argv[1:]:
    check(name)
