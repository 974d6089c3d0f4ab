"""The peers' side of the comparison: a process in a virtual environment that takes requests on standard input, one JSON
object a line, and answers each with a line of what it cost in CPU time. `worker.rs` is the other side."""

from __future__ import annotations

import atexit
import io
import json
import os
import pathlib
import sys
import time
from collections.abc import Callable

os.environ.setdefault("WANDB_MODE", "offline")
os.environ.setdefault("WANDB_SILENT", "true")
os.environ.setdefault("VIPS_CONCURRENCY", "1")

import numpy as np
import PIL.Image


def per_call(seconds: float, call: Callable[[], object]) -> tuple[float, object]:
    """Mean CPU time of a call, and what the last one returned."""
    start = time.process_time()
    calls = 0
    while True:
        result = call()
        calls += 1
        spent = time.process_time() - start
        if spent >= seconds:
            return spent / calls, result


def image_of(request: dict) -> PIL.Image.Image:
    """A picture of the data sets."""
    samples = pathlib.Path(request["path"]).read_bytes()
    return PIL.Image.frombytes(request["mode"], (request["width"], request["height"]), samples)


def pillow(request: dict) -> dict:
    """Pillow's encoder alone: what `wandb.Image` calls."""
    image = image_of(request)
    kind = {"png": "png", "jpg": "jpeg", "bmp": "bmp"}[request.get("type", "png")]

    def call() -> bytes:
        stream = io.BytesIO()
        image.save(stream, format=kind)
        return stream.getvalue()

    cpu, data = per_call(request.get("seconds", 0), call)
    return answer(cpu, data, request)


def opencv(request: dict) -> dict:
    """OpenCV's PNG encoder alone."""
    import cv2

    pixels = np.asarray(image_of(request))
    if pixels.ndim == 3:
        pixels = np.ascontiguousarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])
    cpu, data = per_call(request.get("seconds", 0), lambda: cv2.imencode(".png", pixels)[1].tobytes())
    return answer(cpu, data, request)


def answer(cpu: float, data: bytes, request: dict) -> dict:
    """What an encoding cost."""
    import hashlib

    if "save" in request:
        pathlib.Path(request["save"]).write_bytes(data)
    return {"cpu": cpu, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def wandb_files(request: dict) -> dict:
    """`wandb.Image` of each file, from loading to the hashed file in its media directory."""
    import wandb

    sizes, hashes, made = 0, [], []
    start = time.process_time()
    for path in request["paths"]:
        made.append(wandb.Image(np.load(path), file_type=request.get("type")))
    cpu = time.process_time() - start
    for image in made:
        sizes += image._size
        hashes.append(image._sha256)
        # Not now: see `fresh` in `measure.py`.
        atexit.register(os.unlink, image._path)
    return {"cpu": cpu, "bytes": sizes, "hashes": hashes}


def opencv_files(request: dict) -> dict:
    """The same by hand with OpenCV, without a hash."""
    import cv2

    cv2.setNumThreads(1)
    kind = request.get("type", "png")
    names = [f"{request['out']}/{n}.{kind}" for n in range(len(request["paths"]))]
    start = time.process_time()
    for path, name in zip(request["paths"], names):
        array = np.load(path)
        pixels = array if array.dtype == np.uint8 else (array * 255).astype(np.uint8)
        cv2.imwrite(name, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels)
    return {"cpu": time.process_time() - start, "bytes": sum(os.path.getsize(name) for name in names)}


def vips_files(request: dict) -> dict:
    """The same by hand with libvips."""
    import pyvips

    kind = request.get("type", "png")
    names = [f"{request['out']}/{n}.{kind}" for n in range(len(request["paths"]))]
    start = time.process_time()
    for path, name in zip(request["paths"], names):
        array = np.load(path)
        pixels = array if array.dtype == np.uint8 else (array * 255).astype(np.uint8)
        pyvips.Image.new_from_array(pixels).write_to_file(name)
    return {"cpu": time.process_time() - start, "bytes": sum(os.path.getsize(name) for name in names)}


def kernel(request: dict) -> dict:
    """NumPy's minimum, maximum and rescaling, as `wandb.Image` does them."""
    array = np.fromfile(request["path"], request["dtype"])

    def call() -> np.ndarray:
        if 0 <= np.min(array) and np.max(array) <= 1:
            return (array * 255).astype(np.uint8)
        return array.clip(0, 255).astype(np.uint8)

    cpu, _ = per_call(request.get("seconds", 0), call)
    return {"cpu": cpu, "bytes": array.nbytes}


def decode(request: dict) -> dict:
    """Whether Pillow and OpenCV (libpng) find the picture's samples in a file."""
    import cv2

    wanted = pathlib.Path(request["path"]).read_bytes()
    try:
        with PIL.Image.open(request["file"]) as image:
            pillow_equal = image.mode == request["mode"] and image.tobytes() == wanted
    except (OSError, SyntaxError) as error:
        return {"equal": False, "error": str(error)}
    found = cv2.imread(request["file"], cv2.IMREAD_UNCHANGED)
    if found is None:
        return {"equal": False, "error": "OpenCV finds no picture"}
    if found.ndim == 3:
        found = found[..., [2, 1, 0, 3][: found.shape[2]]]
    # OpenCV turns grey with alpha into colour.
    opencv_equal = request["mode"] == "LA" or found.tobytes() == wanted
    return {"equal": pillow_equal and opencv_equal}


def array(request: dict) -> dict:
    """The picture as a .npy file."""
    np.save(request["save"], np.asarray(image_of(request)))
    return {}


def versions(_: dict) -> dict:
    """What is installed here."""
    import importlib.metadata

    import PIL.features

    names = ("wandb", "numpy", "pillow", "opencv-python-headless", "pyvips")
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    # The one that is used; `zlib_ng` tells only what the wheel was compiled with.
    found["zlib"] = PIL.features.version("zlib")
    found["libjpeg-turbo"] = PIL.features.version("libjpeg_turbo")
    found["python"] = sys.version.split()[0]
    return found


OPERATIONS = {
    operation.__name__: operation
    for operation in (pillow, opencv, wandb_files, opencv_files, vips_files, kernel, decode, array, versions)
}


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    # Whatever libraries print must not end up among the answers.
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(OPERATIONS[request["op"]](request)), file=answers, flush=True)


main()
