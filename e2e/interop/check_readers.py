"""Lets Python's own readers of each format read what dsv writes, and compares values and pixels.

    python check_readers.py <folder for files> [check …]

For each line of CHECKS a small dataset is made by sample.py, converted by `dsv convert`, and read by a script of its
own, which fails where anything differs from what was made. Prints "N passed, N failed, N skipped" in the end.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import sample

HERE = Path(__file__).parent
DSV = HERE.parent.parent / "packages" / "cli" / "bin" / "dsv.js"
COARSE = {"cat": "animal", "dog & bone": "animal", "Straßenbahn": "vehicle"}

LABEL = ["label"]
MASKS = ["masks"]
SHAPES = ["boxes", "polygons", "masks", "points", "caption"]
TEXTS = ["label", "caption", "boxes"]
JPEG = {"extension": ".jpg"}
SQUARE = {"width": 32, "height": 32}
CLASSES = ["image-folder", "--variant", "classes"]
PARQUET = ["hugging-face", "--variant", "parquet"]

# name: what is read, how it is made up, what dsv writes, which script reads it, what the script needs.
CHECKS = {
    "coco": ("pycocotools: COCO", (SHAPES, {}), ["coco"], ["coco"], None),
    "coco-runs": ("pycocotools: COCO, run lengths as numbers", (MASKS, {}), ["coco"], ["coco"], None),
    "coco-panoptic": ("Pillow: COCO panoptic", (MASKS, {}), ["coco"], ["panoptic"], None),
    "voc-palette": ("Pillow: palettes of VOC", (MASKS, {}), ["voc"], ["png", "voc"], None),
    "cityscapes": ("Pillow: 16 bits, Cityscapes", (MASKS, {}), ["cityscapes"], ["png", "cityscapes"], None),
    "kitti": ("Pillow: 16 bits, KITTI", (MASKS, {}), ["kitti"], ["png", "kitti"], None),
    "mots": ("Pillow: 16 bits, MOTS", (MASKS, {}), ["mots"], ["png", "mots"], None),
    "voc": ("torchvision: VOCDetection", (["boxes"], JPEG), ["voc"], ["torchvision", "voc"], "torchvision"),
    "voc-masks": ("torchvision: VOCSegmentation", (MASKS, JPEG), ["voc"], ["torchvision", "voc-masks"], "torchvision"),
    "cifar10-torch": ("torchvision: CIFAR10", (LABEL, SQUARE), ["cifar"], ["torchvision", "cifar10"], "torchvision"),
    "cifar100-torch": ("torchvision: CIFAR100", (LABEL, SQUARE), ["cifar"], ["torchvision", "cifar100"], "torchvision"),
    "image-folder": ("torchvision: ImageFolder", (LABEL, {}), CLASSES, ["torchvision", "image-folder"], "torchvision"),
    "imagenet": ("torchvision: ImageFolder", (LABEL, {}), ["imagenet"], ["torchvision", "image-folder"], "torchvision"),
    "kinetics": ("torchvision: Kinetics", (LABEL, {}), CLASSES, ["torchvision", "kinetics"], "torchvision"),
    "cifar10": ("pickle and numpy: CIFAR-10", (LABEL, SQUARE), ["cifar"], ["cifar"], None),
    "cifar100": ("pickle and numpy: CIFAR-100", (LABEL, SQUARE), ["cifar"], ["cifar"], None),
    "cifar-sizes": ("pickle and numpy: CIFAR of 40×30", (LABEL, {}), ["cifar"], ["cifar"], None),
    "tfrecord": ("protobuf, crc32c: TFRecord", (["boxes", "masks"], {}), ["tf-detection-api"], ["tfrecord"], "crc32c"),
    "parquet": ("pyarrow: Parquet", (TEXTS, {}), PARQUET, ["parquet", "pyarrow"], "pyarrow"),
    "parquet-datasets": ("datasets: Parquet", (TEXTS, {}), PARQUET, ["parquet", "parquet"], "datasets"),
    "imagefolder": ("datasets: image folder", (TEXTS, {}), ["hugging-face"], ["parquet", "imagefolder"], "datasets"),
    "webdataset": ("webdataset, tarfile", (["masks", *TEXTS], {}), ["webdataset"], ["webdataset"], "webdataset"),
    "fiftyone": ("json and numpy: FiftyOne", (["label", "boxes", "masks"], {}), ["fiftyone"], ["fiftyone"], None),
}

# What cannot be said in Datumaro's JSON is made up in another format.
SOURCES = {
    "coco-runs": sample.write_coco_runs,
    "coco-panoptic": sample.write_vistas,
    "cifar100": sample.write_coco_labels,
    "cifar100-torch": sample.write_coco_labels,
    "kinetics": sample.write_clips,
}


def check(name, work):
    """Returns 'passed', 'failed' or 'skipped', and what there is to say."""
    _, (kinds, made), to, (script, *words), package = CHECKS[name]
    if package is not None and importlib.util.find_spec(package) is None:
        return "skipped", f"there is no Python package {package}"
    source, target, truth_file = work / "source", work / "target", work / "truth.json"
    source.mkdir()
    truth = {**sample.make_truth(source, kinds, **made), "coarse": COARSE}
    SOURCES.get(name, sample.write_datumaro)(source, truth)
    truth_file.write_text(json.dumps(truth))
    written = run("node", DSV, "convert", source, target, "--to", *to)
    if written.returncode != 0:
        return "failed", written.stderr
    read = run(sys.executable, HERE / f"check_{script}.py", target, truth_file, *words)
    return ("passed", "") if read.returncode == 0 else ("failed", read.stdout + read.stderr)


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True)


def main(folder, chosen):
    tally = Counter()
    for name, (what, *_) in CHECKS.items():
        if chosen and name not in chosen:
            continue
        work = Path(tempfile.mkdtemp(dir=folder))
        result, why = check(name, work)
        tally[result] += 1
        shown = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}[result]
        print(f"{shown:<8}{what} ({name}){': ' + why.strip() if why else ''}", flush=True)
        if result != "failed":
            shutil.rmtree(work)
    print(f"{tally['passed']} passed, {tally['failed']} failed, {tally['skipped']} skipped")
    return 1 if tally["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
