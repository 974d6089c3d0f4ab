"""The documented rule of `wbimg convert` for one `.npy` array, in NumPy.

Written from SEMANTICS, not from wandb's or wbimg's code. It says what is expected where `wbimg` departs from
`wandb.Image` on purpose, and names the difference (D1 to D10, X1) that explains it. Everywhere else wandb itself is the
judge, and `make.py` and `live.py` hold this rule against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CHANNELS = (1, 3, 4)
MODES_OF_FILE_TYPE = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I;16B"),
    "jpg": ("1", "L", "RGB", "CMYK", "YCbCr", "RGBX"),
    "jpeg": ("1", "L", "RGB", "CMYK", "YCbCr", "RGBX"),
    "bmp": ("1", "L", "P", "RGB", "RGBA"),
}


class Refused(Exception):
    """The input or the combination of options is an error by the documented rule."""


@dataclass(frozen=True)
class Options:
    """The options of `convert` that decide pixels; None means "not given"."""

    mode: str | None = None
    file_type: str | None = None
    normalize: bool = True
    layout: str = "auto"

    def arguments(self) -> list[str]:
        """The command-line arguments that say the same."""
        arguments: list[str] = []
        if self.mode is not None:
            arguments += ["--mode", self.mode]
        if self.file_type is not None:
            arguments += ["--file-type", self.file_type]
        if not self.normalize:
            arguments += ["--no-normalize"]
        if self.layout != "auto":
            arguments += ["--layout", self.layout]
        return arguments

    def can_be_written(self) -> bool:
        """Whether the file type takes the asked mode, whatever the input."""
        modes = MODES_OF_FILE_TYPE.get(self.file_type or "png")
        return modes is not None and (self.mode is None or self.mode in modes)


@dataclass(frozen=True)
class Frame:
    """One picture to be: 8-bit samples (H,W) or (H,W,C), and how they came about."""

    index: int | None
    samples: np.ndarray
    rescale: str
    layout: str
    guessed: bool


def read_axes(shape: tuple[int, ...], options: Options) -> tuple[str, bool, tuple[int, ...]]:
    """The layout of an array, whether it was a guess, and the shape without its surplus leading axes."""
    if len(shape) < 2 or 0 in shape:
        raise Refused(f"shape {shape}")
    while len(shape) > 3 and shape[0] == 1:
        shape = shape[1:]
    if options.layout != "auto":
        if len(options.layout) != len(shape):
            raise Refused(f"shape {shape} is not {options.layout}")
        return options.layout, False, shape
    two_channels = shape[-1] == 2 and options.mode is not None
    if len(shape) == 2:
        return "hw", False, shape
    if len(shape) == 3:
        if shape[2] in CHANNELS or two_channels:
            return "hwc", False, shape
        if shape[0] == 1:
            return "hw", False, shape[1:]
        if shape[0] in (3, 4):
            return "chw", True, shape
    if len(shape) == 4:
        if shape[3] in CHANNELS:
            return "nhwc", False, shape
        if shape[1] in CHANNELS:
            return "nchw", True, shape
    raise Refused(f"shape {shape}")


def split_frames(array: np.ndarray, options: Options) -> tuple[list[np.ndarray], str, bool]:
    """The frames of an array as (H,W) or (H,W,C), with the layout that was read."""
    layout, guessed, shape = read_axes(array.shape, options)
    array = array.reshape(shape) if array.shape != shape else array
    stack = array if layout.startswith("n") else array[np.newaxis]
    if layout.endswith("chw"):
        stack = np.moveaxis(stack, 1, 3)
    if stack.ndim == 4 and stack.shape[3] == 1:
        stack = stack[..., 0]
    channels = stack.shape[3] if stack.ndim == 4 else 1
    if channels not in CHANNELS and not (channels == 2 and options.mode is not None):
        raise Refused(f"{channels} channels")
    return list(stack), layout, guessed


def clip_to_bytes(values: np.ndarray) -> np.ndarray:
    """Clip to 0..255 and truncate; NaN becomes 0."""
    values = np.where(np.isnan(values), 0, values) if values.dtype.kind == "f" else values
    if values.dtype.kind in "iu":
        values = values.astype(np.uint64 if values.dtype.kind == "u" else np.int64)
    return np.minimum(np.maximum(values, 0), 255).astype(np.uint8)


def rescale(frame: np.ndarray, normalize: bool) -> tuple[np.ndarray, str]:
    """8-bit samples of one frame, and the name of the branch.

    The arithmetic is in the array's own type. NaN is left out of the extremes (D3). The extremes of complex arrays are
    NumPy's: by real part, then by imaginary part.
    """
    frame = frame.astype(frame.dtype.newbyteorder("="))
    real = frame.real if frame.dtype.kind == "c" else frame
    if frame.dtype.kind == "b":
        real = frame = frame.astype(np.uint8)
    if not normalize:
        return clip_to_bytes(real), "off"
    valid = frame[~np.isnan(frame)] if frame.dtype.kind in "fc" else frame
    low, high = (valid.min(), valid.max()) if valid.size else (0, 0)
    if frame.dtype.kind in "iu" and -1 <= low and high <= 1:
        real = real.astype(np.int64)
    if 0 <= low and high <= 1:
        return clip_to_bytes(real * 255), "unit"
    if -1 <= low and high <= 1:
        return clip_to_bytes(127.5 * (real + 1)), "signed"
    return clip_to_bytes(real), "clip"


def guessed_mode(frame: np.ndarray, options: Options) -> str:
    """The Pillow mode of a frame whose mode was not asked for."""
    channels = frame.shape[2] if frame.ndim == 3 else 1
    if channels == 4 and options.file_type in ("jpg", "jpeg"):
        return "RGB"
    return {1: "L", 3: "RGB", 4: "RGBA"}[channels]


def picture_frames(array: np.ndarray, options: Options) -> list[tuple[Frame, str]]:
    """Every picture that an array becomes, with the mode it is written in; raises `Refused`."""
    if array.dtype.kind not in "biufc":
        raise Refused(f"dtype {array.dtype}")
    if not options.can_be_written():
        raise Refused(f"mode {options.mode} as {options.file_type}")
    frames, layout, guessed = split_frames(array, options)
    pictures = []
    for index, frame in enumerate(frames):
        samples, branch = rescale(frame, options.normalize)
        mode = options.mode or guessed_mode(samples, options)
        pictures.append((Frame(index if layout.startswith("n") else None, samples, branch, layout, guessed), mode))
    return pictures


def differences(array: np.ndarray, options: Options) -> set[str]:
    """The documented differences that may show for this array: empty means that wandb is the judge."""
    found: set[str] = set()
    if array.size == 0 or array.dtype.kind not in "biufc" or not options.can_be_written():
        return found
    if array.ndim < 2:
        # wandb makes a picture one pixel wide of a vector, where it has or guesses a mode
        return {"X1"} if array.ndim == 1 and (options.mode is not None or array.shape[0] in CHANNELS) else set()
    try:
        layout, _, shape = read_axes(array.shape, options)
    except Refused:
        # a shape that is only readable once every axis of length 1 is gone
        return {"D2"} if array.ndim > 2 and 1 in array.shape else set()
    if layout.startswith("n") or layout == "chw":
        found.add("D5")
    axes = dict(zip(layout, shape))
    height, width, channels = axes["h"], axes["w"], axes.get("c", 1)
    if array.ndim > 2 and 1 in (height, width):
        found.add("D2")
    real = array.real
    if real.dtype.kind == "f" and np.isnan(array).any():
        found.add("D3")
    if options.normalize:
        if array.dtype == np.int8 and array.min() >= 0 and array.max() <= 1:
            found.add("D4")
    elif array.dtype.kind != "b" and bool(((real <= -1) | (real >= 256)).any()):
        found.add("D1")
    if options.mode == "P" and channels == 4:
        found.add("D9")
    return found
