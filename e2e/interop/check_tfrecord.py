"""Reads TFRecord files as TensorFlow does: frames with checksums, and tf.train.Example by Google's protobuf.

    python check_tfrecord.py <folder> <truth.json>

TensorFlow takes gigabytes. Its messages are declared here again, from feature.proto, example.proto and
string_int_label_map.proto; protobuf's own parsers read them, and the package crc32c computes the checksums.
"""

import hashlib
import io
import struct

import crc32c
import numpy
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.unknown_fields import UnknownFieldSet
from PIL import Image

import sample

FIELD = descriptor_pb2.FieldDescriptorProto


def messages():
    """tf.train.Example, and the label map of the Object Detection API."""
    file = descriptor_pb2.FileDescriptorProto(name="own.proto", package="own", syntax="proto2")

    def message(name, *fields, map_entry=False, owner=None):
        made = (owner.nested_type if owner else file.message_type).add(name=name)
        made.options.map_entry = map_entry
        for number, field, kind, repeated in fields:
            label = FIELD.LABEL_REPEATED if repeated else FIELD.LABEL_OPTIONAL
            type_name = {"type_name": kind} if isinstance(kind, str) else {"type": kind}
            made.field.add(name=field, number=number, label=label, **type_name)
        return made

    message("BytesList", (1, "value", FIELD.TYPE_BYTES, True))
    message("FloatList", (1, "value", FIELD.TYPE_FLOAT, True))
    message("Int64List", (1, "value", FIELD.TYPE_INT64, True))
    kinds = ((1, "bytes_list", "BytesList"), (2, "float_list", "FloatList"), (3, "int64_list", "Int64List"))
    feature = message("Feature", *((n, name, f".own.{kind}", False) for n, name, kind in kinds))
    feature.oneof_decl.add(name="kind")
    for field in feature.field:
        field.oneof_index = 0
    features = message("Features", (1, "feature", ".own.Features.FeatureEntry", True))
    entry = ((1, "key", FIELD.TYPE_STRING, False), (2, "value", ".own.Feature", False))
    message("FeatureEntry", *entry, map_entry=True, owner=features)
    message("Example", (1, "features", ".own.Features", False))
    item = ((1, "name", FIELD.TYPE_STRING, False), (2, "id", FIELD.TYPE_INT32, False))
    message("Item", *item, (3, "display_name", FIELD.TYPE_STRING, False))
    message("LabelMap", (1, "item", ".own.Item", True))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    classes = (pool.FindMessageTypeByName(f"own.{name}") for name in ("Example", "LabelMap"))
    return [message_factory.GetMessageClass(each) for each in classes]


def masked(data):
    value = crc32c.crc32c(data)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    data = path.read_bytes()
    at = 0
    while at < len(data):
        length, check = struct.unpack_from("<QI", data, at)
        assert masked(data[at : at + 8]) == check, f"{path.name}: checksum of a length"
        at += 12
        record = data[at : at + length]
        (check,) = struct.unpack_from("<I", data, at + length)
        assert masked(record) == check, f"{path.name}: checksum of a record"
        at += length + 4
        yield record


def values_of(example):
    values = {}
    for key, feature in example.features.feature.items():
        kind = feature.WhichOneof("kind")
        values[key] = list(getattr(feature, kind).value) if kind else []
    return values


def check(folder, truth):
    example_class, map_class = messages()
    label_map = text_format.Parse((folder / "label_map.pbtxt").read_bytes(), map_class())
    names = {each.id: each.name for each in label_map.item}
    assert list(names.items()) == list(enumerate(truth["categories"], 1))
    found = set()
    for path in sorted(folder.glob("*.tfrecord")):
        for record in records(path):
            example = example_class.FromString(record)
            assert not len(UnknownFieldSet(example)), "fields that tf.train.Example does not have"
            values = values_of(example)
            name = values["image/filename"][0].decode().partition(".")[0]
            item = truth["items"][name]
            assert item["subset"] == path.stem
            check_example(values, names, item, truth)
            found.add(name)
    assert found == set(truth["items"])


def check_example(values, names, item, truth):
    (encoded,) = values["image/encoded"]
    with open(item["image"], "rb") as file:
        assert encoded == file.read()
    assert values["image/key/sha256"] == [hashlib.sha256(encoded).hexdigest().encode()]
    sides = [truth["width"], truth["height"]]
    assert values["image/width"] + values["image/height"] == sides
    assert values["image/format"] == [b"png"]
    objects = {
        key.removeprefix("image/object/"): value
        for key, value in values.items()
        if key.startswith("image/object/")
    }
    texts = [text.decode() for text in objects.get("class/text", [])]
    assert texts == [names[number] for number in objects.get("class/label", [])]
    corners = [objects.get(f"bbox/{side}", []) for side in ("xmin", "ymin", "xmax", "ymax")]
    boxes = [numpy.array(corner) * (sides * 2) for corner in zip(*corners, strict=True)]
    pngs = objects.get("mask", [b""] * len(boxes))
    assert len(texts) == len(boxes) == len(pngs)
    wanted = [(label, (x, y, x + w, y + h), None) for label, x, y, w, h in item["boxes"]]
    for label, rows in item["masks"]:
        pixels = sample.pixels_of(rows)
        x, y, width, height = sample.box_of(pixels)
        wanted.append((label, (x, y, x + width, y + height), pixels))
    assert len(wanted) == len(texts)
    for text, box, png, (label, corner, pixels) in zip(texts, boxes, pngs, wanted):
        assert text == label
        # Numbers have 32 bits, and are parts of a side.
        assert numpy.allclose(box, corner, atol=1e-4), (box, corner)
        if pixels is None:
            assert png == b""
        else:
            assert (numpy.array(Image.open(io.BytesIO(png))).astype(bool) == pixels).all()


if __name__ == "__main__":
    sample.run(check)
