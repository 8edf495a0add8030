"""Reads Parquet files that dsv wrote in the layout of Hugging Face with pyarrow.

    python check_parquet.py FOLDER

FOLDER holds the files and `expected.json`: for each path of an image its size in bytes, the names of its labels, its
captions and its boxes (`[class, x, y, width, height]`). Exits with 1 when something differs. Needs `pyarrow`.
"""

import json
import pathlib
import sys

import pyarrow.parquet as parquet


def names_of(feature):
    while "feature" in feature:
        feature = feature["feature"]
    return feature["names"]


def read_rows(path):
    table = parquet.read_table(path)
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    if set(features) != set(table.schema.names):
        raise SystemExit(f"{path}: features {sorted(features)}, columns {table.schema.names}")
    for row in table.to_pylist():
        image = row["image"]
        numbers = [row.get("label")] if "label" in row else row.get("labels") or []
        column = "label" if "label" in row else "labels"
        objects = row.get("objects") or {"bbox": [], "category": []}
        yield image["path"], {
            "image": None if image["bytes"] is None else len(image["bytes"]),
            "labels": [names_of(features[column])[number] for number in numbers if number is not None],
            "captions": [row["text"]] if row.get("text") is not None else row.get("captions") or [],
            "boxes": [
                [names_of(features["objects"]["category"])[number], *box]
                for box, number in zip(objects["bbox"], objects["category"])
                if box is not None
            ],
        }


def main():
    folder = pathlib.Path(sys.argv[1])
    expected = json.loads((folder / "expected.json").read_text())
    found = {}
    for path in sorted(folder.rglob("*.parquet")):
        found.update(read_rows(path))
    wrong = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
    for key in wrong:
        print(f"{key}: expected {expected.get(key)}, found {found.get(key)}")
    print(f"{len(found)} rows, {len(wrong)} wrong")
    return 1 if wrong or not found else 0


sys.exit(main())
