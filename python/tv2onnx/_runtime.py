"""Finding the ONNX Runtime of this Python, without importing it."""
from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from tv2onnx import _core
from tv2onnx._errors import Error


def library() -> str:
    """Path of the shared library in the package onnxruntime (or onnxruntime-gpu); "": it has none."""
    if os.environ.get("TV2ONNX_ORT"):
        return ""
    spec = importlib.util.find_spec("onnxruntime")
    for folder in spec.submodule_search_locations or () if spec else ():
        found = sorted((Path(folder) / "capi").glob("libonnxruntime.so*"))
        if found:
            return str(found[-1])
    return ""


def find_runtime() -> tuple[str, str]:
    """Path and version of the ONNX Runtime that is used: the one that TV2ONNX_ORT names, else that of
    the package onnxruntime, else the system's.

    Raises Error R001 (none) or R004 (too old)."""
    path, found = _core.find_runtime(library())
    return path, found


def problem() -> str:
    """Why no model can be run here, or ""."""
    try:
        find_runtime()
    except Error as error:
        return f"{error.found}; pip install onnxruntime, or name libonnxruntime.so in TV2ONNX_ORT"
    return ""
