"""Lets Datumaro read what dsv writes, format by format, and compares every annotation.

    python check_datumaro.py <folder for files> [format …]

datumaro-formats.json says which of Datumaro's readers goes with which of our formats (`coco:keypoints` is one
task of several) and what they both can say; datumaro-samples.json what is made up for it. For each, a small
dataset is made here, converted by `dsv convert`, read by Datumaro, and compared with what was made. Prints a table and "N passed, N failed, N skipped".
"""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import datumaro  # noqa: E402
import numpy  # noqa: E402
import pycocotools.mask  # noqa: E402
from PIL import Image  # noqa: E402

HERE = Path(__file__).parent
DSV = HERE.parent.parent / "packages" / "cli" / "bin" / "dsv.js"
WIDTH, HEIGHT = 40, 30
BACKGROUNDS = ("background", "unlabeled")


def mask_of(x, y, width, height):
    pixels = numpy.zeros((HEIGHT, WIDTH), dtype=bool)
    pixels[y : y + height, x : x + width] = True
    return pixels


def sample(kinds, index, made, labels):
    """What is said of one image: (type, label index or None, shape) for each annotation."""
    backgrounds = 1 if made.get("hasBackground") else 0
    count = len(labels) - backgrounds
    first, second = backgrounds + index % count, backgrounds + (index + 1) % count
    all_kinds = {
        "label": [("label", first, ())],
        "box": [("box", first, (4 + index, 3, 16, 10)), ("box", second, (20, 15, 8, 9))],
        "rotated-box": [("rotated-box", first, (12, 10, 16, 8, 30))],
        "quad": [("quad", first, (4, 3, 20, 3, 20, 13, 4, 13))],
        "polygon": [("polygon", first, (4 + index, 3, 20, 3, 20, 13))],
        "polyline": [("polyline", first, (4, 3, 20, 3, 20, 13))],
        "points": [("points", first, (4, 3, 2, 20, 5, 1, 8, 9, 2))],
        "visible-points": [("points", first, (4, 3, 2, 20, 5, 2, 8, 9, 2))],
        "ellipse": [("ellipse", first, (4, 3, 20, 13))],
        "cuboid-2d": [("cuboid-2d", first, (4, 3, 20, 3, 20, 13, 4, 13, 6, 5, 22, 5, 22, 15, 6, 15))],
        "cuboid-3d": [("cuboid-3d", first, (1.5 + index, -2, 3.25, 0, 0, 0.5, 4, 2, 1.25))],
        "caption": [("caption", None, f"two cats and {index} dogs")],
        "mask": [
            ("mask", first, mask_of(4, 3, 10 + index, 8)),
            ("mask", second, mask_of(22, 15, 9, 7)),
        ],
    }
    if made.get("areSeen"):
        all_kinds["points"] = all_kinds["visible-points"]
    said = [each for kind in kinds for each in all_kinds.get(kind, [])]
    if made.get("isOneCategory"):
        said = [each for each in said if each[1] == first]
    return said[: made.get("most", len(said))]


def datumaro_json(kind, label, shape, number, group):
    """An annotation in Datumaro's JSON, which dsv reads."""
    common = {"id": number, "group": group, "attributes": {}, "label_id": label, "z_order": 0}
    if kind == "label":
        return {**common, "type": "label"}
    if kind == "box":
        return {**common, "type": "bbox", "bbox": list(shape)}
    if kind == "rotated-box":
        return {**common, "type": "rotated_bbox", "points": list(shape)}
    if kind == "quad":
        return {**common, "type": "polygon", "points": list(shape)}
    if kind in ("polygon", "polyline"):
        return {**common, "type": kind, "points": list(shape)}
    if kind == "ellipse":
        return {**common, "type": "ellipse", "points": list(shape)}
    if kind == "points":
        points = [value for at, value in enumerate(shape) if at % 3 != 2]
        visibility = list(shape[2::3])
        return {**common, "type": "points", "points": points, "visibility": visibility}
    if kind == "cuboid-2d":
        points = [list(pair) for pair in zip(*[iter(shape)] * 2)]
        return {**common, "type": "cuboid_2d", "points": points}
    if kind == "cuboid-3d":
        position, rotation, scale = (list(shape[at : at + 3]) for at in (0, 3, 6))
        return {
            **common,
            "type": "cuboid_3d",
            "position": position,
            "rotation": rotation,
            "scale": scale,
        }
    if kind == "caption":
        return {**common, "type": "caption", "caption": shape, "label_id": None}
    if kind == "mask":
        runs = pycocotools.mask.encode(numpy.asfortranarray(shape.astype(numpy.uint8)))
        rle = {"counts": runs["counts"].decode(), "size": [HEIGHT, WIDTH]}
        return {**common, "type": "mask", "rle": rle}
    raise ValueError(kind)


