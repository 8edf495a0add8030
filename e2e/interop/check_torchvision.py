"""Reads exports with the datasets of torchvision: VOC, CIFAR, class folders of images and of videos.

    python check_torchvision.py <folder> <truth.json> voc|voc-masks|cifar10|cifar100|image-folder|kinetics

torch itself takes gigabytes. What these datasets use of it is a base class without code, so an empty one stands in,
and torchvision is installed without what it depends on. Its files are loaded one by one: its package loads operators.
"""

import hashlib
import importlib
import importlib.machinery
import operator
import shutil
import sys
import tempfile
import types
from pathlib import Path
from typing import Generic, TypeVar
from unittest import mock

import numpy
from PIL import Image

import sample


def load_datasets():
    torch = mock.MagicMock(name="torch")
    base = Generic[TypeVar("T_co", covariant=True)]
    torch.utils.data.Dataset = types.new_class("Dataset", (base,))
    for name in ("", ".utils", ".utils.data", ".utils.model_zoo", ".hub"):
        sys.modules[f"torch{name}"] = operator.attrgetter(name[1:])(torch) if name else torch
    folder = Path(importlib.machinery.PathFinder.find_spec("torchvision").origin).parent
    for name in ("torchvision", "torchvision.datasets"):
        package = types.ModuleType(name)
        package.__path__ = [str(folder.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
    sys.modules["torchvision"].get_image_backend = lambda: "PIL"
    # It decodes videos with torch; which videos there are is found without it.
    sys.modules["torchvision.datasets.video_utils"] = mock.MagicMock()
    return {
        name: importlib.import_module(f"torchvision.datasets.{name}")
        for name in ("voc", "cifar", "folder", "kinetics")
    }


def items_of(truth, subset):
    return {name: item for name, item in truth["items"].items() if item["subset"] == subset}


def voc_root(folder, work):
    """torchvision looks for VOCdevkit/VOC2012; the export is the content of it."""
    root = work / "VOCdevkit" / "VOC2012"
    shutil.copytree(folder, root)
    return str(work)


def check_voc(datasets, folder, truth, work):
    root = voc_root(folder, work)
    for subset in ("train", "val"):
        dataset = datasets["voc"].VOCDetection(root, image_set=subset)
        wanted = items_of(truth, subset)
        assert len(dataset) == len(wanted)
        for image, target in (dataset[at] for at in range(len(dataset))):
            said = target["annotation"]
            item = wanted.pop(Path(said["filename"]).stem)
            assert (numpy.array(image) == sample.image_of(item)).all()
            sides = (str(truth["width"]), str(truth["height"]))
            assert (said["size"]["width"], said["size"]["height"]) == sides
            boxes = [
                [each["name"], *(float(each["bndbox"][n]) for n in ("xmin", "ymin", "xmax", "ymax"))]
                for each in said["object"]
            ]
            assert boxes == [[n, x, y, x + w, y + h] for n, x, y, w, h in item["boxes"]], boxes


def check_voc_masks(datasets, folder, truth, work):
    root = voc_root(folder, work)
    names = ["background", *truth["categories"]]
    for subset in ("train", "val"):
        dataset = datasets["voc"].VOCSegmentation(root, image_set=subset)
        wanted = [item for item in items_of(truth, subset).values() if item["masks"]]
        assert len(dataset) == len(wanted)
        for at, item in enumerate(wanted):
            image, target = dataset[at]
            assert (numpy.array(image) == sample.image_of(item)).all()
            plane = numpy.zeros((truth["height"], truth["width"]), int)
            for label, rows in item["masks"]:
                plane[sample.pixels_of(rows)] = names.index(label)
            assert (numpy.array(target) == plane).all()


def check_cifar(datasets, folder, truth, _work, kind):
    def listed(name):
        # The checksums of torchvision are those of the original files, so users of others state their own.
        return [name, hashlib.md5((folder / name).read_bytes()).hexdigest()]

    base = datasets["cifar"].CIFAR100 if kind == "cifar100" else datasets["cifar"].CIFAR10
    meta = listed(base.meta["filename"])
    members = {
        "base_folder": "",
        "train_list": [listed("train")],
        "test_list": [listed("val")],
        "meta": {**base.meta, "md5": meta[1]},
    }
    ours = type("Ours", (base,), members)
    for subset in ("train", "val"):
        dataset = ours(str(folder), train=subset == "train")
        assert dataset.classes == truth["categories"], dataset.classes
        wanted = list(items_of(truth, subset).values())
        assert len(dataset) == len(wanted)
        for at, item in enumerate(wanted):
            image, target = dataset[at]
            assert (numpy.array(image) == sample.image_of(item)).all()
            assert dataset.classes[target] == item["label"]


def check_image_folder(datasets, folder, truth, _work):
    for subset in ("train", "val"):
        dataset = datasets["folder"].ImageFolder(str(folder / subset))
        wanted = items_of(truth, subset)
        assert dataset.classes == sorted({item["label"] for item in wanted.values()})
        assert len(dataset) == len(wanted)
        for at, (path, _) in enumerate(dataset.samples):
            image, target = dataset[at]
            item = wanted.pop(Path(path).stem)
            assert (numpy.array(image) == sample.image_of(item)).all()
            assert dataset.classes[target] == item["label"]


def check_kinetics(datasets, folder, truth, _work):
    for subset in ("train", "val"):
        dataset = datasets["kinetics"].Kinetics(str(folder), frames_per_clip=1, split=subset)
        found = {Path(path).stem: dataset.classes[at] for path, at in dataset.samples}
        assert found == {n: item["label"] for n, item in items_of(truth, subset).items()}, found


def check(folder, truth, kind):
    checks = {
        "voc": check_voc,
        "voc-masks": check_voc_masks,
        "cifar10": lambda *each: check_cifar(*each, kind),
        "cifar100": lambda *each: check_cifar(*each, kind),
        "image-folder": check_image_folder,
        "kinetics": check_kinetics,
    }
    with tempfile.TemporaryDirectory() as work:
        checks[kind](load_datasets(), folder, truth, Path(work))


if __name__ == "__main__":
    sample.run(check)
