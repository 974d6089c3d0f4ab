"""Write `cases.jsonl`: arrays, `wbimg convert` arguments, and what real wandb makes of them.

    python make.py [--out DIR] [--check]

Two kinds of lines, each one JSON object:

    {"input": NAME, "npy": BASE64(ZLIB(file bytes))}
    {"case": NAME, "class": CLASS, "input": NAME, "args": [...], "differs": null | "D1".."D10" | "X1", "expect": [...]|null,
     "wandb": null | {...}, "reason"?: TEXT}

`expect` is one object per picture, in order, or null where the command has to fail (exit status 1 or 2, no picture):

    {"mode", "width", "height", "pixels": BASE64(ZLIB(samples)), "file"?: {"sha256", "size", "bytes"?}, "tolerance"?: NUMBER}

`samples` are as `reference.Picture` says. `file` (jpg, jpeg, bmp) is the very file that wandb wrote. `tolerance` (D9) is the
largest mean difference per sample from `pixels`, which is then the RGBA original, colours weighed by alpha.
`differs` is null where wandb's own output is expected; otherwise it names the documented difference, `expect` follows the
rule in `rule.py` and `wandb` says what wandb did: `{"error": TEXT}` or `{"mode","width","height","sha256"}` (of the samples).
"""

from __future__ import annotations

import argparse
import base64
import collections
import hashlib
import json
import pathlib
import sys
import warnings
import zlib

import numpy as np

import catalogue
import reference
import rule
from catalogue import npy_bytes
from reference import Picture, decode, encode, run_wandb
from rule import Options, Refused


def pack(data: bytes) -> str:
    """Bytes as compressed base64."""
    return base64.b64encode(zlib.compress(data, 9)).decode()


class Cases:
    """Collects inputs and cases, and decides for each case what is expected and why."""

    def __init__(self) -> None:
        self.inputs: dict[str, bytes] = {}
        self.name_of: dict[bytes, str] = {}
        self.cases: dict[str, dict] = {}

    def add(
        self, kind: str, name: str, array: np.ndarray, options: Options = Options(), *, npy: bytes | None = None
    ) -> None:
        """Add one case; the same array under several options is stored once."""
        data = npy_bytes(array) if npy is None else npy
        if name in self.cases:
            raise AssertionError(f"{name} twice")
        input_name = self.name_of.setdefault(data, name)
        self.inputs[input_name] = data
        self.cases[name] = {
            "case": name,
            "class": kind,
            "input": input_name,
            "args": options.arguments(),
            **judge(array, options),
        }

    def refuse(self, kind: str, name: str, npy: bytes, arguments: list[str], reason: str) -> None:
        """Add a case that has to fail, given as raw bytes and arguments."""
        self.inputs[name] = npy
        self.cases[name] = {
            "case": name,
            "class": kind,
            "input": name,
            "args": arguments,
            "differs": None,
            "expect": None,
            "wandb": None,
            "reason": reason,
        }

    def lines(self) -> str:
        """The fixture file."""
        records = [{"input": name, "npy": pack(data)} for name, data in self.inputs.items()]
        records += self.cases.values()
        return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)


def unpacked(text: str) -> list[dict]:
    """The records of a fixture file with its packed parts as hashes, so that the compressor does not count."""

    def unpack(record: dict) -> dict:
        packed = {name for name in ("npy", "pixels", "bytes") if name in record}
        return {
            name: hashlib.sha256(zlib.decompress(base64.b64decode(value))).hexdigest() if name in packed else value
            for name, value in record.items()
        }

    return [json.loads(line, object_hook=unpack) for line in text.splitlines()]


def describe(picture: Picture, file: bytes, file_type: str | None) -> dict:
    """The `expect` object of one picture."""
    record = {"mode": picture.mode, "width": picture.width, "height": picture.height, "pixels": pack(picture.samples)}
    if file_type in ("jpg", "jpeg", "bmp"):
        record["file"] = {"sha256": hashlib.sha256(file).hexdigest(), "size": len(file)}
        if file_type != "bmp":
            record["file"]["bytes"] = pack(file)
    return record


def describe_palette(original: np.ndarray, options: Options) -> dict:
    """The `expect` object of an RGBA array in mode P, whose palette is free (D9)."""
    file = encode(original, "P", options.file_type)
    samples = original if options.file_type in (None, "png") else original[..., :3]
    height, width, _ = original.shape
    return {
        "mode": "P",
        "width": width,
        "height": height,
        "pixels": pack(np.ascontiguousarray(samples).tobytes()),
        "tolerance": round(reference.palette_error_allowed(original, file), 3),
    }


def by_rule(array: np.ndarray, options: Options) -> list[dict] | None:
    """What the documented rule expects, or None for an error."""
    try:
        frames = rule.picture_frames(array, options)
    except Refused:
        return None
    expected = []
    for frame, mode in frames:
        if mode == "P" and frame.samples.ndim == 3 and frame.samples.shape[2] == 4:
            expected.append(describe_palette(frame.samples, options))
            continue
        file = encode(frame.samples, mode, options.file_type)
        expected.append(describe(decode(file), file, options.file_type))
    return expected


def judge(array: np.ndarray, options: Options) -> dict:
    """The expectation of a case, after holding wandb, the rule and the list of differences against each other."""
    outcome = run_wandb(array, options)
    if isinstance(outcome, str):
        theirs, shown = None, {"error": outcome}
    else:
        picture = decode(outcome)
        theirs = [describe(picture, outcome, options.file_type)]
        shown = {
            "mode": picture.mode,
            "width": picture.width,
            "height": picture.height,
            "sha256": hashlib.sha256(picture.samples).hexdigest(),
        }
    ours = by_rule(array, options)
    possible = rule.differences(array, options)
    if ours == theirs:
        return {"differs": None, "expect": theirs, "wandb": None if theirs else shown}
    if not possible:
        raise AssertionError(f"{array.dtype} {array.shape} {options}: the rule and wandb differ without a reason")
    tag = sorted(possible, key=lambda difference: int(difference[1:]))[0]
    return {"differs": tag, "expect": ours, "wandb": shown}


def main() -> int:
    """Write the fixtures, or compare them with what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=pathlib.Path, default=pathlib.Path(__file__).parent, help="folder for cases.jsonl"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail if cases.jsonl is not what would be written"
    )
    options = parser.parse_args()
    reference.require_versions()
    warnings.simplefilter("ignore")
    cases = Cases()
    for add in catalogue.ALL:
        add(cases)
    text = cases.lines()
    path = options.out / "cases.jsonl"
    if options.check:
        same = unpacked(path.read_text()) == unpacked(text)
        print("cases.jsonl is up to date" if same else "cases.jsonl is stale")
        return 0 if same else 1
    path.write_text(text)
    counts = collections.Counter((case["class"], case["differs"] or "as wandb") for case in cases.cases.values())
    for (kind, why), count in sorted(counts.items()):
        print(f"{kind:18} {why:9} {count}")
    print(f"{len(cases.cases)} cases, {len(cases.inputs)} inputs, {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