def write_source(folder, entry):
    """Writes the made-up dataset and returns what it says, by (subset, id)."""
    made = entry.get("sample", {})
    labels = made.get("labels", ["cat", "dog"])
    expected, number = {}, 0
    (folder / "annotations").mkdir(parents=True)
    for subset, ids in made.get("items", {"train": ["a1", "b2"]}).items():
        items = []
        for index, name in enumerate(ids):
            said = sample(entry["types"], index, made, labels)
            expected[subset, name] = said
            medium = write_medium(folder, subset, name, index, made)
            annotations = []
            for each in said:
                number += 1
                group = 1 if made.get("isGrouped") else 0
                own = each[1] + 1 if made.get("isIdOfClass") else number
                track = {"object_id": number} if made.get("isTracked") else {}
                annotations.append({**datumaro_json(*each, own, group), **track})
            attributes = made.get("attributes", {})
            items.append({"id": name, "annotations": annotations, **medium, "attr": attributes})
        names = [{"name": name, "parent": "", "attributes": []} for name in labels]
        categories = {"label": {"labels": names, "attributes": []}}
        if "points" in entry["types"] and not made.get("isWithoutSkeleton"):
            points = {"labels": ["left", "right", "mouth"], "joints": [[1, 2]]}
            skeletons = [{**points, "label_id": index} for index in range(len(labels))]
            categories["points"] = {"items": skeletons}
        if made.get("hasBackground"):
            black = {"label_id": 0, "r": 0, "g": 0, "b": 0}
            categories["mask"] = {"colormap": [black]}
        data = {"info": {}, "categories": categories, "items": items}
        (folder / "annotations" / f"{subset}.json").write_text(json.dumps(data))
    return labels, expected


def write_medium(folder, subset, name, index, made):
    """Writes an image or a point cloud; returns what Datumaro's JSON says of it."""
    if made.get("isCloud"):
        path = folder / "point_clouds" / subset / f"{name}.pcd"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = "VERSION .7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
        path.write_text(f"{head}VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 1\nDATA ascii\n{index} 2 3\n")
        return {"point_cloud": {"path": path.name}}
    path = folder / "images" / subset / f"{name}{made.get('extension', '.png')}"
    path.parent.mkdir(parents=True, exist_ok=True)
    shade = numpy.full((HEIGHT, WIDTH, 3), 60 + 30 * index, dtype=numpy.uint8)
    picture = Image.fromarray(shade)
    (picture.convert("L") if made.get("isGrey") else picture).save(path)
    file = str(path.relative_to(folder / "images" / subset))
    return {"image": {"path": file, "size": [HEIGHT, WIDTH]}}


def numbers(values, digits):
    return tuple(round(float(value), digits) + 0.0 for value in values)


def expected_text(each, labels, entry):
    kind, label, shape = each
    name = None if label is None or entry.get("isUnlabelled") else labels[label]
    if kind == "label":
        return ("label", name)
    if kind == "caption":
        return ("caption", None, shape)
    if kind == "mask":
        return ("mask", name, numpy.packbits(shape).tobytes())
    digits = entry.get("digits", 2)
    if kind == "quad" and entry.get("as") == "rotated-corners":
        corners = sorted(numbers(point, digits) for point in zip(*[iter(shape)] * 2))
        return ("rotated-corners", name, tuple(value for point in corners for value in point))
    if kind == "box" and entry.get("as") == "polygon":
        x, y, width, height = shape
        kind, shape = "polygon", (x, y, x + width, y, x + width, y + height, x, y + height)
    if kind == "cuboid-3d" and entry.get("isHeightFirst"):
        shape = (*shape[:6], *reversed(shape[6:]))
    return (kind, name, numbers(shape, digits))


def actual_text(each, labels, entry):
    kind = each.type.name
    name = None
    if getattr(each, "label", None) is not None:
        name = labels[each.label]
    if entry.get("isUnlabelled"):
        name = None
    digits = entry.get("digits", 2)
    if kind == "label":
        return ("label", name)
    if kind == "caption":
        return ("caption", None, each.caption)
    if kind == "mask":
        return ("mask", name, numpy.packbits(each.image.astype(bool)).tobytes())
    if kind == "bbox":
        scales = (WIDTH, HEIGHT, WIDTH, HEIGHT) if entry.get("isRelative") else (1, 1, 1, 1)
        box = [value * scale for value, scale in zip(each.get_bbox(), scales)]
        return ("box", name, numbers(box, digits))
    if kind == "rotated_bbox":
        shape = (each.cx, each.cy, each.w, each.h, each.r)
        if entry.get("as") == "rotated-corners":
            corners = sorted(numbers(point, digits) for point in zip(*[iter(numpy.ravel(each.as_polygon()))] * 2))
            return ("rotated-corners", name, tuple(value for point in corners for value in point))
        return ("rotated-box", name, numbers(shape, digits))
    if kind == "cuboid_3d":
        return ("cuboid-3d", name, numbers((*each.position, *each.rotation, *each.scale), digits))
    if kind == "points":
        pairs = zip(each.points[::2], each.points[1::2], each.visibility)
        shape = [value for x, y, seen in pairs for value in (x, y, seen.value)]
        return ("points", name, numbers(shape, digits))
    return (kind.replace("_", "-"), name, numbers(numpy.ravel(getattr(each, "points", ())), digits))


