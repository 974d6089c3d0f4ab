"""Logs the pictures of test_same_as_wandb.py with wandb itself, offline: `log_with_wandb.py DIR`."""

import copy
import sys

import inputs
import wandb


def annotations():
    boxes = copy.deepcopy(inputs.BOXES)
    for layer in boxes.values():
        layer["class_labels"] = {int(number): name for number, name in layer["class_labels"].items()}
    masks = {"ground_truth": {"mask_data": inputs.mask(), "class_labels": {0: "sky", 1: "cat", 3: "dog"}}}
    return {"boxes": boxes, "masks": masks}


def main(folder):
    settings = wandb.Settings(console="off", disable_git=True, save_code=False, x_disable_stats=True)
    run = wandb.init(mode="offline", dir=folder, project="p", entity="team", name="a name", notes="two\nlines", tags=["x", "y"], settings=settings)
    first, second, third = inputs.KEYS
    run.log(
        {
            first: wandb.Image(inputs.picture(0), caption="ein „Zitat“", **annotations()),
            second: [wandb.Image(inputs.picture(n), caption=f"p{n}") for n in range(3)],
            "earlier": wandb.Image(inputs.picture(1), caption="before", **annotations()),
        }
    )
    run.log(
        {
            first: wandb.Image(inputs.picture(1), caption="p1", **annotations()),
            third: wandb.Image(inputs.picture(2) * 2 - 1, grouping=3),
            "earlier": wandb.Image(inputs.picture(2)),
        }
    )
    run.log({second: [wandb.Image(inputs.picture(n), caption=f"p{n}", **annotations()) for n in range(2)]})
    run.finish()


if __name__ == "__main__":
    main(sys.argv[1])
