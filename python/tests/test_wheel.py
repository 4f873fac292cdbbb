"""The package as it is installed."""
import os
import pathlib
import pydoc
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

import tv2onnx
from conftest import CHECKOUT, SHAPES
from tv2onnx import _core

PACKAGE = pathlib.Path(tv2onnx.__file__).parent


def test_it_is_the_installed_one():
    assert "site-packages" in str(PACKAGE)
    assert (PACKAGE / "py.typed").exists()
    assert (PACKAGE / "scripts/record_reference.py").exists()
    assert tv2onnx.__version__ == _core.version


def test_the_extension_needs_the_c_library_alone():
    """libgcc_s is the C runtime's: unwinding; every Linux with libc has it."""
    text = subprocess.run(["readelf", "-d", _core.__file__], capture_output=True, text=True,
                          check=True).stdout
    needed = set(re.findall(r"NEEDED.*\[(.*?)\]", text))
    assert needed <= {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
                      "ld-linux-aarch64.so.1"}
    symbols = subprocess.run(["readelf", "--dyn-syms", "-W", _core.__file__], capture_output=True,
                             text=True, check=True).stdout
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([\d.]+)", symbols)}
    assert max(versions) <= (2, 34)
    shown = re.findall(r"GLOBAL DEFAULT +\d+ (\S+)", symbols)
    assert shown == ["PyInit__core"]


def test_it_is_small(request):
    assert os.path.getsize(os.environ["TV2ONNX_WHEEL"]) < 4_000_000


def test_help_is_readable():
    text = pydoc.plain(pydoc.render_doc(tv2onnx))
    for name in set(tv2onnx.__all__) - {"__version__"}:
        assert name in text
        assert getattr(tv2onnx, name).__doc__, name
    assert "uint8 [height, width, 3]" in text


def test_the_command_line_is_there(tmp_path):
    def run(*words):
        return subprocess.run([sys.executable, "-m", "tv2onnx", *words], capture_output=True, text=True)

    assert run("--version").stdout == f"tv2onnx {tv2onnx.__version__}\n"
    done = run("export", str(SHAPES), "-o", str(tmp_path / "a.onnx"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.onnx").read_bytes() == tv2onnx.export(SHAPES)
    assert run("export", str(SHAPES), "-o", str(tmp_path / "a.onnx")).returncode != 0
    assert run("nothing").returncode == 2


def test_ctrl_c_ends_it_within_a_second(tmp_path):
    code = ("import signal, tv2onnx\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nprint('begin', flush=True)\n"
            f"while True: tv2onnx.export({str(SHAPES)!r}, {str(tmp_path / 'a.onnx')!r}, "
            "overwrite=True)\n")
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    child.stdout.readline()
    time.sleep(0.35)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=20)
    assert time.monotonic() - begin < 5  # a second, on a machine that does nothing else
    assert "KeyboardInterrupt" in said
    assert set(os.listdir(tmp_path)) <= {"a.onnx"}


@pytest.mark.skipif(shutil.which("mypy") is None, reason="mypy is not installed")
def test_types_are_right(tmp_path):
    """Without the types of other packages, which take minutes."""
    code = tmp_path / "use.py"
    code.write_text("import tv2onnx\n"
                    "names: list[str] = tv2onnx.Detector('a.onnx').class_names\n"
                    "code: str = tv2onnx.Error('x').code\n")
    done = subprocess.run(["mypy", "--no-site-packages", "--ignore-missing-imports", "--strict",
                           "--cache-dir", os.devnull, *map(str, PACKAGE.glob("*.py")), str(code)],
                          capture_output=True, text=True, cwd=tmp_path,
                          env={**os.environ, "MYPYPATH": str(PACKAGE.parent)})
    assert done.returncode == 0, done.stdout
