"""What is in a file or a module."""
from __future__ import annotations

import os
from typing import Any

from tv2onnx import _core
from tv2onnx._report import Report
from tv2onnx._source import open_source, require_file


class Inspection(Report):
    """What is in a checkpoint, or what an ONNX file declares."""

    _SHOWN = ("file", "format", "description", "architecture", "task", "exportable", "classes",
              "class_names", "reasons", "ambiguity", "differences", "notes", "parameters", "dtypes",
              "producer", "opsets", "inputs", "outputs", "operators", "metadata", "next")

    def _rows(self) -> list[tuple[str, str]]:
        return [row for row in super()._rows() if row[0] in self._SHOWN]


def inspect(source: Any, *, tensors: bool = False, prefix: str = "") -> Inspection:
    """What is in a checkpoint (path, bytes, module, state dict) or an ONNX file (path), and what can
    be made of it. Nothing of a file is executed.

    tensors: also the name, type and shape of each tensor
    prefix: which model of a file that holds several
    """
    if isinstance(source, (str, os.PathLike)) and os.fspath(source).endswith(".onnx"):
        return Inspection.from_json(_core.onnx_summary_json(require_file(source), tensors))
    return Inspection.from_json(open_source(source, prefix).inspect_json(tensors))
