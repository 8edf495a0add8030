"""Reads a dsv repository without dsv, written from docs/on-disk-format.md alone.

    python read_repository.py <folder with root> [revision]

Walks from HEAD to every file, node, item and annotation, checks every hash on the way and prints
what it counted as JSON. Fails on the first thing that is not as the page says.
"""

import json
import os
import struct
import sys
import zlib

import msgpack
from blake3 import blake3

KINDS = ["blob", "node", "dataset", "commit", "tag", "operation", "chunks"]


def hash_of(data, context=None):
    return (blake3(data) if context is None else blake3(data, derive_key_context=context)).digest()


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        shift += 7
        if byte < 128:
            return value, at


def canonical(data):
    value = msgpack.unpackb(data, strict_map_key=True)
    check_sorted(value)
    return value


def check_sorted(value):
    if isinstance(value, dict):
        keys = [key.encode() for key in value]
        assert keys == sorted(keys), "map keys are not sorted"
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        check_sorted(each)


class Repository:
    def __init__(self, folder):
        self.folder = folder
        data = self.read_file("root")
        assert data[:8] == b"DSVROOT\n" and data[8] == 1, "not a root record of version 1"
        assert hash_of(data[41:], "dsv root v1") == data[9:41], "the root does not match its hash"
        self.root = canonical(data[41:])
        self.places = {}
        for name in self.root["fragments"]:
            self.read_fragment(name)
        self.packs = {}
        self.checked = {kind: set() for kind in KINDS}

    def read_file(self, *parts):
        with open(os.path.join(self.folder, *parts), "rb") as file:
            return file.read()

    def read_fragment(self, name):
        data = self.read_file("objects", "index", name + ".idx")
        assert hash_of(data).hex() == name, "a fragment does not match its name"
        assert data[:8] == b"DSVIDX\x01\x00" and data[-8:] == b"DSVIEND\x01"
        (length,) = struct.unpack_from("<I", data, len(data) - 44)
        footer = data[-44 - length : -44]
        assert hash_of(footer) == data[-40:-8], "a footer does not match its hash"
        fan_out = struct.unpack_from("<256I", footer)
        (count,) = struct.unpack_from("<I", footer, 1024)
        packs = [footer[at : at + 32].hex() for at in range(1028, length, 32)]
        seen = [0] * 256
        for index in range(count):
            page, slot = divmod(index, 116)
            at = 8 + page * 4096
            if slot == 0:
                assert hash_of(data[at : at + 4064]) == data[at + 4064 : at + 4096]
            prefix, pack, low, high, stored, raw, kind, codec = struct.unpack_from(
                "<16sIIBIIBB", data, at + slot * 35
            )
            seen[prefix[0]] += 1
            self.places[prefix] = (packs[pack], low | high << 32, stored, raw, kind, codec)
        assert [sum(seen[: byte + 1]) for byte in range(256)] == list(fan_out)

    def pack(self, name):
        if name not in self.packs:
            data = self.read_file("objects", "pack", name + ".pack")
            assert data[:8] == b"DSVPACK\x01" and data[-8:] == b"DSVPEND\x01"
            (count,) = struct.unpack_from("<I", data, len(data) - 44)
            table = data[-44 - 47 * count : -44]
            assert hash_of(table) == data[-40:-8] == bytes.fromhex(name), "a table does not match"
            self.packs[name] = data
        return self.packs[name]

    def packed(self, object_id):
        """Returns the kind and bytes of what a pack holds under an id, or None."""
        place = self.places.get(object_id[:16])
        if place is None:
            return None
        name, offset, stored, raw, kind, codec = place
        data = self.pack(name)[offset : offset + stored]
        assert codec in (0, 1), f"codec {codec} is not in this reader"
        if codec == 1:
            data = zlib.decompress(data, -15)
        assert len(data) == raw
        return KINDS[kind], data

    def blob(self, blob_id):
        found = self.packed(blob_id)
        if found is None:
            digits = blob_id.hex()
            data = self.read_file("objects", "blob", digits[:2], digits[2:])
        elif found[0] == "chunks":
            data = self.join(blob_id, found[1])
        else:
            assert found[0] == "blob"
            data = found[1]
        assert hash_of(data) == blob_id, f"blob {blob_id.hex()} does not match its id"
        self.checked["blob"].add(blob_id)
        return data

    def join(self, blob_id, data):
        assert data[0] == 1 and data[1:33] == blob_id
        count, at = varint(data, 33)
        pieces = []
        for _ in range(count):
            chunk_id = data[at : at + 32]
            size, at = varint(data, at + 32)
            pieces.append(self.blob(chunk_id))
            assert len(pieces[-1]) == size
        assert at == len(data)
        self.checked["chunks"].add(blob_id)
        return b"".join(pieces)

    def object(self, kind, object_id):
        """Returns the links and the payload of an object."""
        found_kind, data = self.packed(object_id)
        assert found_kind == kind, f"{object_id.hex()} is a {found_kind}, not a {kind}"
        assert hash_of(data, f"dsv {kind} v1") == object_id, f"{kind} {object_id.hex()} is damaged"
        assert data[0] == 1
        count, at = varint(data, 1)
        links = [data[at + 32 * index : at + 32 * index + 32] for index in range(count)]
        self.checked[kind].add(object_id)
        return links, data[at + 32 * count :]

    def tree(self, links, reference):
        """Yields key, value and links of all entries and checks counts, sizes, order and boundaries."""
        root, count, size = reference
        entries = [] if root is None else list(self.node(links[root]))
        assert len(entries) == count
        sizes = [entry_size(entry) for entry in entries]
        assert sum(sizes) == size
        keys = [key for key, _, _, _ in entries]
        assert keys == sorted(set(keys))
        for key, value, own, is_indirect in entries:
            yield key, self.blob(own[-1]) if is_indirect else value, own

    def node(self, node_id, is_last=True):
        links, data = self.object("node", node_id)
        assert data[0] == 1
        level = data[1]
        count, at = varint(data, 2)
        key_bytes, at = varint(data, at)
        keys = []
        for index in range(count):
            shared = 0
            if index % 16 > 0:
                shared, at = varint(data, at)
            rest, at = varint(data, at)
            keys.append((keys[-1][:shared] if shared else b"") + data[at : at + rest])
            at += rest
        assert sum(map(len, keys)) == key_bytes
        numbers = []
        for _ in range(count):
            first, at = varint(data, at)
            second, at = varint(data, at)
            numbers.append((first, second))
        if level > 0:
            check_boundaries(level, keys, [len(key) + 50 for key in keys], is_last)
            for index, (below, size) in enumerate(numbers):
                entries = list(self.node(links[index], is_last and index == count - 1))
                assert len(entries) == below and entries[-1][0] == keys[index]
                assert sum(map(entry_size, entries)) == size
                yield from entries
            assert at == len(data)
            return
        entries = []
        for key, (spelled, link_count) in zip(keys, numbers):
            own, links = links[:link_count], links[link_count:]
            entries.append((key, data[at : at + spelled // 2], own, spelled % 2 == 1))
            at += spelled // 2
        assert at == len(data) and links == []
        check_boundaries(0, keys, [entry_size(entry) for entry in entries], is_last)
        yield from entries


def entry_size(entry):
    key, value, links, _ = entry
    return len(key) + len(value) + 32 * len(links) + 2


def check_boundaries(level, keys, sizes, is_last):
    """Checks that a node ends at its last entry and nowhere before."""
    before = 0
    for index, (key, size) in enumerate(zip(keys, sizes)):
        after = before + size
        unit = struct.unpack_from("<I", hash_of(bytes([level]) + key, "dsv prolly v1"))[0]
        ends = after >= 65536 or after >= 2048 and unit < (after // 64) ** 4 - (before // 64) ** 4
        if level > 0 and index == 0:
            ends = False
        assert ends == (index == len(keys) - 1) or is_last and index == len(keys) - 1
        before = after


def read(folder):
    repository = Repository(folder)
    root = repository.root
    refs = dict(root["refs"])
    kind, target = root["head"]
    head = refs[target] if kind == "branch" else target
    counts = {"head": head.hex(), "commits": 0, "files": 0, "fileBytes": 0, "datasets": {}}
    links, payload = repository.object("commit", head)
    version, files, datasets, *_ = canonical(payload)
    assert version == 1
    for key, value, own in repository.tree(links, files):
        key.decode()
        record = canonical(value)
        assert record[0] == 1
        counts["files"] += 1
        if record[1] in (0, 1):
            assert len(repository.blob(own[0])) == record[3]
            counts["fileBytes"] += record[3]
    for path, link in datasets:
        counts["datasets"][path] = read_dataset(repository, links[link])
    counts["commits"] = count_commits(repository, [head])
    counts["operations"] = count_operations(repository, root["operationHead"])
    counts["checked"] = {kind: len(ids) for kind, ids in repository.checked.items()}
    return counts


def read_dataset(repository, dataset_id):
    links, payload = repository.object("dataset", dataset_id)
    version, schema, name, _, origin, items, layers = canonical(payload)
    assert version == 1 and origin in (0, 1)
    keys = {category["key"]: category["name"] for category in schema["categories"]}
    counts = {"format": name, "items": 0, "annotations": {}, "categories": {}}
    for key, value, own in repository.tree(links, items):
        assert key.count(b"\0") == 1
        for medium in canonical(value)[1]["m"]:
            if "b" in medium:
                assert len(repository.blob(own[medium["b"]])) == medium["s"]
        counts["items"] += 1
    for layer, tree in layers:
        types = counts["annotations"].setdefault(layer, {})
        for _, value, _ in repository.tree(links, tree):
            for annotation in canonical(value)[1:]:
                types[annotation["t"]] = types.get(annotation["t"], 0) + 1
                if "k" in annotation and annotation["t"] == "box":
                    category = keys[annotation["k"]]
                    counts["categories"][category] = counts["categories"].get(category, 0) + 1
    return counts


def count_commits(repository, waiting):
    seen = set()
    while waiting:
        commit_id = waiting.pop()
        if commit_id not in seen:
            seen.add(commit_id)
            links, payload = repository.object("commit", commit_id)
            waiting.extend(links[parent] for parent in canonical(payload)[3])
    return len(seen)


def count_operations(repository, operation_id):
    count = 0
    while operation_id is not None:
        links, payload = repository.object("operation", operation_id)
        previous = canonical(payload)["previous"]
        operation_id = None if previous is None else links[previous]
        count += 1
    return count


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1]), indent=2))