def compare(entry, labels, expected, dataset):
    """Returns what differs, as sentences."""
    names = [label.name for label in dataset.categories().get(label_type(), [])]
    kinds = set(entry.get("compared", entry["types"])) | {entry.get("as", "")}
    found = {}
    for item in dataset:
        key = item.id if entry.get("isKeyedById", False) else (item.subset, item.id)
        texts = [actual_text(each, names, entry) for each in item.annotations]
        # Datumaro makes a mask of what no class covers.
        found[key] = Counter(t for t in texts if t[0] in kinds and t[1] not in BACKGROUNDS)
        if item.media is not None and getattr(item.media, "size", None) is not None:
            height, width = item.media.size
            if (height, width) != (HEIGHT, WIDTH) and not entry.get("isResized"):
                return [f"{key}: the image is {width}×{height}"]
    wanted = {}
    for (subset, name), said in expected.items():
        name = entry.get("ids", {}).get(name, name)
        key = name if entry.get("isKeyedById", False) else (entry.get("subset", subset), name)
        texts = [expected_text(each, labels, entry) for each in said]
        wanted[key] = Counter(text for text in texts if text[0] in kinds)
    if set(found) != set(wanted):
        return [f"items are {sorted(map(str, found))}, not {sorted(map(str, wanted))}"]
    return [
        f"{key}: {shorter(found[key] - wanted[key])} instead of {shorter(wanted[key] - found[key])}"
        for key in wanted
        if found[key] != wanted[key]
    ]


def shorter(texts):
    return [tuple("…" if isinstance(v, bytes) else v for v in text) for text in texts.elements()]


def label_type():
    from datumaro.components.annotation import AnnotationType

    return AnnotationType.label


def check(key, entry, work):
    """Returns ('passed' | 'failed' | 'skipped', what was compared or what is wrong)."""
    if "skip" in entry:
        return "skipped", entry["skip"]
    name = key.partition(":")[0]
    source, target = work / "source", work / "target"
    if not {"datumaro", "types"} <= set(entry):
        return "failed", "datumaro-formats.json is damaged"
    labels, expected = write_source(source, entry)
    if entry["types"] and not any(expected.values()):
        return "skipped", "nothing of these types is made up here"
    words = ["convert", str(source), str(target), "--from", "datumaro", "--to", name]
    if "variant" in entry:
        words += ["--variant", entry["variant"]]
    dsv = subprocess.run(["node", str(DSV), *words], capture_output=True, text=True)
    if dsv.returncode != 0:
        return "failed", dsv.stderr.strip().splitlines()[0]
    folder = target / entry.get("path", "")
    try:
        dataset = datumaro.Dataset.import_from(str(folder), entry["datumaro"], **options(entry, target))
        differences = compare(entry, labels, expected, dataset)
    except Exception as error:  # Whatever Datumaro raises is an answer.
        cause = error.__cause__ or error
        if isinstance(cause, ImportError):
            return "skipped", f"Datumaro cannot be loaded whole: {cause}"
        return "failed", f"Datumaro: {type(cause).__name__}: {str(cause)[:200]}"
    if differences:
        return "failed", differences[0][:400]
    made = [each[0] for said in expected.values() for each in said]
    missing = [kind for kind in entry["types"] if kind not in made]
    without = f" (none made up: {', '.join(missing)})" if missing else ""
    return "passed", f"{len(expected)} items, {len(made)} annotations{without}"


def options(entry, target):
    """Options of the reader; `{target}` stands for the folder."""
    text = json.dumps(entry.get("options", {})).replace("{target}", str(target))
    return json.loads(text)


def entries_of(folder):
    """What datumaro-formats.json says of each format, and datumaro-samples.json over it."""
    known, own = (
        json.loads((folder / name).read_text())
        for name in ("datumaro-formats.json", "datumaro-samples.json")
    )
    return {key: {**known.get(key, {}), **own.get(key, {})} for key in sorted({*known, *own})}


def main(folder, chosen):
    entries = entries_of(HERE)
    tally = Counter()
    print(f"{'dsv':<32} {'Datumaro':<30} {'types':<34} result")
    for key, entry in entries.items():
        if chosen and key not in chosen and key.partition(":")[0] not in chosen:
            continue
        work = Path(tempfile.mkdtemp(dir=folder))
        result, what = check(key, entry, work)
        tally[result] += 1
        types = ", ".join(entry.get("types", [])) or "items"
        print(f"{key:<32} {entry.get('datumaro', ''):<30} {types:<34} {result}: {what}", flush=True)
        if result != "failed":
            shutil.rmtree(work)
    print(f"{tally['passed']} passed, {tally['failed']} failed, {tally['skipped']} skipped")
    return 1 if tally["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
