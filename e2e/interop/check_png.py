"""Opens masks that dsv wrote as PNG with Pillow: palettes of Pascal VOC, and numbers of 16 bits.

    python check_png.py <folder> <truth.json> voc|cityscapes|kitti|mots
"""

import numpy
from PIL import Image

import sample


def voc_colors(count):
    """The colours of the development kit: bits of the number, taken by three, from the highest bit down."""
    colors = numpy.zeros((count, 3), int)
    for number in range(count):
        rest = number
        for bit in range(7, -1, -1):
            for channel in range(3):
                colors[number, channel] |= (rest >> channel & 1) << bit
            rest >>= 3
    return colors


def check_voc(folder, truth):
    names = ["background", *truth["categories"]]
    for name, item in truth["items"].items():
        listed = (folder / f"ImageSets/Segmentation/{item['subset']}.txt").read_text().split()
        assert (name in listed) == bool(item["masks"]), name
        if not item["masks"]:
            continue
        planes = {}
        for kind in ("Class", "Object"):
            png = Image.open(folder / f"Segmentation{kind}" / f"{name}.png")
            assert png.mode == "P", png.mode
            palette = numpy.array(png.getpalette()).reshape(-1, 3)
            assert (palette == voc_colors(len(palette))).all(), "the colours of VOC"
            planes[kind] = numpy.array(png)
            assert len(palette) > planes[kind].max()
        objects = numpy.unique(planes["Object"])
        assert list(objects) == list(range(len(item["masks"]) + 1)), "objects count from 1"
        found = []
        for number in objects[1:]:
            pixels = planes["Object"] == number
            (index,) = numpy.unique(planes["Class"][pixels])
            found.append((names[index], pixels.tobytes()))
        assert ((planes["Class"] > 0) == (planes["Object"] > 0)).all()
        compare(found, name, item)


def check_16_bits(path_of, base, names, folder, truth):
    for name, item in truth["items"].items():
        path = folder / path_of.format(subset=item["subset"], name=name)
        if not item["masks"]:
            assert not path.exists() or not numpy.array(Image.open(path)).any()
            continue
        png = Image.open(path)
        assert png.mode == "I;16", png.mode
        plane = numpy.array(png)
        assert plane.dtype == numpy.uint16
        found = [
            (names[int(number) // base], (plane == number).tobytes())
            for number in numpy.unique(plane[plane > 0])
        ]
        compare(found, name, item)


def check_cityscapes(folder, truth):
    names = label_colors(folder)
    check_16_bits("gtFine/{subset}/{name}_gtFine_instanceIds.png", 1000, names, folder, truth)
    for path in folder.rglob("*_labelIds.png"):
        assert Image.open(path).mode == "L"
        objects = numpy.array(Image.open(str(path).replace("labelIds", "instanceIds")))
        assert (numpy.array(Image.open(path)) == objects // 1000).all()


def check_kitti(folder, truth):
    names = label_colors(folder)
    check_16_bits("{subset}/instance/{name}.png", 256, names, folder, truth)


def check_mots(folder, truth):
    names = (folder / "train/instances/labels.txt").read_text().splitlines()
    check_16_bits("{subset}/instances/{name}.png", 1000, [None, *names], folder, truth)


def label_colors(folder):
    lines = (folder / "label_colors.txt").read_text().splitlines()
    return [line.split(" ", 3)[3] for line in lines]


def compare(found, name, item):
    wanted = [(label, sample.pixels_of(rows).tobytes()) for label, rows in item["masks"]]
    assert sorted(found) == sorted(wanted), name


def check(folder, truth, kind):
    {"voc": check_voc, "cityscapes": check_cityscapes, "kitti": check_kitti, "mots": check_mots}[
        kind
    ](folder, truth)


if __name__ == "__main__":
    sample.run(check)
