"""Makes small datasets for dsv to convert, and says what is in them.

The truth is JSON: `categories`, `width`, `height`, and `items` by id, each with its `subset`, its `image` (a path), and
as far as asked for `label`, `boxes` (`[category, x, y, width, height]`), `polygons` (`[category, [x, y, …]]`), `masks`
(`[category, rows]`, a row being text of `#` and `.`), `points` (`[category, [x, y, visibility, …]]`) and `caption`.
"""

import json
import sys
from pathlib import Path

import numpy
import pycocotools.mask
from PIL import Image

CATEGORIES = ["cat", "dog & bone", "Straßenbahn"]
SUBSETS = {"train": ["a1", "b2", "c3"], "val": ["d4", "e5"]}
JOINTS = ["left", "right", "mouth"]


def make_truth(folder, kinds, width=40, height=30, extension=".png"):
    """Writes images of noise, which no two formats can confuse, and returns what is said of them."""
    random = numpy.random.default_rng(7)
    items = {}
    for subset, ids in SUBSETS.items():
        for index, name in enumerate(ids):
            image = folder / "images" / subset / f"{name}{extension}"
            image.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(random.integers(0, 256, (height, width, 3), numpy.uint8)).save(image)
            first, second, third = (CATEGORIES[(index + each) % 3] for each in range(3))
            # The last image has nothing on it but what an image as a whole is called.
            is_empty = name == "e5"
            said = {
                "label": first,
                "caption": f"Zwei „{first}“, and {index} others",
                "boxes": [[first, 4.5, 3.25, 16, 10.125], [second, 20, 15, 8 + index, 9]],
                "polygons": [[third, [4.5, 3, 20, 3.5, 18.25, 13]]],
                "points": [[first, [4.5, 3, 2, 20, 5, 1, 8, 9, 2]]],
                "masks": [
                    [first, noise(random, width, height, (3, 2, 19, 14))],
                    [second, noise(random, width, height, (22, 2, 37, 28))],
                    [first, noise(random, width, height, (3, 16, 19, 28))],
                ],
            }
            wanted = {kind: said[kind] for kind in kinds}
            if is_empty:
                wanted = {k: [] if isinstance(v, list) else v for k, v in wanted.items()}
            items[name] = {"subset": subset, "image": str(image), **wanted}
    return {"width": width, "height": height, "categories": CATEGORIES, "items": items}


def noise(random, width, height, corners):
    """A mask of scattered pixels between two corners, in rows of text."""
    left, top, right, bottom = corners
    pixels = random.random((height, width)) < 0.7
    pixels[:top] = pixels[bottom:] = False
    pixels[:, :left] = pixels[:, right:] = False
    return ["".join("#" if pixel else "." for pixel in row) for row in pixels]


def pixels_of(rows):
    """The mask that `noise` has put into text."""
    return numpy.array([[letter == "#" for letter in row] for row in rows])


def image_of(item):
    """The pixels of an item's image, as red, green and blue."""
    return numpy.array(Image.open(item["image"]).convert("RGB"))


def write_datumaro(folder, truth):
    """Writes what `truth` says in Datumaro's JSON, which dsv reads."""
    (folder / "annotations").mkdir(parents=True)
    index = {name: at for at, name in enumerate(truth["categories"])}
    labels = [{"name": name, "parent": "", "attributes": []} for name in truth["categories"]]
    skeletons = [{"labels": JOINTS, "joints": [[1, 2]], "label_id": at} for at in index.values()]
    categories = {"label": {"labels": labels, "attributes": []}, "points": {"items": skeletons}}
    for subset in SUBSETS:
        items = []
        for name, item in truth["items"].items():
            if item["subset"] != subset:
                continue
            annotations = []
            for label, said in annotations_of(item):
                annotations.append({"label_id": index.get(label), "attributes": {}, **said})
            media = {"path": Path(item["image"]).name, "size": [truth["height"], truth["width"]]}
            items.append({"id": name, "annotations": annotations, "image": media, "attr": {}})
        data = {"info": {}, "categories": categories, "items": items}
        (folder / "annotations" / f"{subset}.json").write_text(json.dumps(data))


def annotations_of(item):
    if "label" in item:
        yield item["label"], {"type": "label"}
    if "caption" in item:
        yield None, {"type": "caption", "caption": item["caption"]}
    for label, *box in item.get("boxes", []):
        yield label, {"type": "bbox", "bbox": box}
    for label, points in item.get("polygons", []):
        yield label, {"type": "polygon", "points": points}
    for label, points in item.get("points", []):
        places = [number for at, number in enumerate(points) if at % 3 != 2]
        yield label, {"type": "points", "points": places, "visibility": points[2::3]}
    for label, rows in item.get("masks", []):
        runs = pycocotools.mask.encode(numpy.asfortranarray(pixels_of(rows).astype(numpy.uint8)))
        size = [int(side) for side in runs["size"]]
        yield label, {"type": "mask", "rle": {"counts": runs["counts"].decode(), "size": size}}


