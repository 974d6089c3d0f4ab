"""What real wandb and Pillow do: the reference side of the conformance judge."""

from __future__ import annotations

import io
import os
import warnings
from dataclasses import dataclass

os.environ.setdefault("WANDB_MODE", "offline")
os.environ.setdefault("WANDB_SILENT", "true")

import numpy as np
import PIL.Image
import wandb

from rule import Options

WANDB_VERSION = "0.28.2"


def require_versions() -> None:
    """Stop unless the reference is the release that is being matched."""
    if wandb.__version__ != WANDB_VERSION:
        raise SystemExit(f"wandb {wandb.__version__} is installed, the reference is wandb {WANDB_VERSION}")


@dataclass(frozen=True)
class Picture:
    """A decoded image file: Pillow's mode and raw samples, row by row, without padding.

    `1` is one byte a pixel (0 or 255), `I;16` is big-endian 16 bits, `P` is expanded through its palette to RGB, or to
    RGBA if the file has transparency.
    """

    mode: str
    width: int
    height: int
    samples: bytes


def decode(data: bytes) -> Picture:
    """Decode an encoded image with Pillow."""
    image = PIL.Image.open(io.BytesIO(data))
    image.load()
    width, height = image.size
    mode = image.mode
    if mode == "P":
        samples = image.convert("RGBA" if "transparency" in image.info else "RGB").tobytes()
    elif mode == "1":
        samples = image.convert("L").tobytes()
    elif mode == "I;16":
        samples = np.asarray(image).astype(">u2").tobytes()
    else:
        samples = image.tobytes()
    return Picture(mode, width, height, samples)


def encode(samples: np.ndarray, mode: str, file_type: str | None) -> bytes:
    """Encode 8-bit samples as wandb does, through Pillow."""
    buffer = io.BytesIO()
    image = PIL.Image.fromarray(np.ascontiguousarray(samples)).convert(mode)
    name = {None: "PNG", "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "bmp": "BMP"}[file_type]
    image.save(buffer, format=name, transparency=None)
    return buffer.getvalue()


def run_wandb(array: np.ndarray, options: Options) -> bytes | str:
    """The file that `wandb.Image` writes for an array, or the exception in words."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            image = wandb.Image(array, mode=options.mode, file_type=options.file_type, normalize=options.normalize)
        except Exception as error:  # whatever wandb dies of is the answer
            return f"{type(error).__name__}: {error}"
    with open(image._path, "rb") as file:
        data = file.read()
    os.unlink(image._path)
    return data


def premultiplied(picture: Picture) -> np.ndarray:
    """Samples of an RGB(A) picture weighed by alpha, so that the colour of what is transparent does not count."""
    pixels = picture.width * picture.height
    channels = len(picture.samples) // pixels
    values = np.frombuffer(picture.samples, np.uint8).reshape(pixels, channels).astype(np.float64)
    if channels == 4:
        values[:, :3] *= values[:, 3:] / 255
    return values


def palette_error(original: np.ndarray, picture: Picture) -> float:
    """Mean difference per sample between an RGBA original and its palette version."""
    height, width, _ = original.shape
    values = premultiplied(picture)
    if values.shape[1] == 3:
        target = Picture("RGB", width, height, np.ascontiguousarray(original[..., :3]).tobytes())
    else:
        target = Picture("RGBA", width, height, np.ascontiguousarray(original).tobytes())
    return float(np.abs(values - premultiplied(target)).mean())


def palette_error_allowed(original: np.ndarray, wandb_file: bytes) -> float:
    """How far a palette of one's own choice may be off (D9): a quarter more than wandb's, or 2 levels."""
    return max(2.0, 1.25 * palette_error(original, decode(wandb_file)))


def start_offline_run(folder: str) -> "wandb.Run":
    """An offline run that records nothing but what is logged."""
    settings = wandb.Settings(disable_git=True, x_disable_stats=True, x_disable_meta=True, console="off")
    return wandb.init(project="conformance", mode="offline", dir=folder, settings=settings)
