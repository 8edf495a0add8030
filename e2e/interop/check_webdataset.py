"""Reads shards that dsv wrote with the webdataset package, and with Python's tarfile.

    python check_webdataset.py <folder> <truth.json>
"""

import json
import tarfile
from pathlib import Path

import numpy
import webdataset
from pycocotools import mask as masks

import sample


def check(folder, truth):
    names = (folder / "classnames.txt").read_text().splitlines()
    assert names == truth["categories"]
    shards = sorted(folder.glob("*.tar"))
    found = {}
    for path in shards:
        # Without a pipeline of its own nothing is decoded: these are the bytes of the members.
        for read in webdataset.WebDataset([str(path)], shardshuffle=False, empty_check=False):
            item = truth["items"][read["__key__"]]
            assert path.name.partition("-")[0] == item["subset"]
            assert read["png"] == Path(item["image"]).read_bytes()
            assert names[int(read["cls"])] == item["label"]
            assert read["txt"].decode() == item["caption"]
            facts = json.loads(read.get("json", b"{}"))
            found[read["__key__"]] = list(map(shape_of, facts.get("annotations", [])))
    for name, item in truth["items"].items():
        wanted = [tuple(box) for box in item["boxes"]]
        wanted += [(label, sample.pixels_of(rows).tobytes()) for label, rows in item["masks"]]
        assert found[name] == wanted, name
    decode(shards, truth)
    check_members(shards)


def shape_of(said):
    if "bbox" in said:
        return (said["category"], *said["bbox"])
    return (said["category"], masks.decode(said["segmentation"]).astype(bool).tobytes())


def decode(shards, truth):
    """The pipeline of every tutorial: decode, then take two members as a pair."""
    urls = [str(path) for path in shards]
    pipeline = webdataset.WebDataset(urls, shardshuffle=False).decode("rgb8")
    pairs = list(pipeline.to_tuple("__key__", "png", "cls"))
    assert {key for key, *_ in pairs} == set(truth["items"])
    for key, image, label in pairs:
        assert (numpy.array(image) == sample.image_of(truth["items"][key])).all()
        assert truth["categories"][label] == truth["items"][key]["label"]


def check_members(shards):
    """Members of a sample follow one another, and are plain files."""
    for path in shards:
        with tarfile.open(path, "r:") as shard:
            members = shard.getmembers()
        assert all(member.isreg() for member in members)
        keys = [member.name.partition(".")[0] for member in members]
        changes = sum(one != other for one, other in zip(keys, keys[1:]))
        assert changes + 1 == len(set(keys)), "the members of a sample lie apart"


if __name__ == "__main__":
    sample.run(check)