def write_coco_runs(folder, truth):
    """Writes the masks of `truth` as crowds in COCO's JSON, with counts that are lists of numbers."""
    ids = {name: at for at, name in enumerate(truth["categories"], 1)}
    categories = [{"id": number, "name": name} for name, number in ids.items()]
    for subset in SUBSETS:
        images, annotations = [], []
        for name, item in truth["items"].items():
            if item["subset"] != subset:
                continue
            size = {"width": truth["width"], "height": truth["height"]}
            images.append({"id": len(images) + 1, "file_name": Path(item["image"]).name, **size})
            for label, rows in item["masks"]:
                pixels = pixels_of(rows)
                segmentation = {"counts": counts_of(pixels), "size": list(pixels.shape)}
                facts = {"segmentation": segmentation, "iscrowd": 1, "area": int(pixels.sum())}
                owner = {"image_id": len(images), "category_id": ids[label], "bbox": box_of(pixels)}
                annotations.append({"id": len(annotations) + 1, **owner, **facts})
        data = {"images": images, "categories": categories, "annotations": annotations}
        (folder / "annotations").mkdir(exist_ok=True)
        (folder / "annotations" / f"instances_{subset}.json").write_text(json.dumps(data))


def counts_of(pixels):
    """Lengths of runs, column after column, that of the background first."""
    flat = pixels.flatten(order="F").astype(int)
    ends = [*(numpy.flatnonzero(numpy.diff(flat)) + 1), len(flat)]
    counts = numpy.diff([0, *ends]).tolist()
    return [0, *counts] if flat[0] else counts


def box_of(pixels):
    rows, columns = numpy.nonzero(pixels)
    left, top = int(columns.min()), int(rows.min())
    return [left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top]


def write_coco_labels(folder, truth):
    """Writes the labels of `truth` in COCO's JSON, each class within a larger one."""
    ids = {name: at for at, name in enumerate(truth["categories"], 1)}
    categories = [
        {"id": number, "name": name, "supercategory": truth["coarse"][name]}
        for name, number in ids.items()
    ]
    (folder / "annotations").mkdir()
    for subset in SUBSETS:
        own = [(n, item) for n, item in truth["items"].items() if item["subset"] == subset]
        size = {"width": truth["width"], "height": truth["height"]}
        images = [
            {"id": at, "file_name": Path(item["image"]).name, **size}
            for at, (_, item) in enumerate(own, 1)
        ]
        annotations = [
            {"id": at, "image_id": at, "category_id": ids[item["label"]]}
            for at, (_, item) in enumerate(own, 1)
        ]
        data = {"images": images, "categories": categories, "annotations": annotations}
        (folder / "annotations" / f"labels_{subset}.json").write_text(json.dumps(data))


def write_vistas(folder, truth):
    """Writes the masks of `truth` as panoptic segments of Mapillary Vistas; every second class has things."""
    configured = [
        {"name": name, "instances": at % 2 == 0, "color": [40 * at, 10, 200]}
        for at, name in enumerate(truth["categories"])
    ]
    (folder / "config_v2.0.json").write_text(json.dumps({"labels": configured}))
    ids = {name: at for at, name in enumerate(truth["categories"], 1)}
    for subset, folder_name in (("train", "training"), ("val", "validation")):
        panoptic = folder / folder_name / "v2.0" / "panoptic"
        panoptic.mkdir(parents=True)
        (folder / folder_name / "images").mkdir()
        records = []
        for name, item in truth["items"].items():
            if item["subset"] != subset:
                continue
            image = Path(item["image"])
            image.rename(folder / folder_name / "images" / image.name)
            item["image"] = str(folder / folder_name / "images" / image.name)
            plane = numpy.zeros((truth["height"], truth["width"], 3), numpy.uint8)
            segments = []
            for at, (label, rows) in enumerate(item["masks"], 1):
                pixels, number = pixels_of(rows), 70_000 * at + at
                plane[pixels] = [number % 256, number // 256 % 256, number // 65536]
                facts = {"iscrowd": 0, "area": int(pixels.sum()), "bbox": box_of(pixels)}
                segments.append({"id": number, "category_id": ids[label], **facts})
            Image.fromarray(plane).save(panoptic / f"{name}.png")
            records.append(
                {"image_id": name, "file_name": f"{name}.png", "segments_info": segments}
            )
        categories = [
            {"id": number, "name": name, "supercategory": "thing", "isthing": number % 2}
            for name, number in ids.items()
        ]
        data = {"images": [], "categories": categories, "annotations": records}
        (panoptic / "panoptic_2020.json").write_text(json.dumps(data))


def write_clips(folder, truth):
    """Writes lists of clips as Kinetics has them; the videos are no more than a name and some bytes."""
    for subset in SUBSETS:
        lines = ["label,youtube_id,time_start,time_end,split"]
        for name, item in truth["items"].items():
            if item["subset"] == subset:
                lines.append(f"{item['label']},{name},0,10,{subset}")
                (folder / subset).mkdir(exist_ok=True)
                (folder / subset / f"{name}_000000_000010.mp4").write_bytes(name.encode())
        (folder / f"{subset}.csv").write_text("\n".join(lines) + "\n")


def run(check):
    """Lets a script be called with the folder of an export, the file of the truth, and words of its own."""
    folder, truth, *words = sys.argv[1:]
    check(Path(folder), json.loads(Path(truth).read_text()), *words)
