#!/usr/bin/python3
"""Writes tests/golden/checkpoint/export_*.pt2, archives as torch 2.14 itself writes them, and
exported.txt with what torch holds in each of their tensors, as expected.txt has it.

Needs a torch that has torch.export:
    scripts/oracle python3 tests/gen/exported_programs.py
"""
import json
import zipfile

import torch
from torch import nn

import checkpoints
from checkpoints import OUT, expected, note


class Block(nn.Module):
    """Of each element type a tensor, some of them views of one storage, one of them twice."""

    def __init__(self):
        super().__init__()
        for name, value in checkpoints.dtypes().items():
            self.register_buffer("of_" + name, value)
        base = torch.arange(12, dtype=torch.float32).view(3, 4)
        self.weight = nn.Parameter(base)
        self.turned = nn.Parameter(base.t())
        self.again = self.weight
        self.register_buffer("column", base[:, 1])
        self.register_buffer("not_stored", base + 1, persistent=False)
        self.conv = nn.Conv2d(3, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.constant = torch.tensor([7.0])

    def forward(self, x):
        return self.norm(self.conv(x)).sum() + self.not_stored.sum() + self.constant


def exported(name, module, *inputs):
    torch.export.save(torch.export.export(module, inputs), OUT / name)
    with zipfile.ZipFile(OUT / name) as archive:
        config = next(entry for entry in archive.namelist() if entry.endswith("weights_config.json"))
        order = json.loads(archive.read(config))["config"]
    state = module.state_dict()
    assert set(order) == set(state)
    note(name, {key: state[key] for key in order})


def main():
    torch.manual_seed(2)
    exported("export_types.pt2", Block().eval(), torch.randn(1, 3, 8, 8))
    exported("export_training.pt2", nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2)),
             torch.randn(2, 3, 4, 4))
    (OUT / "exported.txt").write_text("\n".join(expected) + "\n")


if __name__ == "__main__":
    main()
