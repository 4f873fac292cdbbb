"""Backbones that are not torchvision's: torch itself exports them, the rest is built around them."""
from __future__ import annotations

import importlib
from typing import Any

from tv2onnx._errors import Error
from tv2onnx._source import is_module
from tv2onnx._verify import scripts, unwrapped

# What an unknown backbone ends in: no such architecture, tensors or modules that do not fit.
_CODES = ("W001", "W003", "W005")


def foreign_backbone(model: Any, error: Error) -> dict[str, Any] | None:
    """What else to give export() of a live detector whose export failed because of its backbone: that
    as a file of its own, or, where the image decides what would be in it, as of a Swin Transformer,
    the backbone of torchvision that the weights are of, which only a comparison can show to be right.
    None where the backbone is not what is wrong. Raises the error, with what torch says, if neither
    can be."""
    module = unwrapped(model) if is_module(model) else None
    detector = all(hasattr(module, part) for part in ("backbone", "transform"))
    if error.code not in _CODES or not detector or "backbone" not in str(error):
        return None
    with scripts():
        exporter = importlib.import_module("export_backbone")
        try:
            return {"backbone": exporter.export_backbone(module)}
        except exporter.Unusable as problem:
            error.__cause__ = problem
            if error.code == "W005":
                return {"assume_torchvision": True}
            raise error
