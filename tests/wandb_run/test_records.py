"""W&B's reader gets every record back, and their fields are what the directory says."""

import json
import subprocess
import unittest
from collections import Counter

import inputs
import records
from clients import NEWEST, Folder, environment

CLOCK = ["_timestamp", "_runtime"]


class Records(unittest.TestCase):
    def check(self, folder, run, **described):
        found = records.read(records.log_of(run))
        self.assertEqual([record.num for record in found], list(range(1, len(found) + 1)))
        kinds = records.kinds(found)
        self.assertEqual(kinds[:2] + kinds[-2:], ["header", "run", "summary", "exit"])
        history = [record.history for record in found if record.HasField("history")]
        self.assertEqual(Counter(kinds[2:-2]), Counter(files=len(folder.media()), history=len(history)))

        described_run = found[1].run
        for field, value in described.items():
            self.assertEqual(getattr(described_run, field), value)
        (config,) = described_run.config.update
        self.assertEqual((config.key, json.loads(config.value_json)), ("_wandb", folder.labels()))
        self.assertTrue(found[1].control.mailbox_slot, "without it, wandb 0.27 waits for ever")
        start = described_run.start_time.ToNanoseconds() / 1e9

        rows = [records.unflatten(row.item) for row in history]
        self.assertEqual([row.step.num for row in history], [row["_step"] for row in rows])
        times = [{key: row.pop(key) for key in CLOCK} for row in rows]
        self.assertEqual(rows, folder.history())
        for before, after in zip(times, times[1:]):
            self.assertLessEqual(before["_timestamp"], after["_timestamp"])
        for time in times:
            self.assertAlmostEqual(time["_timestamp"] - time["_runtime"], start, delta=1e-3)

        summary = records.unflatten(found[-2].summary.update)
        if rows:
            self.assertEqual({key: summary.pop(key) for key in CLOCK}, times[-1])
        self.assertEqual(summary.pop("_wandb"), {"runtime": found[-1].exit.runtime})
        self.assertEqual(summary, folder.summary())
        self.assertEqual((found[-1].exit.exit_code, found[-1].control.always_send), (0, True))

        # A file is announced before the first row that needs it, and is in the run's folder.
        announced = [file.path for record in found for file in record.files.files]
        self.assertEqual(sorted(announced), sorted(folder.media()))
        for path in announced:
            linked, original = run / "files" / path, folder.path / "out" / path
            self.assertTrue(linked.samefile(original), f"{path} is no hard link")
        return found

    def test_every_record_is_read_back(self):
        with Folder() as folder:
            inputs.write_annotated(folder)
            run = folder.wandb_run("--project", "p", "--entity", "e", "--name", "a name", "--tag", "x", "--tag", "ü y", "--notes", "two\nlines")
            self.check(folder, run, project="p", entity="e", display_name="a name", tags=["x", "ü y"], notes="two\nlines")

    def test_a_row_longer_than_a_block_is_read_back(self):
        with Folder() as folder:
            inputs.write_long_row(folder)
            run = folder.wandb_run()
            sizes = [len(data) for data in records.payloads(records.log_of(run))]
            self.assertGreater(max(sizes), 3 * 32768)
            self.check(folder, run)

    def test_ten_thousand_steps_are_read_back(self):
        with Folder() as folder:
            inputs.write_many_steps(folder, 10_000)
            self.check(folder, folder.wandb_run())

    def test_an_empty_directory_is_a_run_without_history(self):
        with Folder() as folder:
            (folder.path / "nothing").mkdir()
            folder.convert("nothing")
            found = self.check(folder, folder.wandb_run())
            self.assertEqual(records.kinds(found), ["header", "run", "summary", "exit"])

    def test_every_end_of_a_block_is_read_back(self):
        with Folder() as folder:
            (folder.path / "nothing").mkdir()
            folder.convert("nothing")

            def with_notes(length):
                log = records.log_of(folder.wandb_run("--run-id", "borders", "--notes", "n" * length))
                return log.read_bytes(), records.read(log)

            # Where the run's record ends, which is where its id stands for the last time before the summary.
            length = 30_000
            data, found = with_notes(length)
            rest = sum(7 + len(record.SerializeToString()) for record in found[2:])
            border = length + 32_768 - (len(data) - rest)
            left = set()
            for length in range(border - 20, border + 12):
                data, found = with_notes(length)
                self.assertEqual(records.kinds(found), ["header", "run", "summary", "exit"], length)
                self.assertEqual(found[1].run.notes, "n" * length)
                left.add(border - length)
            self.assertTrue(left >= set(range(-6, 14)))

    def test_the_newest_client_reads_the_same_fields(self):
        script = (
            "import sys; from wandb.proto.wandb_internal_pb2 import Record\n"
            "for line in sys.stdin:\n"
            "    record = Record(); record.ParseFromString(bytes.fromhex(line))\n"
            "    print(record.SerializeToString(deterministic=True).hex(), record.WhichOneof('record_type'))"
        )
        with Folder() as folder:
            inputs.write_annotated(folder)
            log = records.log_of(folder.wandb_run("--project", "p", "--tag", "t"))
            lines = "".join(data.hex() + "\n" for data in records.payloads(log))
            call = subprocess.run([NEWEST / "python", "-c", script], input=lines, env=environment(folder.home), check=True, capture_output=True, text=True)
            old = records.read(log)
            expected = [f"{record.SerializeToString(deterministic=True).hex()} {record.WhichOneof('record_type')}" for record in old]
            self.assertEqual(call.stdout.splitlines(), expected)


if __name__ == "__main__":
    unittest.main()
