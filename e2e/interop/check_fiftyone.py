"""Reads an export of a FiftyOne dataset with json, zlib and numpy, as FiftyOne itself does.

Usage: check_fiftyone.py FOLDER. Exits with 1 where something cannot be read or does not fit.
"""

import base64
import io
import json
import pathlib
import sys
import zlib

import numpy


def check(folder: pathlib.Path) -> None:
    metadata = json.loads((folder / "metadata.json").read_text())
    classes = set(metadata["default_classes"])
    samples = json.loads((folder / "samples.json").read_text())["samples"]
    assert samples, "at least one sample"
    for sample in samples:
        assert (folder / sample["filepath"]).is_file(), sample["filepath"]
        size = [sample["metadata"][name] for name in ("width", "height")]
        for value in sample.values():
            if isinstance(value, dict) and value.get("_cls") == "Detections":
                for detection in value["detections"]:
                    assert detection.get("label") is None or detection["label"] in classes
                    check_mask(detection, size)


def check_mask(detection: dict, size: list[int]) -> None:
    box = [part * size[at % 2] for at, part in enumerate(detection["bounding_box"])]
    if "mask" not in detection:
        return
    binary = base64.b64decode(detection["mask"]["$binary"]["base64"])
    mask = numpy.load(io.BytesIO(zlib.decompress(binary)), allow_pickle=False)
    assert mask.dtype == bool
    assert mask.shape == (max(1, round(box[3])), max(1, round(box[2]))), mask.shape


if __name__ == "__main__":
    check(pathlib.Path(sys.argv[1]))
