"""Reads shards that dsv wrote with the webdataset package and compares them with what dsv says.

    python check_webdataset.py FOLDER

FOLDER holds the shards and `expected.json`: for each key its image's size in bytes, class number, caption and number
of annotations (null where there is none). Exits with 1 when something differs. Needs `webdataset`.
"""

import json
import pathlib
import sys

import webdataset


def read_samples(folder):
    urls = sorted(str(path) for path in folder.glob("*.tar"))
    for sample in webdataset.WebDataset(urls, shardshuffle=False):
        image = next((sample[name] for name in ("jpg", "png") if name in sample), None)
        facts = json.loads(sample.get("json", b"{}"))
        yield sample["__key__"], {
            "image": None if image is None else len(image),
            "class": int(sample["cls"]) if "cls" in sample else None,
            "caption": sample["txt"].decode() if "txt" in sample else None,
            "annotations": len(facts.get("annotations", [])),
        }


def main():
    folder = pathlib.Path(sys.argv[1])
    expected = json.loads((folder / "expected.json").read_text())
    found = dict(read_samples(folder))
    wrong = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
    for key in wrong:
        print(f"{key}: expected {expected.get(key)}, found {found.get(key)}")
    print(f"{len(found)} samples, {len(wrong)} wrong")
    return 1 if wrong or not found else 0


sys.exit(main())
