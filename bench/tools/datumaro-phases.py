"""Runs one operation of Datumaro and prints what each phase of it took, as JSON.

usage: datumaro-phases.py import|export|filter|split|stats|validate|compare|merge ARGUMENTS...
"""

import contextlib
import io
import json
import sys
import time

start = time.perf_counter()
import datumaro as dm  # noqa: E402

if "tf_detection_api" in sys.argv:
    import tensorflow  # noqa: E402, F401

phases = {"load program": time.perf_counter() - start}


def timed(name, work):
    begin = time.perf_counter()
    result = work()
    phases[name] = time.perf_counter() - begin
    return result


def load(name, path, form):
    def work():
        dataset = dm.Dataset.import_from(path, form)
        dataset.init_cache()
        return dataset

    return timed(name, work)


def counts(dataset):
    items = annotations = 0
    for item in dataset:
        items += 1
        annotations += len(item.annotations)
    return {"items": items, "annotations": annotations}


def keep_category(dataset, how):
    # A function: XPath expressions are deprecated, and slower.
    labels = dataset.categories()[dm.AnnotationType.label]
    kept = labels.find(how[0])[0]
    return dataset.filter(
        lambda item, annotation: annotation.label == kept,
        filter_annotations=True,
        remove_empty=True,
    )


def split(dataset, how):
    shares = [(name, float(share)) for name, share in (each.split(":") for each in how)]
    return dataset.transform("random_split", splits=shares, seed=1)


def main():
    operation, *rest = sys.argv[1:]
    result = {}
    if operation == "import":
        result = counts(load("import", rest[0], rest[1]))
    elif operation == "stats":
        from datumaro.components.operations import compute_ann_statistics

        dataset = load("import", rest[0], rest[1])
        found = timed("stats", lambda: compute_ann_statistics(dataset))
        result = {"annotations": found["annotations count"]}
    elif operation == "export":
        path, form, target_form, target = rest
        dataset = load("import", path, form)
        timed("export", lambda: dataset.export(target, target_form, save_media=False))
    elif operation in ("filter", "split"):
        path, form, target_form, target, *how = rest
        dataset = load("import", path, form)
        change = {"filter": keep_category, "split": split}[operation]
        timed(operation, lambda: change(dataset, how).init_cache())
        timed("export", lambda: dataset.export(target, target_form, save_media=False))
    elif operation == "validate":
        from datumaro.plugins.validators import DetectionValidator

        validator = DetectionValidator(
            few_samples_thr=1,
            imbalance_ratio_thr=50,
            far_from_mean_thr=5,
            dominance_ratio_thr=0.8,
            topk_bins=0.1,
        )
        dataset = load("import", rest[0], rest[1])
        result = timed("validate", lambda: validator.validate(dataset))["summary"]
    elif operation == "compare":
        from datumaro.components.comparator import EqualityComparator

        a = load("import", rest[0], rest[2])
        b = load("import", rest[1], rest[2])
        comparator = EqualityComparator(match_images=False)
        with contextlib.redirect_stdout(io.StringIO()):
            found = timed("compare", lambda: comparator.compare_datasets(a, b))
        result = {"mismatches": len(found["mismatches"])}
    elif operation == "merge":
        from datumaro.components.merge.intersect_merge import IntersectMerge

        a = load("import", rest[0], rest[2])
        b = load("import", rest[1], rest[2])
        merged = timed("merge", lambda: IntersectMerge()(a, b))
        result = counts(merged)
    else:
        sys.exit(2)
    print(json.dumps({"phases": phases, "result": result}))


main()
