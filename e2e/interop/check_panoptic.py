"""Reads panoptic COCO files as panopticapi does: the colours of a PNG are numbers of segments.

    python check_panoptic.py <folder> <truth.json>

panopticapi is not on PyPI. Its rule is red + 256 green + 65536 blue, and what its evaluation refuses is refused here.
"""

import json
from pathlib import Path

import numpy
from PIL import Image

import sample


def check(folder, truth):
    seen = {}
    for path in sorted((folder / "annotations").glob("panoptic_*.json")):
        data = json.loads(path.read_text())
        categories = {each["id"]: each for each in data["categories"]}
        images = {each["id"]: each for each in data["images"]}
        subset = path.stem.partition("_")[2]
        for image in images.values():
            copy = folder / "images" / subset / image["file_name"]
            item = truth["items"][copy.stem]
            # Mapillary Vistas, where these come from, says `training`.
            assert subset.startswith(item["subset"])
            assert copy.read_bytes() == Path(item["image"]).read_bytes(), copy
        assert all(each["isthing"] in (0, 1) for each in categories.values())
        for record in data["annotations"]:
            image = images[record["image_id"]]
            png = Image.open(path.with_suffix("") / record["file_name"])
            assert png.mode == "RGB", png.mode
            colors = numpy.array(png).astype(numpy.uint32)
            assert colors.shape[:2] == (image["height"], image["width"])
            plane = colors[..., 0] + 256 * colors[..., 1] + 65536 * colors[..., 2]
            said = {}
            for segment in record["segments_info"]:
                pixels = plane == segment["id"]
                # Exactly these members are what the evaluation needs.
                assert segment["area"] == pixels.sum() > 0 and segment["iscrowd"] == 0
                assert segment["bbox"] == sample.box_of(pixels)
                assert segment["id"] not in said
                said[segment["id"]] = (categories[segment["category_id"]]["name"], pixels.tobytes())
            assert set(numpy.unique(plane)) - {0} == set(said), "a segment that nothing describes"
            seen[image["file_name"].rpartition(".")[0]] = sorted(said.values())
    for name, item in truth["items"].items():
        wanted = [(label, sample.pixels_of(rows).tobytes()) for label, rows in item["masks"]]
        assert seen.get(name, []) == sorted(wanted), name
    assert any(seen.values())


if __name__ == "__main__":
    sample.run(check)
