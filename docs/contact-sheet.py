"""Draws the contact sheet of the README: photographs with boxes and masks, through the program.

    pip install scikit-image && python docs/contact-sheet.py target/release/wbimg

The photographs are scikit-image's: astronaut (NASA, public domain), chelsea and coffee (CC0). Boxes were placed
by hand, masks are simple regions of the pictures.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from skimage import data, io, transform

HERE = pathlib.Path(__file__).parent


def ellipse(shape, center, radii):
    """A filled ellipse: (row, column) of its centre, and its half axes."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return ((rows - center[0]) / radii[0]) ** 2 + ((columns - center[1]) / radii[1]) ** 2 <= 1


def box(edges, class_id, score=None, caption=None):
    """A box in pixels: left, top, right, bottom."""
    item = {
        "position": dict(zip(("minX", "minY", "maxX", "maxY"), edges)),
        "domain": "pixel",
        "class_id": class_id,
    }
    if score is not None:
        item["scores"] = {"score": score}
    if caption is not None:
        item["box_caption"] = caption
    return item


def scenes():
    """Name, picture, sidecar and mask of each scene."""
    astronaut = data.astronaut()
    labels = {"1": "person", "2": "face", "3": "shuttle", "4": "flag"}
    yield "astronaut", astronaut, {
        "boxes": {
            "predictions": {
                "box_data": [
                    box([72, 4, 425, 510], 1, 0.98),
                    box([172, 62, 278, 196], 2, 0.93),
                    box([362, 28, 470, 330], 3, 0.71),
                    box([2, 2, 92, 210], 4, 0.64),
                ],
                "class_labels": labels,
            },
            "ground_truth": {"box_data": [box([168, 54, 284, 204], 2)], "class_labels": labels},
        }
    }, None
    coffee = data.coffee()
    cup = np.zeros(coffee.shape[:2], np.uint8)
    cup[ellipse(cup.shape, (205, 300), (172, 235))] = 2
    cup[ellipse(cup.shape, (138, 291), (124, 122))] = 1
    yield "coffee", coffee, {
        "boxes": {
            "predictions": {
                "box_data": [box([166, 12, 416, 264], 1, 0.97), box([62, 28, 540, 380], 2, 0.88)],
                "class_labels": {"1": "чашка", "2": "saucer"},
            }
        },
        "masks": {"segmentation": {"path": "coffee.npy", "class_labels": {"1": "cup", "2": "saucer"}}},
    }, cup
    cat = data.chelsea()
    parts = np.zeros(cat.shape[:2], np.uint8)
    parts[ellipse(parts.shape, (114, 172), (28, 31))] = 2
    parts[ellipse(parts.shape, (135, 312), (26, 22))] = 2
    parts[ellipse(parts.shape, (236, 254), (22, 26))] = 3
    yield "chelsea", cat, {
        "boxes": {
            "predictions": {
                "box_data": [
                    box([139, 84, 205, 144], 2, 0.91),
                    box([288, 107, 336, 163], 2, 0.89),
                    box([226, 212, 282, 260], 3, 0.77, "nose: μύτη"),
                ],
                "class_labels": {"2": "eye", "3": "nose"},
            }
        },
        "masks": {"segmentation": {"path": "chelsea.npy", "class_labels": {"2": "eye", "3": "nose"}}},
    }, parts


def main(program):
    """Converts every scene and puts the overlays side by side."""
    overlays = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, picture, sidecar, mask in scenes():
            io.imsave(folder / f"{name}.png", picture, check_contrast=False)
            if mask is not None:
                np.save(folder / f"{name}.npy", mask)
            (folder / f"{name}.json").write_text(json.dumps(sidecar))
            command = [program, "convert", f"{name}.png", "-o", "out", "--json"]
            row = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)
            overlays.append(io.imread(folder / "out" / row["overlay"]["path"])[..., :3])
    height = 400
    tiles = [
        (transform.resize(tile, (height, tile.shape[1] * height // tile.shape[0]), anti_aliasing=True) * 255)
        .round()
        .astype(np.uint8)
        if tile.shape[0] != height
        else tile
        for tile in overlays
    ]
    io.imsave(HERE / "overlays.png", np.concatenate(tiles, axis=1), check_contrast=False)


if __name__ == "__main__":
    main(str(pathlib.Path(sys.argv[1]).resolve()))
