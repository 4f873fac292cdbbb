"""Backbones that are not torchvision's: torch itself exports them, the rest is built around them."""
from __future__ import annotations

import importlib
from typing import Any

from tv2onnx._errors import Error
from tv2onnx._source import is_module
from tv2onnx._verify import scripts, unwrapped

# What an unknown backbone ends in: no such architecture, tensors or modules that do not fit.
_CODES = ("W001", "W003", "W005")


def foreign_backbone(model: Any, error: Error) -> bytes | None:
    """The backbone of a live detector whose export failed because of it, as a file of its own; None
    where that is not what is wrong. Raises the error, with what torch says, if it cannot be exported."""
    module = unwrapped(model) if is_module(model) else None
    detector = all(hasattr(module, part) for part in ("backbone", "transform"))
    if error.code not in _CODES or not detector or "backbone" not in str(error):
        return None
    with scripts():
        exporter = importlib.import_module("export_backbone")
        try:
            content: bytes = exporter.export_backbone(module)
        except exporter.Unusable as problem:
            raise error from problem
    return content
