"""Running the binary and comparing what it leaves behind: everything here knows CONTRACT and nothing of wandb's objects."""

from __future__ import annotations

import hashlib
import json
import pathlib
import shlex
import subprocess
from dataclasses import dataclass

import numpy as np

import reference
import rule
from reference import Picture, decode

MEDIA_KEYS = ["caption", "_type", "sha256", "size", "path", "format", "width", "height", "grouping", "boxes", "masks"]


@dataclass
class Report:
    """Counts what was compared and prints what did not agree."""

    passed: int = 0
    failed: int = 0

    def judge(self, name: str, problems: list[str], reproduce: str) -> None:
        """Count one case; print it if anything is wrong with it."""
        if not problems:
            self.passed += 1
            return
        self.failed += 1
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        print(f"{name}: {problems[0]}{more}  <- {reproduce}".replace("\n", "\\n"), flush=True)


@dataclass(frozen=True)
class Result:
    """What one run of the binary left behind."""

    status: int
    rows: list[dict]
    stdout_rows: list[dict]
    history: dict[int, dict]
    config: dict
    stderr: str
    broken: list[str]


@dataclass
class Expected:
    """What one picture has to be: its decoded samples, and what it is compared by."""

    image: object
    picture: Picture
    file: bytes | None = None
    tolerance: float | None = None
    frame: rule.Frame | None = None


