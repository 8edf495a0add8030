"""Reads an export in the CIFAR format with pickle and numpy, as every tutorial does.

Usage: check_cifar.py FOLDER. Exits with 1 where something cannot be read or does not fit.
"""

import pathlib
import pickle
import sys

import numpy


def check(folder: pathlib.Path) -> None:
    metas = [path for path in (folder / "batches.meta", folder / "meta") if path.exists()]
    assert len(metas) == 1, "one file of names"
    names = pickle.loads(metas[0].read_bytes())
    fine = names.get("label_names", names.get("fine_label_names"))
    assert all(isinstance(name, str) for name in fine)
    batches = [path for path in folder.iterdir() if path.is_file() and path not in metas]
    assert batches, "at least one batch"
    for path in batches:
        for encoding, key in (("ASCII", str), ("latin1", str), ("bytes", str.encode)):
            batch = pickle.loads(path.read_bytes(), encoding=encoding)
            labels = batch.get(key("labels"), batch.get(key("fine_labels")))
            data = batch[key("data")]
            assert len(labels) == len(batch[key("filenames")]) == len(data), path.name
            assert all(label is None or 0 <= label < len(fine) for label in labels)
            sizes = batch.get(key("image_sizes"), [(32, 32)] * len(data))
            for row, (height, width) in zip(data, sizes):
                assert row.dtype == numpy.uint8
                row.reshape(3, height, width)


if __name__ == "__main__":
    check(pathlib.Path(sys.argv[1]))
