"""Reads an export in the CIFAR format with pickle and numpy, as every tutorial does.

    python check_cifar.py <folder> <truth.json>
"""

import pickle

import numpy

import sample


def check(folder, truth):
    metas = [path for path in (folder / "batches.meta", folder / "meta") if path.exists()]
    assert len(metas) == 1, "one file of names"
    names = pickle.loads(metas[0].read_bytes())
    fine = names.get("label_names", names.get("fine_label_names"))
    assert fine == truth["categories"]
    batches = [path for path in folder.iterdir() if path.is_file() and path not in metas]
    for encoding, key in (("ASCII", str), ("latin1", str), ("bytes", str.encode)):
        found = set()
        for path in batches:
            batch = pickle.loads(path.read_bytes(), encoding=encoding)
            labels = batch.get(key("labels"), batch.get(key("fine_labels")))
            data = batch[key("data")]
            assert len(labels) == len(batch[key("filenames")]) == len(data), path.name
            sizes = batch.get(key("image_sizes"), [(32, 32)] * len(data))
            coarse = batch.get(key("coarse_labels"), [None] * len(data))
            rows = zip(batch[key("filenames")], labels, coarse, data, sizes)
            for file, label, larger, row, (height, width) in rows:
                name = (file if isinstance(file, str) else file.decode()).partition(".")[0]
                item = truth["items"][name]
                assert path.name == item["subset"] and fine[label] == item["label"]
                assert row.dtype == numpy.uint8
                planes = row.reshape(3, height, width)
                assert (planes.transpose(1, 2, 0) == sample.image_of(item)).all(), name
                if larger is not None:
                    assert names["coarse_label_names"][larger] == truth["coarse"][item["label"]]
                found.add(name)
        assert found == set(truth["items"])


if __name__ == "__main__":
    sample.run(check)
