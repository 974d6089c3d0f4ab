"""Arrays, boxes and masks that the tests log, under keys that are hard to get right."""

import json

import numpy as np

# A space, a folder, a dot; letters that are not ASCII; a quote and a backslash.
KEYS = ["a b/c.d", "ключ/größe", "it's \"q\" \\n"]
BOXES = {
    "predictions": {
        "box_data": [
            {
                "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.25, "maxY": 0.6},
                "class_id": 1,
                "scores": {"score": 0.5},
                "box_caption": "a cat",
            },
            {"position": {"middle": [12, 9], "width": 8, "height": 4}, "domain": "pixel", "class_id": 7},
        ],
        "class_labels": {"1": "cat", "7": "Hündin"},
    },
    "empty": {"box_data": [], "class_labels": {"1": "cat"}},
}


def picture(seed, height=20, width=30):
    """A float picture in [0, 1]: smooth, so that a viewer that makes it smaller shows much the same."""
    y, x = np.mgrid[0:height, 0:width]
    phase = seed * 0.7
    channels = [np.sin(x / 6 + phase), np.cos(y / 5 - phase), np.sin((x + y) / 7 + 2 * phase)]
    return ((np.stack(channels, axis=-1) + 1) / 2).astype("float32")


def mask(height=20, width=30):
    data = np.zeros((height, width), dtype="uint8")
    data[5:12, 8:20] = 1
    data[14:, :5] = 3
    return data


def write_annotated(folder):
    """One annotated picture at step 0, another at step 5, and lists around them, converted into `folder`."""
    masks = {"ground_truth": {"mask_data": mask().tolist(), "class_labels": {"0": "sky", "1": "cat", "3": "dog"}}}
    (folder.path / "boxes.json").write_text(json.dumps(BOXES))
    (folder.path / "masks.json").write_text(json.dumps(masks))
    for seed in range(4):
        np.save(folder.path / f"p{seed}.npy", picture(seed))
    annotations = ["--boxes", "boxes.json", "--masks", "masks.json"]
    folder.convert("p0.npy", "--key", KEYS[0], "--caption", "ein „Zitat“\u2028 and {step}", *annotations)
    folder.convert("p1.npy", "p2.npy", "p3.npy", "--key", KEYS[1], "--caption", "{stem}", "--step", 2)
    folder.convert("p2.npy", "--key", KEYS[0], "--step", 5)
    folder.convert("p3.npy", "--key", KEYS[2], "--step", 5, *annotations)


def write_long_row(folder):
    """A row far longer than a block of the log: a list whose captions alone are more than that."""
    np.save(folder.path / "many.npy", np.stack([picture(seed, 6, 8) for seed in range(60)]))
    folder.convert("many.npy", "--key", "many", "--caption", "x" * 2000 + "{index}")


def write_many_steps(folder, count):
    """`count` steps, one picture each, as that many calls would have left them."""
    np.save(folder.path / "one.npy", picture(1, 4, 4))
    folder.convert("one.npy", "--key", "k")
    out = folder.path / "out"
    (row,) = folder.rows()
    first = out / row["media"]["path"]
    with open(out / "manifest.jsonl", "w") as manifest, open(out / "history.jsonl", "w") as history:
        for step in range(count):
            path = row["media"]["path"].replace("k_0_", f"k_{step}_")
            if step:
                (out / path).hardlink_to(first)
            media = row["media"] | {"path": path}
            manifest.write(json.dumps(row | {"step": step, "media": media}) + "\n")
            history.write(json.dumps({"_step": step, "k": media}) + "\n")


def write_many_keys(folder, count):
    """One step with one picture under `count` keys of 1600 letters, as a call with a long --key would have left it."""
    np.save(folder.path / "one.npy", picture(1, 4, 4))
    folder.convert("one.npy", "--key", "k")
    out = folder.path / "out"
    (row,) = folder.rows()
    keys = [f"{number:05}" + "x" * 1595 for number in range(count)]
    (out / "manifest.jsonl").write_text("".join(json.dumps(row | {"key": key}) + "\n" for key in keys))
    history = {"_step": 0} | {key: row["media"] for key in keys}
    (out / "history.jsonl").write_text(json.dumps(history) + "\n")
