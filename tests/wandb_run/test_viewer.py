"""W&B's terminal viewer shows the pictures, in a pseudo-terminal."""

import json
import subprocess
import unittest

import inputs
import numpy as np
from clients import NEWEST, OLD, TERMINAL, Folder, environment
from PIL import Image

VIEWERS = {
    "0.28.2": [OLD / "wandb", "beta", "leet", "run"],
    "newest": [NEWEST / "wandb", "beta", "leet", "run"],
}
# "Toggle media pane".
MEDIA = "3"


class Viewer(unittest.TestCase):
    def test_the_picture_is_on_the_screen(self):
        for name, viewer in VIEWERS.items():
            with self.subTest(name), Folder() as folder:
                np.save(folder.path / "p.npy", inputs.picture(1, 48, 64))
                folder.convert("p.npy", "--key", "a b/c.d")
                run = folder.wandb_run("--project", "p")
                program = map(str, [TERMINAL / "python", "screen.py", "Finished", MEDIA, *viewer, run])
                call = subprocess.run(list(program), env=environment(folder.home), capture_output=True, text=True)
                self.assertEqual(call.returncode, 0, call.stderr)
                seen = json.loads(call.stdout)
                self.assertIn("a b/c.d", "\n".join(seen["text"]))
                shown = self.picture(seen["blocks"])
                (row,) = folder.rows()
                expected = Image.open(folder.path / "out" / row["media"]["path"]).convert("RGB")
                expected = np.asarray(expected.resize(shown.shape[1::-1], Image.Resampling.BOX), dtype=float)
                # One picture made smaller by two programs; then the picture upside down.
                self.assertLess(np.abs(shown - expected).mean(), 15)
                self.assertGreater(np.abs(shown[::-1] - expected).mean(), 30)

    def picture(self, blocks):
        """The colors of half-blocks that fill a rectangle, as an array."""
        cells = {(line, column): (upper, lower) for line, column, upper, lower in blocks}
        lines, columns = (range(min(place), max(place) + 1) for place in zip(*cells))
        self.assertEqual(len(cells), len(lines) * len(columns), "the half-blocks fill no rectangle")
        rows = []
        for line in lines:
            for half in range(2):
                colors = [bytes.fromhex(cells[line, column][half]) for column in columns]
                rows.append([list(color) for color in colors])
        rows = np.array(rows, dtype=float)
        # 0.28.2 keeps the proportions with black bars.
        return rows[rows.any(axis=(1, 2))]


if __name__ == "__main__":
    unittest.main()
