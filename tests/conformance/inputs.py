"""Random inputs for the judge: arrays, options, class labels, boxes, masks, and the strings that break programs."""

from __future__ import annotations

import numpy as np

import rule
from rule import Options

KEYS = (
    "images",
    "a/b",
    "a/b/c",
    "/abs",
    "//two",
    "../up",
    "..",
    ".",
    "./here",
    "a/../b",
    "a//b",
    "end/",
    "...",
    "..a",
    "a b",
    " lead",
    "é/ü",
    "e\u0301",
    "日本",
    "\U0001f600",
    "a:b*?",
    'quo"te',
    "back\\slash",
    "100%",
    "a.b",
    "x_2",
    "tab\there",
    "~",
)
CAPTIONS = ("plain", "", 'é\n"quoted"', "\U0001f600 \u2028 end", "{stem}", "<b>&amp;</b>", "\\", "0", "null", " ")
LAYERS = ("predictions", "ground truth", "é", "a.b")
NUMBERS = (
    0,
    1,
    0.5,
    0.1,
    1e-7,
    123456789,
    -3,
    -0.25,
    1e22,
    0.30000000000000004,
    5e-324,
    1.7976931348623157e308,
    2**53,
    1e16,
    100.0,
)


class Inputs:
    """A source of random inputs; the same seed gives the same inputs."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def choose(self, options: object) -> object:
        """One of several, NumPy scalars left out of it."""
        options = list(options)
        return options[int(self.random.integers(len(options)))]

    def random_array(self) -> np.ndarray:
        """An array of any dtype, shape, order and range of values."""
        # Large ones are read in pieces, the last of which may have the value that decides.
        sides = (250, 400) if self.random.random() < 0.06 else (2, 20)
        height, width = (int(side) for side in self.random.integers(*sides, 2))
        channels = int(self.choose((1, 3, 4)))
        shape = self.choose(
            (
                (height, width),
                (height, width),
                (height, width, channels),
                (height, width, channels),
                (height, width, channels),
                (1, height, width),
                (1, height, width, channels),
                (1, 1, height, width, channels),
                (height, width, 2),
                (1, width),
                (height, 1),
                (1, 1),
                (1, width, 3),
                (height, 1, 4),
                (1, 1, 3),
                (2, height, width, channels),
                (3, height, width),
                (4, height, width),
                (2, 3, height, width),
                (2, height, width),
                (height,),
                (),
                (0, width),
                (height, width, 5),
                (height, 1, 1),
                (1, width, 1, 3),
            )
        )
        dtype = self.choose(
            (
                "bool",
                "u1",
                "u1",
                "u2",
                "u4",
                "u8",
                "i1",
                "i2",
                "i4",
                "i8",
                "f2",
                "f2",
                "f4",
                "f4",
                "f4",
                "f8",
                "f8",
                "c8",
                "c16",
            )
        )
        low, high = self.choose(
            (
                (0, 1),
                (0, 1),
                (-1, 1),
                (-1, 1),
                (0, 255),
                (0, 2),
                (-0.25, 0.75),
                (-300, 300),
                (0, 1.0001),
                (-1.0001, 1),
                (0, 70000),
            )
        )
        kind = np.dtype(dtype).kind
        values = self.random.uniform(low, high, shape)
        if self.random.random() < 0.5 and values.size:
            values.flat[0], values.flat[-1] = low, high
        if kind in "iu":
            limits = np.iinfo(dtype)
            values = np.clip(np.rint(values), max(limits.min, -(2.0**62)), min(limits.max, 2.0**62))
        if kind == "b":
            values = values > (low + high) / 2
        with np.errstate(all="ignore"):
            array = np.asarray(values).astype(dtype)
        if kind == "c" and array.size:
            array = (array + 1j * self.random.integers(-3, 4, shape)).astype(dtype)
        if kind == "f" and array.size and self.random.random() < 0.15:
            array.flat[int(self.random.integers(array.size))] = self.choose(
                (np.nan, np.inf, -np.inf, -0.0, np.finfo(dtype).smallest_subnormal)
            )
        if self.random.random() < 0.15:
            array = array.astype(array.dtype.newbyteorder(">"))
        if self.random.random() < 0.15:
            array = np.asfortranarray(array)
        return array

    def random_options(self) -> Options:
        """Options of a batch; mostly possible ones."""
        file_type = self.choose((None, None, "png", "jpg", "jpeg", "bmp"))
        mode = None
        if self.random.random() < 0.5:
            mode = self.choose(rule.MODES_OF_FILE_TYPE[file_type or "png"])
            if self.random.random() < 0.05:
                mode = self.choose(("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "YCbCr", "RGBX", "HSV", "rgb"))
        return Options(mode=mode, file_type=file_type, normalize=bool(self.random.random() < 0.75))

    def random_labels(self) -> dict[int, str]:
        """Class labels with a few names that need care in JSON."""
        return {
            int(label): str(self.choose(("person", "é", 'a "b"', "", "car/truck")))
            for label in self.random.integers(0, 12, 4)
        }

    def random_boxes(self) -> dict:
        """Box layers that wandb accepts."""
        layers = {}
        for layer in self.random.permutation(LAYERS)[: int(self.random.integers(1, 3))]:
            boxes = []
            for _ in range(int(self.random.integers(0, 4))):
                corners = {name: self.choose(NUMBERS) for name in ("minX", "maxX", "minY", "maxY")}
                centre = {
                    "middle": [self.choose(NUMBERS), self.choose(NUMBERS)],
                    "width": self.choose(NUMBERS),
                    "height": self.choose(NUMBERS),
                }
                box = {"position": self.choose((corners, centre)), "class_id": int(self.random.integers(0, 12))}
                if self.random.random() < 0.4:
                    box["domain"] = "pixel"
                if self.random.random() < 0.5:
                    box["scores"] = {"acc": self.choose(NUMBERS), "é": 1}
                if self.random.random() < 0.5:
                    box["box_caption"] = self.choose(CAPTIONS)
                boxes.append(box)
            layers[str(layer)] = {"box_data": boxes}
            if self.random.random() < 0.5:
                layers[str(layer)]["class_labels"] = self.random_labels()
        return layers

    def random_masks(self, shape: tuple[int, int]) -> dict:
        """Mask layers of the picture's size, as lists."""
        layers = {}
        for layer in self.random.permutation(LAYERS)[: int(self.random.integers(1, 3))]:
            layers[str(layer)] = {"mask_data": self.random.integers(0, int(self.choose((2, 12, 256))), shape).tolist()}
            if self.random.random() < 0.5:
                layers[str(layer)]["class_labels"] = self.random_labels()
        return layers