def strict_json(text: str) -> object:
    """Parse JSON, refusing NaN and infinities, which RFC 8259 does not have."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def read_lines(path: pathlib.Path, broken: list[str]) -> list[dict]:
    """The rows of a JSON lines file; what cannot be read is noted in `broken`."""
    rows = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(strict_json(line))
            except ValueError as error:
                broken.append(f"{path.name}: {error}")
    return rows


def run_binary(binary: str, folder: pathlib.Path, inputs: list[str], arguments: list[str]) -> tuple[Result, str]:
    """Run `wbimg convert` on inputs in a folder; also the command as one would type it."""
    command = [binary, "convert", *inputs, "-o", "out", "--json", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=600)
    broken: list[str] = []
    stdout_rows = []
    for line in done.stdout.decode("utf-8", "surrogateescape").split("\n"):
        if line:
            try:
                stdout_rows.append(strict_json(line))
            except ValueError as error:
                broken.append(f"stdout: {error}: {line[:80]}")
    out = folder / "out"
    rows = read_lines(out / "manifest.jsonl", broken)
    history = {row.get("_step"): row for row in read_lines(out / "history.jsonl", broken)}
    config_path = out / "config.json"
    config = strict_json(config_path.read_text(encoding="utf-8")) if config_path.exists() else {}
    stderr = done.stderr.decode("utf-8", "replace").strip()
    shown = [shlex.quote(part) for part in command]
    if len(inputs) > 3:
        shown[2 : 2 + len(inputs)] = [shlex.quote(inputs[0]), "..."]
    return Result(
        done.returncode, rows, stdout_rows, history, config, stderr, broken
    ), f"cd {folder} && {' '.join(shown)}"


def safe_key(key: str) -> str:
    """A key as W&B puts it into paths."""
    parts = {".": "_", "..": "__"}
    return "/".join(parts.get(part, part) for part in key.lstrip("/").split("/"))


def path_of(folder: str, key: str, step: int, sha256: str, extension: str) -> str:
    """Where W&B stores a file, relative to the run; doubled slashes fall together."""
    path = f"{folder}/{safe_key(key)}_{step}_{sha256[:20]}{extension}"
    while "//" in path:
        path = path.replace("//", "/")
    return path


def without_identity(value: object) -> object:
    """Media JSON without what depends on the encoder: hash, size and path, which are compared with the files instead."""
    if isinstance(value, dict):
        return {
            key: "*" if key in ("sha256", "size", "path") else without_identity(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_identity(item) for item in value]
    return value


def compare_reference(
    out: pathlib.Path, reference_json: dict, expected_path: str, what: str
) -> tuple[list[str], bytes]:
    """Problems with a file that JSON refers to, and its bytes."""
    path = reference_json.get("path")
    if not isinstance(path, str) or not (out / path).is_file():
        return [f"{what}: no file at {path!r}"], b""
    data = (out / path).read_bytes()
    problems = []
    digest = hashlib.sha256(data).hexdigest()
    if reference_json.get("sha256") != digest:
        problems.append(f"{what}: sha256 is not the file's")
    if reference_json.get("size") != len(data):
        problems.append(f"{what}: size {reference_json.get('size')} is not {len(data)}")
    wanted = expected_path.replace("*" * 20, digest[:20])
    if path != wanted:
        problems.append(f"{what}: path {path!r}, W&B's is {wanted!r}")
    return problems, data


def compare_picture(data: bytes, expected: Expected, file_type: str | None) -> list[str]:
    """Problems with the pixels of one written image."""
    try:
        picture = decode(data)
    except Exception as error:  # whatever Pillow says about the file is the finding
        return [f"Pillow cannot read the picture: {type(error).__name__}: {error}"]
    wanted = expected.picture
    if (picture.mode, picture.width, picture.height) != (wanted.mode, wanted.width, wanted.height):
        return [
            f"{picture.mode} {picture.width}x{picture.height}, expected {wanted.mode} {wanted.width}x{wanted.height}"
        ]
    if expected.tolerance is not None:
        values = np.frombuffer(wanted.samples, np.uint8)
        original = values.reshape(wanted.height, wanted.width, -1)
        error = reference.palette_error(original, picture)
        return (
            [f"palette is off by {error:.2f} a sample, {expected.tolerance:.2f} allowed"]
            if error > expected.tolerance
            else []
        )
    if picture.samples != wanted.samples:
        ours, theirs = np.frombuffer(picture.samples, np.uint8), np.frombuffer(wanted.samples, np.uint8)
        wrong = np.flatnonzero(ours != theirs)
        first = wrong[0]
        return [
            f"{wrong.size} of {ours.size} samples differ, first at {first}: {ours[first]}, expected {theirs[first]}"
        ]
    if file_type in ("jpg", "jpeg", "bmp") and expected.file is not None and data != expected.file:
        return [
            f"pixels agree, but the {file_type} file is not wandb's: {len(data)} bytes, expected {len(expected.file)}"
        ]
    return []


def compare_history(ours: object, theirs: dict, media: list[dict], what: str) -> list[str]:
    """Problems with a history value, whose files have to be those of the rows."""
    if not isinstance(ours, dict):
        return [f"{what} is {ours!r}"]
    if len(media) == 1:
        return [] if ours == media[0] and list(ours) == list(media[0]) else [f"{what} is not the row's media object"]
    theirs = theirs | {"filenames": [item.get("path") for item in media]}
    for name, layers in (("all_masks", "masks"), ("all_boxes", "boxes")):
        if name in theirs:
            theirs[name] = [item.get(layers) for item in media]
    if ours != theirs:
        different = [name for name in {**theirs, **ours} if ours.get(name) != theirs.get(name)]
        return [
            f"{what} differs in {different}: {json.dumps({n: ours.get(n) for n in different})[:300]}, "
            f"W&B's {json.dumps({n: theirs.get(n) for n in different})[:300]}"
        ]
    return [] if list(ours) == list(theirs) else [f"{what} has its keys in the order {list(ours)}"]


def compare_row(
    out: pathlib.Path, row: dict, key: str, step: int, extension: str, expected: Expected, history: dict
) -> list[str]:
    """Problems with the media object of a row and the picture that it refers to."""
    media = row.get("media", {})
    pattern = path_of("media/images", key, step, "*" * 20, f".{extension}" if extension else "")
    problems, data = compare_reference(out, media, pattern, "media")
    if without_identity(media) != without_identity(history):
        problems.append(f"media {json.dumps(without_identity(media))}, W&B's {json.dumps(without_identity(history))}")
    if list(media) != [name for name in MEDIA_KEYS if name in media]:
        problems.append(f"media keys in the order {list(media)}")
    if row.get("key") != key or row.get("step") != step:
        problems.append(f"row has key {row.get('key')!r} and step {row.get('step')!r}, expected {key!r} and {step}")
    return problems + (compare_picture(data, expected, extension) if data else [])
