"""Whenever the command is killed, there is a whole run or none, for all that a client would find."""

import fcntl
import os
import random
import signal
import subprocess
import time
import unittest

import inputs
import records
from clients import WBIMG, Folder

STEPS = 1500
KILLS = int(os.environ.get("WBIMG_KILLS", "60"))


class Killed(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.temporary.cleanup)
        inputs.write_many_steps(self.folder, STEPS)
        self.runs = self.folder.path / "wandb"

    def start(self, name):
        """Each name is another run, so that the earlier one is replaced."""
        command = [WBIMG, "wandb-run", "out", "--name", name]
        return subprocess.Popen(command, cwd=self.folder.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def finish(self, name):
        process = self.start(name)
        process.communicate()
        self.assertEqual(process.returncode, 0)

    def check_whole(self):
        """What `wandb sync wandb` and `wandb sync wandb/offline-run-*` would take up."""
        logs = list(self.runs.glob("*/*.wandb"))
        runs = list(self.runs.glob("offline-run-*"))
        self.assertEqual([log.parent for log in logs], runs)
        self.assertLessEqual(len(runs), 1)
        for run in runs:
            found = records.read(records.log_of(run))
            self.assertEqual(records.kinds(found)[-1], "exit")
            paths = [file.path for record in found for file in record.files.files]
            self.assertEqual(len(paths), STEPS)
            self.assertTrue(all((run / "files" / path).is_file() for path in paths))
        return runs

    def hidden(self):
        return list(self.runs.glob(".wbimg-tmp-*")) + list((self.folder.path / "out").glob(".wbimg-tmp-*"))

    def test_a_killed_run_is_whole_or_not_there(self):
        begin = time.monotonic()
        self.finish("first")
        usual = time.monotonic() - begin
        random.seed(7)
        left = 0
        for number in range(KILLS):
            process = self.start(f"name {number}")
            time.sleep(random.uniform(0, usual * 1.2))
            process.kill()
            process.communicate()
            self.check_whole()
            left += bool(self.hidden())
        self.assertGreater(left, KILLS // 10, "too few were killed at work")
        self.finish("last")
        (run,) = self.check_whole()
        self.assertEqual(records.read(records.log_of(run))[1].run.display_name, "last")
        self.assertEqual(self.hidden(), [])

    def test_an_interrupted_run_leaves_nothing(self):
        begin = time.monotonic()
        self.finish("first")
        usual = time.monotonic() - begin
        for number, kind in enumerate([signal.SIGINT, signal.SIGTERM] * 10):
            process = self.start(f"name {number}")
            time.sleep(usual * (number + 1) / 22)
            process.send_signal(kind)
            out, _ = process.communicate()
            # Before it listens, the signal ends it; afterwards it is too late.
            self.assertIn(process.returncode, [128 + kind, -kind, 0])
            self.assertEqual(process.returncode == 0, out != b"")
            self.assertEqual(len(self.check_whole()), 1)
            if process.returncode > 0:
                self.assertEqual(self.hidden(), [])

    def test_a_call_that_waits_for_another_can_be_interrupted(self):
        self.finish("first")
        with open(self.runs / ".wbimg-run-lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for kind in [signal.SIGINT, signal.SIGTERM]:
                process = self.start("second")
                with self.assertRaises(subprocess.TimeoutExpired):
                    process.wait(timeout=2)
                process.send_signal(kind)
                process.communicate(timeout=30)
                self.assertEqual(process.returncode, 128 + kind)
        self.finish("third")


if __name__ == "__main__":
    unittest.main()
