"""The command line: python -m tv2onnx export model.pth -o model.onnx"""
from __future__ import annotations

import os
import sys

from tv2onnx import _core, _runtime


def main() -> int:
    library = _runtime.library()
    if library:  # what belongs to the package onnxruntime of this Python
        os.environ["TV2ONNX_ORT"] = library
    os.environ.setdefault("TV2ONNX_PYTHON", sys.executable)
    sys.stdout.flush()
    return _core.run_program(["tv2onnx", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
