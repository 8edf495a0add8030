"""Reads exports in the layouts of Hugging Face with pyarrow and with `datasets`.

    python check_parquet.py <folder> <truth.json> pyarrow|parquet|imagefolder

`pyarrow` reads the files alone; `parquet` and `imagefolder` are what `load_dataset` is called with.
"""

import io
import json
import os
import tempfile

import numpy
from PIL import Image

import sample


def read_with_pyarrow(folder):
    import pyarrow.parquet as parquet

    for path in sorted(folder.rglob("*.parquet")):
        table = parquet.read_table(path)
        features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        assert list(features) == table.schema.names, features
        names = features["label"]["names"]
        assert names_of(features["objects"]["category"]) == names
        for row in table.to_pylist():
            image = Image.open(io.BytesIO(row["image"]["bytes"]))
            yield row["image"]["path"], path.name.partition("-")[0], row, image, names


def names_of(feature):
    while "feature" in feature:
        feature = feature["feature"]
    return feature["names"]


def read_with_datasets(folder, kind):
    with tempfile.TemporaryDirectory() as cache:
        # Nothing is asked of the network, and nothing is left behind.
        os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=cache, HF_DATASETS_DISABLE_PROGRESS_BARS="1")
        import datasets

        if kind == "parquet":
            files = {each: str(folder / "data" / f"{each}-*.parquet") for each in ("train", "val")}
            loaded = datasets.load_dataset("parquet", data_files=files)
        else:
            loaded = datasets.load_dataset("imagefolder", data_dir=str(folder))
        for subset, rows in loaded.items():
            assert isinstance(rows.features["image"], datasets.Image), rows.features
            names = getattr(rows.features["label"], "names", None)
            paths = rows.cast_column("image", datasets.Image(decode=False))["image"]
            for path, row in zip(paths, rows):
                yield path["path"], subset, row, row["image"], names


def check(folder, truth, kind):
    rows = read_with_pyarrow(folder) if kind == "pyarrow" else read_with_datasets(folder, kind)
    found = set()
    for path, subset, row, image, names in rows:
        name = os.path.basename(path).partition(".")[0]
        item = truth["items"][name]
        # `datasets` calls a split `validation` whatever its folder is called.
        assert {"validation": "val"}.get(subset, subset) == item["subset"], subset
        assert names is None or names == truth["categories"]
        said = {
            "label": row["label"] if names is None else names[row["label"]],
            "caption": row["text"],
            "boxes": boxes_of(row["objects"], names),
        }
        assert said == {key: item[key] for key in said}, f"{name}: {said}"
        assert (row["width"], row["height"]) == image.size == (truth["width"], truth["height"])
        assert (numpy.array(image) == sample.image_of(item)).all(), name
        found.add(name)
    assert found == set(truth["items"])


def boxes_of(objects, names):
    objects = objects or {"bbox": [], "category": []}
    pairs = zip(objects["category"] or [], objects["bbox"] or [], strict=True)
    return [[name if names is None else names[name], *box] for name, box in pairs]


if __name__ == "__main__":
    sample.run(check)
