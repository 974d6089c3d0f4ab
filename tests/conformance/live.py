"""Hold a `wbimg` binary against real wandb on random inputs.

    python live.py --wbimg PATH [--seed N] [--cases M] [--keep DIR]
    python live.py --wbimg PATH --replay cases.jsonl

Prints one line per mismatch, with the input, the command and the numbers that reproduce it, and then `N passed, M failed`.
Exit status 1 if anything failed. Relies on nothing but CONTRACT: arguments, exit status, stdout, and the output directory.
Where `wbimg` departs from wandb on purpose (D1 to D10, X1), the rule in `rule.py` takes wandb's place, and only there.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import logging
import pathlib
import shutil
import sys
import tempfile
import warnings
import zlib

import numpy as np

import PIL.Image
import reference
import rule
import wandb
from compare import (
    Expected,
    Report,
    Result,
    compare_history,
    compare_picture,
    compare_reference,
    compare_row,
    path_of,
    run_binary,
)
from inputs import CAPTIONS, KEYS, Inputs
from reference import Picture, decode, encode, run_wandb
from rule import Options, Refused
from wandb.sdk.data_types.utils import history_dict_to_json

MAX_LIST = 108


class Undocumented(Exception):
    """Wandb and the documented rule disagree where no documented difference is in play."""


class Judge:
    """Runs batches through wandb and the binary; one offline run serves for all of wandb's JSON."""

    def __init__(self, binary: str, seed: int, folder: pathlib.Path) -> None:
        self.binary = binary
        self.inputs = Inputs(seed)
        self.folder = folder
        self.report = Report()
        self.batches = 0
        (folder / "run").mkdir()
        self.run = reference.start_offline_run(str(folder / "run"))

    def new_folder(self) -> pathlib.Path:
        """A folder of its own for a batch."""
        self.batches += 1
        folder = self.folder / f"batch-{self.batches:04}"
        folder.mkdir()
        return folder

    def wandb_history(self, key: str, images: list, step: int) -> object:
        """What `run.log({key: images}, step=step)` records under the key, were `step` the run's own step (D9).

        One image goes in as itself; captions of a list are kept whichever image has them (D7).
        """
        captions = [image._caption for image in images]
        recorded = history_dict_to_json(
            self.run, {key: images[0] if len(images) == 1 else images}, step=step, ignore_copy_err=True
        )[key]
        recorded = json.loads(json.dumps(recorded))
        if len(images) > 1 and any(caption is not None for caption in captions):
            ordered = {name: recorded[name] for name in ("_type", "width", "height", "format", "count", "filenames")}
            rest = {name: recorded[name] for name in ("all_masks", "all_boxes") if name in recorded}
            recorded = ordered | {"captions": captions} | rest
        return recorded

    # --- arrays -------------------------------------------------------------------------------------------------------

    def expect(
        self, array: np.ndarray, options: Options, caption: str | None, grouping: int | None
    ) -> list[Expected] | None:
        """What an array has to become, from wandb, or by the rule where a documented difference may show."""
        words = {"caption": caption, "grouping": grouping}
        differences = rule.differences(array, options)
        try:
            frames = rule.picture_frames(array, options)
        except Refused:
            frames = None
        if not differences:
            outcome = run_wandb(array, options)
            if isinstance(outcome, str) != (frames is None):
                raise Undocumented(
                    f"wandb: {outcome if isinstance(outcome, str) else 'a picture'}, the rule: {'an error' if frames is None else 'a picture'}"
                )
            if frames is None:
                return None
            frame, mode = frames[0]
            if decode(encode(frame.samples, mode, options.file_type)) != decode(outcome):
                raise Undocumented("wandb's picture is not the rule's")
            with np.errstate(all="ignore"):
                image = wandb.Image(
                    array, mode=options.mode, file_type=options.file_type, normalize=options.normalize, **words
                )
            return [Expected(image, decode(outcome), outcome, frame=frame)]
        if frames is None:
            return None
        expected = []
        for frame, mode in frames:
            pillow_image = PIL.Image.fromarray(np.ascontiguousarray(frame.samples)).convert(mode)
            image = wandb.Image(pillow_image, file_type=options.file_type, **words)
            file = encode(frame.samples, mode, options.file_type)
            if mode == "P" and frame.samples.ndim == 3 and frame.samples.shape[2] == 4:
                original = frame.samples if options.file_type in (None, "png") else frame.samples[..., :3]
                picture = Picture("P", original.shape[1], original.shape[0], np.ascontiguousarray(original).tobytes())
                allowed = reference.palette_error_allowed(frame.samples, file)
                expected.append(Expected(image, picture, None, allowed, frame))
            else:
                expected.append(Expected(image, decode(file), file, frame=frame))
        return expected

    def compare_array_facts(self, row: dict, array: np.ndarray, options: Options, expected: Expected) -> list[str]:
        """Problems with what a row says of the array and warns of."""
        frame, facts, problems = expected.frame, row.get("array"), []
        if not isinstance(facts, dict):
            return [f"array is {facts!r}"]
        frames, _, _ = rule.split_frames(array, options)
        values = frames[frame.index or 0]
        real = values.real if values.dtype.kind == "c" else values
        nan, inf, finite = 0, 0, real
        if real.dtype.kind == "f":
            nan, inf, finite = int(np.isnan(real).sum()), int(np.isinf(real).sum()), real[np.isfinite(real)]
        wanted = {
            "dtype": array.dtype.newbyteorder("=").name,
            "shape": list(array.shape),
            "rescale": frame.rescale,
            "nan": nan,
            "inf": inf,
        }
        for name, value in wanted.items():
            if facts.get(name) != value:
                problems.append(f"array.{name} is {facts.get(name)!r}, expected {value!r}")
        if frame.index is None and facts.get("layout") != frame.layout and array.ndim < 4 and array.shape[0] != 1:
            problems.append(f"array.layout is {facts.get('layout')!r}, expected {frame.layout!r}")
        for name, value in (
            ("min", finite.min() if finite.size else None),
            ("max", finite.max() if finite.size else None),
        ):
            said = facts.get(name)
            same = (
                said is None
                if value is None
                else isinstance(said, (int, float)) and np.array(said).astype(value.dtype) == value
            )
            if not same:
                problems.append(f"array.{name} is {said!r}, expected {value!r}")
        codes = {warning.get("code") for warning in row.get("warnings", [])}
        alpha = (
            values.ndim == 3 and values.shape[2] == 4 and options.mode is None and options.file_type in ("jpg", "jpeg")
        )
        for code, due in (
            ("nan", nan > 0),
            ("inf", inf > 0),
            ("alpha-dropped", alpha),
            ("layout-guessed", frame.guessed),
        ):
            if (code in codes) != due:
                problems.append(f"warning {code} {'is missing' if due else 'is out of place'}")
        return problems

    def array_batch(self, count: int) -> None:
        """One run of the binary over random arrays, each under its own key."""
        folder, options = self.new_folder(), self.inputs.random_options()
        step = int(self.inputs.choose((0, 0, 1, 7, 1_000_000)))
        caption = self.inputs.choose((None, None, "{stem}", "at {step}: {key} {{x}} {index}", 'é "x"'))
        grouping = self.inputs.choose((None, None, 0, 3, 12))
        arguments = ["--key", "{stem}", *options.arguments(), "--step", str(step)]
        arguments += ["--caption", caption] if caption is not None else []
        arguments += ["--grouping", str(grouping)] if grouping is not None else []
        arrays, wanted, names = {}, {}, []
        for index in range(count):
            stem = f"in{index:03}"
            array = self.inputs.random_array()
            text = None
            if caption is not None:
                text = (
                    caption.replace("{{x}}", "\0")
                    .replace("{stem}", stem)
                    .replace("{key}", stem)
                    .replace("{step}", str(step))
                )
                text = text.replace("{index}", str(index)).replace("\0", "{x}")
            np.save(folder / f"{stem}.npy", array)
            names.append(f"{stem}.npy")
            arrays[stem] = array
            try:
                wanted[stem] = self.expect(array, options, text, grouping)
            except Undocumented as error:
                problem = f"undocumented difference: {error}"
                self.report.judge(
                    f"{folder.name}/{stem}.npy [{array.dtype.str} {array.shape} {options}]",
                    [problem],
                    "no run of the binary needed",
                )
                names.pop()
        result, command = run_binary(self.binary, folder, names, arguments)
        self.judge_batch(folder, options, step, arrays, wanted, result, command)

    def judge_batch(
        self,
        folder: pathlib.Path,
        options: Options,
        step: int,
        arrays: dict,
        wanted: dict,
        result: Result,
        command: str,
    ) -> None:
        """Compare every input of a batch, and the batch as a whole."""
        general = list(result.broken)
        impossible = not options.can_be_written()
        refused = sum(pictures is None for pictures in wanted.values())
        statuses = (1, 2) if impossible else (1,) if refused else (0,)
        if result.status not in statuses:
            general.append(
                f"exit status {result.status}, expected {' or '.join(map(str, statuses))}: {result.stderr[-200:]!r}"
            )
        if sorted(map(json.dumps, result.rows)) != sorted(map(json.dumps, result.stdout_rows)):
            general.append("rows on stdout are not the manifest's")
        order = [(row.get("index"), row.get("frame") or 0) for row in result.stdout_rows]
        if order != sorted(order):
            general.append("rows on stdout are not in input order")
        self.report.judge(f"batch {folder.name}", general, command)
        by_source: dict[str, list[dict]] = {}
        for row in result.rows:
            by_source.setdefault(row.get("source"), []).append(row)
        for stem, expected in wanted.items():
            array = arrays[stem]
            rows = by_source.get(f"{stem}.npy", [])
            shown = f"{array.dtype.str} {'x'.join(map(str, array.shape))} {' '.join(options.arguments())}"
            found = ",".join(sorted(rule.differences(array, options)))
            name = f"{folder.name}/{stem}.npy [{shown}]" + (f" ({found})" if found else "")
            self.report.judge(
                name, self.judge_input(folder / "out", stem, step, options, array, expected, rows, result), command
            )

    def judge_input(
        self,
        out: pathlib.Path,
        stem: str,
        step: int,
        options: Options,
        array: np.ndarray,
        expected: list[Expected] | None,
        rows: list[dict],
        result: Result,
    ) -> list[str]:
        """Problems with the rows, pictures and history of one input."""
        in_history = result.history.get(step, {}).get(stem)
        if expected is None:
            return [f"{len(rows)} pictures, expected an error"] if rows or in_history is not None else []
        if len(rows) != len(expected):
            return [f"{len(rows)} pictures, expected {len(expected)}: {result.stderr[-200:]!r}"]
        extension = options.file_type or "png"
        problems = []
        for row, wish in zip(rows, expected):
            single = self.wandb_history(stem, [wish.image], step)
            if row.get("frame") != wish.frame.index:
                problems.append(f"frame is {row.get('frame')!r}, expected {wish.frame.index!r}")
            problems += compare_row(out, row, stem, step, extension, wish, single)
            problems += self.compare_array_facts(row, array, options, wish)
        recorded = self.wandb_history(stem, [wish.image for wish in expected], step)
        return problems + compare_history(in_history, recorded, [row["media"] for row in rows], f"history[{stem!r}]")

    # --- lists and keys -----------------------------------------------------------------------------------------------

    def list_case(self, count: int, key: str) -> None:
        """Several arrays under one key, with captions and groupings from sidecars."""
        folder, step = self.new_folder(), int(self.inputs.choose((0, 3, 99)))
        captions = self.inputs.choose(("none", "all", "first", "last", "holes"))
        sizes = [(2, 3), (2, 3), (4, 5)] if self.inputs.random.random() < 0.3 else [(2, 3)]
        images, names, pictures = [], [], []
        for index in range(count):
            array = self.inputs.random.integers(0, 256, self.inputs.choose(sizes)).astype(np.uint8)
            array.flat[0] = 200
            stem = f"in{index:03}"
            np.save(folder / f"{stem}.npy", array)
            with_caption = {
                "none": False,
                "all": True,
                "first": index == 0,
                "last": index == count - 1,
                "holes": index % 3 == 1,
            }[captions]
            sidecar = {"caption": self.inputs.choose(CAPTIONS)} if with_caption else {}
            if self.inputs.random.random() < 0.3:
                sidecar["grouping"] = int(self.inputs.choose((0, 1, 5)))
            if sidecar:
                (folder / f"{stem}.wbimg.json").write_text(json.dumps(sidecar), encoding="utf-8")
            names.append(f"{stem}.npy")
            image = wandb.Image(array, caption=sidecar.get("caption"), grouping=sidecar.get("grouping"))
            images.append(image)
            pictures.append(Picture("L", array.shape[1], array.shape[0], array.tobytes()))
        result, command = run_binary(self.binary, folder, names, ["--key", key, "--step", str(step)])
        problems = list(result.broken)
        if result.status != 0:
            problems.append(f"exit status {result.status}: {result.stderr[-200:]!r}")
        rows = sorted(result.rows, key=lambda row: row.get("index", -1))
        if len(rows) != count:
            problems.append(f"{len(rows)} rows, expected {count}")
        else:
            problems += self.judge_list(folder / "out", key, step, rows, images, pictures, result)
        self.report.judge(f"{folder.name} [{count} images, key {key!r}, captions {captions}]", problems, command)

    def judge_list(
        self,
        out: pathlib.Path,
        key: str,
        step: int,
        rows: list[dict],
        images: list,
        pictures: list[Picture],
        result: Result,
    ) -> list[str]:
        """Problems with a list of images: rows, and chunks of 108 in the history (D8)."""
        problems = []
        history = result.history.get(step, {})
        chunks = [
            (key if start == 0 else f"{key}_{start // MAX_LIST + 1}", start) for start in range(0, len(rows), MAX_LIST)
        ]
        if sorted(history) != sorted(["_step", *(name for name, _ in chunks)]):
            problems.append(f"history has {sorted(history)}")
        for name, start in chunks:
            part = slice(start, start + MAX_LIST)
            recorded = self.wandb_history(name, images[part], step)
            problems += compare_history(
                history.get(name), recorded, [row.get("media", {}) for row in rows[part]], f"history[{name!r}]"
            )
            for row, image, picture in zip(rows[part], images[part], pictures[part]):
                said = row.get("key") if row.get("key") in (key, name) else name
                stored = row.get("media", {}).get("path", "")
                # a key that goes over 108 may keep its own file names
                path_key = (
                    key
                    if stored == path_of("media/images", key, step, row["media"].get("sha256", ""), ".png")
                    else name
                )
                single = json.loads(json.dumps(image.to_json(self.run)))
                problems += compare_row(
                    out,
                    {**row, "key": path_key if said == row.get("key") else row.get("key")},
                    path_key,
                    step,
                    "png",
                    Expected(image, picture),
                    single,
                )
        return problems

    # --- image files --------------------------------------------------------------------------------------------------

    def file_batch(self, count: int) -> None:
        """Image files, which pass through untouched."""
        folder, names, images, data = self.new_folder(), [], {}, {}
        for index in range(count):
            extension, form = self.inputs.choose(
                (
                    ("png", "PNG"),
                    ("jpg", "JPEG"),
                    ("jpeg", "JPEG"),
                    ("bmp", "BMP"),
                    ("gif", "GIF"),
                    ("PNG", "PNG"),
                    ("JPG", "JPEG"),
                    ("webp", "WEBP"),
                    ("tiff", "TIFF"),
                    ("tif", "TIFF"),
                )
            )
            shape = self.inputs.choose(((5, 7), (5, 7, 3), (1, 1, 3), (9, 2)))
            name = f"in{index:03}.{extension}"
            PIL.Image.fromarray(self.inputs.random.integers(0, 256, shape, np.uint8)).save(folder / name, format=form)
            names.append(name)
            images[name], data[name] = wandb.Image(str(folder / name)), (folder / name).read_bytes()
        result, command = run_binary(self.binary, folder, names, ["--key", "{stem}"])
        rows = {row.get("source"): row for row in result.rows}
        for name in names:
            stem, _, extension = name.rpartition(".")
            problems = list(result.broken)
            if result.status != 0:
                problems.append(f"exit status {result.status}: {result.stderr[-200:]!r}")
            row = rows.get(name)
            if row is None:
                problems.append("no row")
            else:
                recorded = self.wandb_history(stem, [images[name]], 0)
                if row.get("media") != recorded:
                    problems.append(f"media {json.dumps(row.get('media'))}, W&B's {json.dumps(recorded)}")
                elif (
                    not (folder / "out" / recorded["path"]).is_file()
                    or (folder / "out" / recorded["path"]).read_bytes() != data[name]
                ):
                    problems.append("the copy is not the file")
                if row.get("array") is not None:
                    problems.append(f"array is {row.get('array')!r}, expected null")
                problems += compare_history(result.history.get(0, {}).get(stem), recorded, [row["media"]], "history")
            self.report.judge(f"{folder.name}/{name}", problems, command)

    # --- boxes and masks ----------------------------------------------------------------------------------------------

    def annotation_case(self) -> None:
        """One array with boxes and masks: references, layer files and the class labels in the config."""
        folder = self.new_folder()
        key, step = f"{self.inputs.choose(('k', 'a/b', 'é'))}{self.batches}", int(self.inputs.choose((0, 5)))
        array = self.inputs.random.integers(0, 256, (6, 8, 3), np.uint8)
        array[0, 0] = 255
        np.save(folder / "in.npy", array)
        arguments, words = ["--key", key, "--step", str(step)], {}
        kinds = self.inputs.choose((("boxes",), ("masks",), ("boxes", "masks")))
        if "boxes" in kinds:
            boxes = self.inputs.random_boxes()
            (folder / "boxes.json").write_text(json.dumps(boxes), encoding="utf-8")
            arguments += ["--boxes", "boxes.json"]
            words["boxes"] = boxes
        if "masks" in kinds:
            masks = self.inputs.random_masks(array.shape[:2])
            (folder / "masks.json").write_text(json.dumps(masks), encoding="utf-8")
            arguments += ["--masks", "masks.json"]
            words["masks"] = {
                name: {**layer, "mask_data": np.array(layer["mask_data"])} for name, layer in masks.items()
            }
        image = wandb.Image(array, **words)
        recorded = self.wandb_history(key, [image], step)
        result, command = run_binary(self.binary, folder, ["in.npy"], arguments)
        problems = list(result.broken)
        if result.status != 0 or len(result.rows) != 1:
            problems.append(f"exit status {result.status}, {len(result.rows)} rows: {result.stderr[-200:]!r}")
        else:
            out, row = folder / "out", result.rows[0]
            picture = Picture("RGB", 8, 6, array.tobytes())
            problems += compare_row(out, row, key, step, "png", Expected(image, picture), recorded)
            problems += compare_history(
                result.history.get(step, {}).get(key), recorded, [row.get("media", {})], "history"
            )
            problems += self.compare_layers(out, key, step, row.get("media", {}), recorded)
            problems += self.compare_labels(key, result.config, row)
        self.report.judge(f"{folder.name} [{' and '.join(kinds)}, key {key!r}]", problems, command)

    def compare_layers(self, out: pathlib.Path, key: str, step: int, media: dict, recorded: dict) -> list[str]:
        """Problems with the files of the layers: boxes byte for byte, masks by their pixels."""
        problems = []
        places = {"boxes": ("media/metadata/boxes2D", ".boxes2D.json"), "masks": ("media/images/mask", ".mask.png")}
        for kind, (place, extension) in places.items():
            for layer, theirs in recorded.get(kind, {}).items():
                ours = media.get(kind, {}).get(layer, {})
                found, data = compare_reference(
                    out, ours, path_of(place, key, step, "*" * 20, extension), f"{kind} {layer!r}"
                )
                problems += found
                wanted = (pathlib.Path(self.run.dir) / theirs["path"]).read_bytes()
                if kind == "boxes" and data and data != wanted:
                    problems.append(f"boxes {layer!r}: {data[:200]!r}, W&B's {wanted[:200]!r}")
                if kind == "masks" and data and decode(data) != decode(wanted):
                    problems.append(f"mask {layer!r} has other pixels, or is not 8-bit grey")
        return problems

    def compare_labels(self, key: str, config: dict, row: dict) -> list[str]:
        """Problems with the class labels in config.json and in the row."""
        problems = []
        theirs_all = self.run._config._items["_wandb"]
        labels = row.get("class_labels") or {}
        for section, kind in (("bounding_box/class_labels", "boxes"), ("mask/class_labels", "masks")):
            start = f"{key}_wandb_delimeter_"
            theirs = {
                name: json.loads(json.dumps(value))
                for name, value in theirs_all.get(section, {}).items()
                if name.startswith(start)
            }
            ours = config.get("_wandb", {}).get(section, {})
            if ours != theirs:
                problems.append(f"config {section}: {json.dumps(ours)[:300]}, W&B's {json.dumps(theirs)[:300]}")
            in_row = labels.get(kind) or {}
            wanted = {name.removeprefix(start): value["value"] for name, value in theirs.items()}
            if in_row != wanted:
                problems.append(
                    f"class_labels.{kind} of the row: {json.dumps(in_row)[:200]}, expected {json.dumps(wanted)[:200]}"
                )
        return problems

    def check_reference(self) -> None:
        """That `run.log` publishes what the judge takes for wandb's JSON."""
        published = []
        interface = self.run._interface
        original = interface._publish_partial_history
        interface._publish_partial_history = published.append
        try:
            self.run.log({"one": two_images()[0], "two": two_images()})
        finally:
            interface._publish_partial_history = original
        recorded = {item.key: json.loads(item.value_json) for item in published[0].item}
        taken = {
            "one": self.wandb_history("one", two_images()[:1], 0),
            "two": self.wandb_history("two", two_images(), 0),
        }
        if {name: recorded.get(name) for name in taken} != taken:
            raise SystemExit(
                "run.log publishes other JSON than history_dict_to_json gives: this judge needs another look"
            )

    def run_all(self, cases: int) -> None:
        """About `cases` random arrays, and a third as many lists, keys, files and annotated images."""
        self.check_reference()
        for start in range(0, cases, 20):
            self.array_batch(min(20, cases - start))
        rest = max(4, cases // 3)
        sizes = [1, 2, 107, 108, 109, 216, 217]
        for index in range(rest // 2):
            count = sizes[index % len(sizes)] if index < 2 * len(sizes) else int(self.inputs.choose((1, 2, 3, 5)))
            self.list_case(count, KEYS[int(self.inputs.random.integers(len(KEYS)))])
        for key in KEYS[: rest // 2]:
            self.list_case(2, key)
        self.file_batch(max(1, rest // 8))
        for _ in range(max(1, rest // 4)):
            self.annotation_case()


def two_images() -> list:
    """Two small images with captions."""
    return [wandb.Image(np.full((2, 3), value, np.uint8), caption=f"c{value}") for value in (9, 8)]


def replay(binary: str, fixtures: pathlib.Path, folder: pathlib.Path) -> Report:
    """Run the committed cases, each in its own call."""
    report, inputs = Report(), {}
    for number, line in enumerate(fixtures.read_text().splitlines()):
        record = json.loads(line)
        if "input" in record and "npy" in record:
            inputs[record["input"]] = zlib.decompress(base64.b64decode(record["npy"]))
            continue
        place = folder / f"case-{number:04}"
        place.mkdir()
        (place / "in.npy").write_bytes(inputs[record["input"]])
        result, command = run_binary(binary, place, ["in.npy"], record["args"])
        problems = list(result.broken)
        if record["expect"] is None:
            if result.status not in (1, 2) or result.rows:
                problems.append(f"exit status {result.status}, {len(result.rows)} rows, expected an error")
        elif result.status != 0 or len(result.rows) != len(record["expect"]):
            problems.append(
                f"exit status {result.status}, {len(result.rows)} rows, expected {len(record['expect'])}: {result.stderr[-200:]!r}"
            )
        else:
            extension = (
                record["args"][record["args"].index("--file-type") + 1] if "--file-type" in record["args"] else "png"
            )
            for row, wish in zip(result.rows, record["expect"]):
                picture = Picture(
                    wish["mode"], wish["width"], wish["height"], zlib.decompress(base64.b64decode(wish["pixels"]))
                )
                data = (place / "out" / row["media"]["path"]).read_bytes()
                found = compare_picture(data, Expected(None, picture, None, wish.get("tolerance")), extension)
                if not found and "file" in wish and hashlib.sha256(data).hexdigest() != wish["file"]["sha256"]:
                    found = [
                        f"pixels agree, but the file is not wandb's: {len(data)} bytes, expected {wish['file']['size']}"
                    ]
                problems += found
        tag = f" ({record['differs']})" if record["differs"] else ""
        report.judge(f"{record['class']}: {record['case']}{tag}", problems, command)
    return report


def main() -> int:
    """Parse the command line, judge, and sum up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wbimg", required=True, help="the binary")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--replay", type=pathlib.Path, help="run the cases of this fixture file instead of random ones")
    parser.add_argument(
        "--keep",
        type=pathlib.Path,
        help="work in this folder and leave everything there (default: a temporary one, left only after a failure)",
    )
    options = parser.parse_args()
    reference.require_versions()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    binary = str(pathlib.Path(options.wbimg).resolve())
    folder = (options.keep or pathlib.Path(tempfile.mkdtemp(prefix="wbimg-conformance-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if options.replay:
        report = replay(binary, options.replay, folder)
    else:
        judge = Judge(binary, options.seed, folder)
        judge.run_all(options.cases)
        judge.run.finish()
        report = judge.report
    if not report.failed and options.keep is None:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
