"""`wandb sync`, in all its forms, uploads the run as it stands, and the server has what the directory says."""

import unittest

import inputs
from clients import UPLOADERS, Folder

CLOCK = ["_timestamp", "_runtime"]
# What clients make of a run themselves.
THEIR_FILES = {"config.yaml", "wandb-summary.json", "wandb-metadata.json"}
LABELS = ["bounding_box/class_labels", "mask/class_labels"]
# Those that are programs of their own.
DIFFERENT = ["0.28.2 beta sync", "0.28.2 sync --legacy", "newest sync"]


class Upload(unittest.TestCase):
    def check(self, folder, server, run_id, entity="somebody", project="uncategorized"):
        self.assertEqual(list(server.runs), [(entity, project, run_id)])
        run = server.runs[entity, project, run_id]
        hashes = {name: sha256 for name, sha256 in run.hashes().items() if name not in THEIR_FILES}
        self.assertEqual(hashes, folder.media())
        history = run.history()
        for row in history:
            self.assertTrue(all(isinstance(row.pop(key), (int, float)) for key in CLOCK))
        self.assertEqual(history, folder.history())
        summary = run.summary()
        for key in CLOCK if history else []:
            summary.pop(key)
        summary.pop("_wandb", None)
        self.assertEqual(summary, folder.summary())
        config = run.config()["_wandb"]
        self.assertEqual({name: config[name] for name in LABELS if name in config}, folder.labels())
        self.assertEqual((run.complete, run.exit_code), (True, 0))
        return run

    def test_every_file_row_and_label_arrives(self):
        with Folder() as folder:
            inputs.write_annotated(folder)
            inputs.write_long_row(folder)
            described = ["--project", "p q", "--entity", "team", "--name", "a name", "--notes", "two\nlines"]
            for number, uploader in enumerate(UPLOADERS):
                with self.subTest(uploader), folder.server() as server:
                    run_id = f"run{number}"
                    path = folder.wandb_run(*described, "--tag", "x", "--tag", "ü y", "--run-id", run_id)
                    folder.upload(server, uploader, path)
                    run = self.check(folder, server, run_id, "team", "p q")
                    said = {name: run.said(name) for name in ["displayName", "notes", "tags"]}
                    self.assertEqual(said, {"displayName": "a name", "notes": "two\nlines", "tags": ["x", "ü y"]})

    def test_a_run_without_history_arrives(self):
        with Folder() as folder:
            (folder.path / "nothing").mkdir()
            folder.convert("nothing")
            for number, uploader in enumerate(DIFFERENT):
                with self.subTest(uploader), folder.server() as server:
                    folder.upload(server, uploader, folder.wandb_run("--run-id", f"run{number}"))
                    self.check(folder, server, f"run{number}")

    def test_ten_thousand_steps_arrive(self):
        with Folder() as folder:
            inputs.write_many_steps(folder, 10_000)
            for number, uploader in enumerate(["0.28.2 beta sync", "newest sync"]):
                with self.subTest(uploader), folder.server() as server:
                    folder.upload(server, uploader, folder.wandb_run("--run-id", f"run{number}"))
                    self.check(folder, server, f"run{number}")

    def test_a_second_upload_of_a_grown_directory_goes_to_the_same_run(self):
        for uploader in DIFFERENT:
            with self.subTest(uploader), Folder() as folder, folder.server() as server:
                inputs.write_annotated(folder)
                first = folder.wandb_run()
                folder.upload(server, uploader, first)
                # Unchanged: the client's own mark stays, and it has nothing to do.
                self.assertEqual(folder.wandb_run(), first)
                self.assertTrue(list(first.glob("*.wandb.synced")))
                folder.convert("p1.npy", "--key", inputs.KEYS[0], "--step", 9)
                second = folder.wandb_run()
                self.assertEqual(list((folder.path / "wandb").glob("offline-run-*")), [second])
                folder.upload(server, uploader, second)
                run_id = second.name.rsplit("-", 1)[1]
                run = self.check(folder, server, run_id)
                self.assertEqual((run.finishes, len(run.history())), (2, 4))

    def test_the_directory_of_runs_is_uploaded_as_a_whole(self):
        for uploader in ["0.28.2 beta sync", "newest sync"]:
            with self.subTest(uploader), Folder() as folder, folder.server() as server:
                inputs.write_annotated(folder)
                folder.wandb_run("--run-id", "one")
                folder.wandb_run("--run-id", "two")
                folder.upload(server, uploader, "wandb")
                self.assertEqual({key[2] for key in server.runs}, {"one", "two"})
                said = folder.upload(server, uploader, "wandb")
                self.assertIn("Skipped 2 synced", said)

    def test_what_clients_leave_out_is_told_beforehand(self):
        with Folder() as folder, folder.server() as server:
            inputs.write_many_keys(folder, 6000)
            self.assertRegex(folder.notes(), r"the row of step 0 has \d+ bytes.*leaves out what has more than 10383360")
            said = folder.upload(server, "newest sync", folder.wandb_run())
            self.assertRegex(said, r"Skipped uploading run.log\(\) data that exceeded size limit \(\d+ > 10383360\)")
            # A little less is neither told nor left out.
        with Folder() as folder, folder.server() as server:
            inputs.write_many_keys(folder, 5500)
            self.assertEqual(folder.notes(), "")
            folder.upload(server, "newest sync", folder.wandb_run())
            self.check(folder, server, next(iter(server.runs))[2])


if __name__ == "__main__":
    unittest.main()
