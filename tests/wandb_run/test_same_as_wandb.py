"""The same pictures, logged by wandb 0.28.2 and by `wbimg convert` and `wbimg wandb-run`, are the same on the server:
but for ids, times, what wandb tells of its environment, and the bytes (not the pixels) of PNG files.

And one thing more. Where a later step logs a picture without boxes, masks or caption, wandb's summary shows it with
those of the earlier one. Ours does not: a summary is the last value.
"""

import hashlib
import io
import json
import subprocess
import unittest

import inputs
import numpy as np
from clients import OLD, Folder, environment
from PIL import Image

ENVIRONMENT = {"config.yaml", "wandb-summary.json", "wandb-metadata.json", "requirements.txt"}
CLOCK = {"_timestamp", "_runtime", "_wandb"}
MIXED = "earlier"


def content(name, data):
    """What is in a file, whatever its encoder."""
    if not name.endswith(".png"):
        return hashlib.sha256(data).hexdigest()
    image = Image.open(io.BytesIO(data))
    return f"{image.mode} {image.size} {hashlib.sha256(image.tobytes()).hexdigest()}"


def uploaded(run):
    """All that the server has of a run, with contents in the place of the names and hashes of files."""
    files = {name: data for name, data in run.files.items() if name not in ENVIRONMENT}
    contents = {name: content(name, data) for name, data in files.items()}
    for name, data in files.items():
        assert name.rsplit("_", 1)[1][:20] == hashlib.sha256(data).hexdigest()[:20]

    def resolve(value):
        if isinstance(value, list):
            return [contents.get(item, resolve(item)) if isinstance(item, str) else resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {key: resolve(inner) for key, inner in value.items()}
        if path := value.get("path"):
            assert value.pop("sha256") == hashlib.sha256(files[path]).hexdigest()
            assert value.pop("size") == len(files[path])
            value["path"] = contents[path]
        return value

    def without_clock(row):
        return {key: resolve(value) for key, value in row.items() if key not in CLOCK}

    config = run.config()["_wandb"]
    return {
        # One picture under two keys, or at two steps, is two files.
        "files": sorted((name.rsplit("_", 2)[0], what) for name, what in contents.items()),
        "history": [without_clock(row) for row in run.history()],
        "summary": without_clock(run.summary()),
        "labels": {name: config.get(name) for name in ["bounding_box/class_labels", "mask/class_labels"]},
        "said": {name: run.said(name) for name in ["displayName", "notes", "tags", "groupName", "jobType", "sweep", "state"]},
        "end": (run.complete, run.exit_code),
    }


def convert_the_same(folder):
    masks = {"ground_truth": {"mask_data": inputs.mask().tolist(), "class_labels": {"0": "sky", "1": "cat", "3": "dog"}}}
    (folder.path / "boxes.json").write_text(json.dumps(inputs.BOXES))
    (folder.path / "masks.json").write_text(json.dumps(masks))
    for seed in range(3):
        np.save(folder.path / f"p{seed}.npy", inputs.picture(seed))
    np.save(folder.path / "signed.npy", inputs.picture(2) * 2 - 1)
    annotated = ["--boxes", "boxes.json", "--masks", "masks.json"]
    first, second, third = inputs.KEYS
    folder.convert("p0.npy", "--key", first, "--caption", "ein „Zitat“", *annotated)
    folder.convert("p0.npy", "p1.npy", "p2.npy", "--key", second, "--caption")
    folder.convert("p1.npy", "--key", MIXED, "--caption", "before", *annotated)
    folder.convert("p1.npy", "--key", first, "--step", 1, "--caption", "p1", *annotated)
    folder.convert("signed.npy", "--key", third, "--step", 1, "--grouping", 3)
    folder.convert("p2.npy", "--key", MIXED, "--step", 1)
    folder.convert("p0.npy", "p1.npy", "--key", second, "--step", 2, "--caption", *annotated)


class SameAsWandb(unittest.TestCase):
    maxDiff = None

    def test_the_uploads_are_equal(self):
        with Folder() as folder:
            script = [OLD / "python", "log_with_wandb.py", folder.path]
            subprocess.run(script, env=environment(folder.home), check=True, capture_output=True)
            (theirs,) = (folder.path / "wandb").glob("offline-run-*")
            convert_the_same(folder)
            described = ["--project", "p", "--entity", "team", "--name", "a name", "--notes", "two\nlines"]
            ours = folder.wandb_run(*described, "--tag", "x", "--tag", "y")
            for uploader in ["0.28.2 beta sync", "newest sync"]:
                with self.subTest(uploader), folder.server() as server:
                    both = []
                    for path in [theirs, ours]:
                        for mark in path.glob("*.sync*"):
                            mark.unlink()
                        folder.upload(server, uploader, path)
                        run_id = path.name.split("-", 3)[3]
                        both.append(uploaded(server.runs["team", "p", run_id]))
                    summaries = [upload["summary"].pop(MIXED) for upload in both]
                    self.assertEqual(*both)
                    before, last = (row[MIXED] for row in both[1]["history"][:2])
                    self.assertEqual(summaries, [before | last, last])


if __name__ == "__main__":
    unittest.main()
