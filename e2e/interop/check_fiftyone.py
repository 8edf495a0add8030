"""Reads an export of a FiftyOne dataset with json, zlib and numpy, as FiftyOne itself does.

    python check_fiftyone.py <folder> <truth.json>
"""

import base64
import io
import json
import zlib
from pathlib import Path

import numpy

import sample


def check(folder, truth):
    metadata = json.loads((folder / "metadata.json").read_text())
    assert metadata["default_classes"] == truth["categories"]
    found = set()
    for read in json.loads((folder / "samples.json").read_text())["samples"]:
        path = folder / read["filepath"]
        item = truth["items"][path.stem]
        assert read["tags"] == [item["subset"]]
        assert path.read_bytes() == Path(item["image"]).read_bytes()
        sides = [read["metadata"][name] for name in ("width", "height")]
        assert sides == [truth["width"], truth["height"]]
        labels, shapes = [], []
        for value in read.values():
            if isinstance(value, dict) and value.get("_cls") == "Classification":
                labels.append(value["label"])
            if isinstance(value, dict) and value.get("_cls") == "Classifications":
                labels += [each["label"] for each in value["classifications"]]
            if isinstance(value, dict) and value.get("_cls") == "Detections":
                shapes += [shape_of(each, sides) for each in value["detections"]]
        assert labels == [item["label"]]
        compare(shapes, item)
        found.add(path.stem)
    assert found == set(truth["items"])


def shape_of(detection, sides):
    box = [part * side for part, side in zip(detection["bounding_box"], sides * 2)]
    if "mask" not in detection:
        return (detection["label"], box, None)
    binary = base64.b64decode(detection["mask"]["$binary"]["base64"])
    mask = numpy.load(io.BytesIO(zlib.decompress(binary)), allow_pickle=False)
    assert mask.dtype == bool
    left, top, width, height = map(round, box)
    assert mask.shape == (height, width), mask.shape
    pixels = numpy.zeros(sides[::-1], bool)
    pixels[top : top + height, left : left + width] = mask
    return (detection["label"], box, pixels)


def compare(shapes, item):
    wanted = [(label, box, None) for label, *box in item["boxes"]]
    for label, rows in item["masks"]:
        pixels = sample.pixels_of(rows)
        wanted.append((label, sample.box_of(pixels), pixels))
    assert len(shapes) == len(wanted)
    for (label, box, mask), (right_label, right_box, right_mask) in zip(shapes, wanted):
        assert label == right_label and numpy.allclose(box, right_box, atol=1e-9)
        assert (mask is None) == (right_mask is None)
        assert mask is None or (mask == right_mask).all()


if __name__ == "__main__":
    sample.run(check)
