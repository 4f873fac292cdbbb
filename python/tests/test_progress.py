"""Long calls say how far they are, and end when asked to."""
import io
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

import tv2onnx
from conftest import SHAPES

EXPORT_STEPS = [("build", 0, 3), ("fold", 1, 3), ("write", 2, 3)]


def test_export_and_verify_tell_their_steps(tmp_path):
    steps = []
    tv2onnx.export(SHAPES, tmp_path / "a.onnx", progress=lambda *step: steps.append(step))
    assert steps == EXPORT_STEPS
    steps.clear()
    tv2onnx.doctor(tmp_path / "a.onnx", run=True, progress=lambda *step: steps.append(step))
    assert len(steps) > 3
    assert [index for _, index, _ in steps] == list(range(steps[0][2]))


def test_a_live_module_is_recorded_and_compared_step_by_step(shapes, shapes_onnx):
    steps = []
    assert tv2onnx.verify(shapes_onnx, shapes, progress=lambda *step: steps.append(step))
    names = [name for name, _, _ in steps]
    half = len(names) // 2
    assert names[:half] == names[half:] and "blank" in names


def test_what_progress_raises_ends_the_call(tmp_path):
    class Enough(Exception):
        pass

    def stop(name, index, count):
        raise Enough
    with pytest.raises(Enough):
        tv2onnx.export(SHAPES, tmp_path / "a.onnx", progress=stop)
    assert not os.listdir(tmp_path)
    with pytest.raises(TypeError, match="progress is a str"):
        tv2onnx.export(SHAPES, progress="bar")


@pytest.mark.parametrize("progress, terminal, shown", [
    (None, True, True), (None, False, False), (True, False, True), (False, True, False)])
def test_a_line_is_for_who_watches(monkeypatch, progress, terminal, shown):
    from tv2onnx import _progress
    stream = io.StringIO()
    stream.isatty = lambda: terminal
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(_progress, "_SHORT", 0)
    tv2onnx.export(SHAPES, progress=progress)
    text = stream.getvalue()
    assert ("1/3  build" in text) == shown
    assert text.endswith(" \r") == shown  # nothing is left on the screen


SLOW = {
    "export": f"while True: tv2onnx.export({str(SHAPES)!r})",
    "doctor": "while True: tv2onnx.doctor('a.onnx', run=True)",
    "fix": "import contextlib\nwhile True:\n  with contextlib.suppress(tv2onnx.Error):\n"
           "    tv2onnx.fix('a.onnx', 'new.onnx')",
    "rebuild": "while True: tv2onnx.rebuild('foreign.onnx', 'new.onnx', overwrite=True)",
}


@pytest.fixture(scope="module")
def foreign_onnx(tmp_path_factory):
    """A classifier of torch.onnx.export, which takes seconds to rebuild."""
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("torchvision").models
    path = tmp_path_factory.mktemp("foreign") / "foreign.onnx"
    torch.onnx.export(models.squeezenet1_1(num_classes=4).eval(), torch.rand(1, 3, 96, 96), path)
    return path


@pytest.mark.parametrize("call", SLOW)
def test_ctrl_c_ends_it_within_a_second(tmp_path, foreign_onnx, call):
    tv2onnx.export(SHAPES, tmp_path / "a.onnx")
    shutil.copy(foreign_onnx, tmp_path / "foreign.onnx")
    code = ("import signal, tv2onnx\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
            f"print('begin', flush=True)\n{SLOW[call]}\n")
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.PIPE, cwd=tmp_path)
    child.stdout.readline()
    time.sleep(0.35)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=20)
    assert time.monotonic() - begin < 2  # a second, and one for a machine that is busy
    assert "KeyboardInterrupt" in said
    # What an earlier turn of the loop wrote may be there, and nothing that is not whole.
    assert set(os.listdir(tmp_path)) - {"new.onnx"} == {"a.onnx", "foreign.onnx"}
