"""Makes the output directory that the gallery of the README shows: photographs, predictions that get better, warnings.

    pip install scikit-image pooch && python docs/gallery-data.py target/release/wbimg OUT
    target/release/wbimg gallery OUT
    tests/gallery/run --shot OUT docs/gallery.png

The photographs are scikit-image's: astronaut (NASA, public domain), chelsea, coffee and rocket (CC0), and others
of its public data. Boxes were placed by hand, masks are simple regions of the pictures; nothing was trained.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from skimage import data, filters, util

NAMES = {"1": "person", "2": "face", "3": "shuttle", "4": "flag", "5": "cup", "6": "saucer", "7": "eye", "8": "nose",
         "9": "rocket"}


def ellipse(shape, center, radii):
    """A filled ellipse: (row, column) of its centre, and its half axes."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return ((rows - center[0]) / radii[0]) ** 2 + ((columns - center[1]) / radii[1]) ** 2 <= 1


def scenes():
    """Name, picture, boxes by class, and mask by class."""
    astronaut = data.astronaut()
    yield "astronaut", astronaut, [([72, 4, 425, 510], 1), ([172, 62, 278, 196], 2), ([362, 28, 470, 330], 3),
                                   ([2, 2, 92, 210], 4)], {2: [((128, 224), (68, 54))]}
    coffee = data.coffee()
    yield "coffee", coffee, [([166, 12, 416, 264], 5), ([62, 28, 540, 380], 6)], {6: [((205, 300), (172, 235))],
                                                                              5: [((138, 291), (124, 122))]}
    cat = data.chelsea()
    yield "chelsea", cat, [([139, 84, 205, 144], 7), ([288, 107, 336, 163], 7), ([226, 212, 282, 260], 8)], {
        7: [((114, 172), (28, 31)), ((135, 312), (26, 22))], 8: [((236, 254), (22, 26))]}
    rocket = data.rocket()
    yield "rocket", rocket, [([300, 80, 350, 400], 9)], {9: [((240, 322), (160, 20))]}


def main(program, out):
    """Three steps of predictions, and what the other commands would warn of."""
    chance = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def convert(name, *arguments):
            command = [program, "convert", name, "-o", out, "-q", *map(str, arguments)]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        for name, picture, boxes, mask in scenes():
            np.save(folder / f"{name}.npy", picture)
            ids = np.zeros(picture.shape[:2], np.uint8)
            for class_id, parts in mask.items():
                for center, radii in parts:
                    ids[ellipse(ids.shape, center, radii)] = class_id
            for step in (100, 200, 300):
                wrong = (300 - step) / 300 * 40 + 4
                found = [
                    {
                        "position": dict(zip(("minX", "minY", "maxX", "maxY"),
                                             (np.array(edges) + chance.normal(0, wrong, 4)).round(1).tolist())),
                        "domain": "pixel",
                        "class_id": class_id,
                        "scores": {"conf": round(float(np.clip(0.4 + step / 600 + chance.normal(0, 0.06), 0, 1)), 3)},
                    }
                    for edges, class_id in boxes
                ]
                truth = [{"position": dict(zip(("minX", "minY", "maxX", "maxY"), edges)), "domain": "pixel",
                          "class_id": class_id} for edges, class_id in boxes]
                shift = int(wrong / 2)
                moved = np.roll(ids, (shift, -shift), (0, 1))
                np.save(folder / "mask.npy", moved)
                sidecar = {
                    "caption": f"{name}, {step} steps",
                    "boxes": {"predictions": {"box_data": found, "class_labels": NAMES},
                              "ground truth": {"box_data": truth, "class_labels": NAMES}},
                    "masks": {"segmentation": {"path": "mask.npy", "class_labels": NAMES}},
                }
                (folder / "sidecar.json").write_text(json.dumps(sidecar))
                convert(f"{name}.npy", "--key", "val", "--step", step, "--sidecar", "sidecar.json")
        for name, picture in (("astronaut", data.astronaut()), ("chelsea", data.chelsea()), ("coffee", data.coffee())):
            small = util.img_as_float(picture)
            for step, sigma in ((100, 6), (200, 3), (300, 1)):
                blurred = filters.gaussian(small, sigma, channel_axis=2).astype(np.float32)
                np.save(folder / f"{name}-sample.npy", blurred * 2 - 1)
                convert(f"{name}-sample.npy", "--key", "samples", "--step", step, "--caption", f"{name}, blurred by {sigma}")
        np.save(folder / "too-bright.npy", (util.img_as_float(data.camera()) * 1.01).astype(np.float32))
        holes = util.img_as_float(data.coins()).astype(np.float32)
        holes[100:104] = np.nan
        np.save(folder / "holes.npy", holes)
        convert("too-bright.npy", "--key", "debug", "--step", 300, "--caption")
        convert("holes.npy", "--key", "debug", "--step", 300, "--caption")
        np.save(folder / "depth.npy", filters.gaussian(util.img_as_float(data.moon()), 2).astype(np.float32))
        convert("depth.npy", "--key", "debug", "--step", 300, "--colormap", "turbo", "--caption", "depth, colored by turbo")
        digits = np.kron(chance.random((4, 7, 7)), np.ones((1, 4, 4))).astype(np.float32)
        np.save(folder / "digits.npy", digits)
        convert("digits.npy", "--key", "tiny", "--step", 300, "--layout", "nhw", "--caption", "{stem} {index}")


if __name__ == "__main__":
    main(str(pathlib.Path(sys.argv[1]).resolve()), str(pathlib.Path(sys.argv[2]).resolve()))
