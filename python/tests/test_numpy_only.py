"""Without PyTorch."""
import sys

import numpy as np
import pytest

import tv2onnx
from conftest import SHAPES


def test_nothing_else_is_imported():
    import subprocess
    code = ("import sys, tv2onnx; print([name for name in ('torch', 'torchvision', 'PIL', 'onnx', "
            "'onnxruntime') if name in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=True).stdout == "[]\n"


def test_there_is_no_torch():
    with pytest.raises(ImportError):
        __import__("torch")


def test_checkpoints_are_exported_and_run(tmp_path, image):
    report = tv2onnx.export(SHAPES, tmp_path / "a.onnx")
    assert not report.verified
    assert len(tv2onnx.Detector(tmp_path / "a.onnx")(image)) > 0
    assert tv2onnx.inspect(SHAPES).architecture == "fasterrcnn_mobilenet_v3_large_fpn"


def test_a_dict_of_arrays_is_refused():
    with pytest.raises(TypeError, match="torch"):
        tv2onnx.export({"a": np.zeros(3)})


def test_pictures_need_pillow(tmp_path):
    import subprocess
    photo = str(SHAPES.parent / "photos")
    tv2onnx.export(SHAPES, tmp_path / "a.onnx")
    done = subprocess.run([sys.executable, "-m", "tv2onnx", "predict", str(tmp_path / "a.onnx"), photo],
                          capture_output=True, text=True)
    assert done.returncode != 0
    assert "pillow" in done.stdout + done.stderr
