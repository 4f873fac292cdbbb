"""The package as it is installed."""
import ast
import os
import pathlib
import pydoc
import re
import shutil
import subprocess
import sys

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
    """And libgcc_s, which every Linux with Python has: the static one of GCC 12 needs glibc 2.35."""
    text = subprocess.run(["readelf", "-d", _core.__file__], capture_output=True, text=True,
                          check=True).stdout
    needed = set(re.findall(r"NEEDED.*\[(.*?)\]", text))
    assert "libc.so.6" in needed
    assert needed <= {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
                      "ld-linux-aarch64.so.1"}
    symbols = subprocess.run(["readelf", "--dyn-syms", "-W", _core.__file__], capture_output=True,
                             text=True, check=True).stdout
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([\d.]+)", symbols)}
    assert max(versions) <= (2, 34)
    shown = re.findall(r"GLOBAL DEFAULT +\d+ (\S+)", symbols)
    assert shown == ["PyInit__core"]


def test_it_is_small():
    most = 2_000_000 if shutil.which("ld.gold") else 2_100_000
    assert os.path.getsize(os.environ["TV2ONNX_WHEEL"]) < most


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


def stub_parameters():
    """{function or Class.method: names of its parameters} of the stub."""
    found = {}
    for top in ast.parse((PACKAGE / "_core.pyi").read_text()).body:
        scope = f"{top.name}." if isinstance(top, ast.ClassDef) else ""
        for one in top.body if scope else [top]:
            if isinstance(one, ast.FunctionDef):
                found[scope + one.name] = [each.arg for each in one.args.args]
            elif isinstance(one, ast.AnnAssign):
                found[scope + one.target.id] = None
        if scope:
            found.setdefault(top.name, None)
            for base in top.bases:
                inherited = {name.split(".")[1]: value for name, value in found.items()
                             if name.startswith(base.id + ".")}
                for name, value in inherited.items():
                    found.setdefault(scope + name, value)
    return {name: value for name, value in found.items() if not name.startswith("_")}


def parameters_of(function):
    """Of nanobind's signature: def run(self, images: object) -> list"""
    text = function.__nb_signature__[0][0]
    while "[" in text:  # what an array must be like is no Python
        text = re.sub(r"\[[^\[\]]*\]", "", text)
    names = ast.parse(text + ": ...").body[0].args.args
    return [each.arg for each in names]


def extension_parameters():
    found = {}
    for name, one in vars(_core).items():
        if name.startswith("_"):
            continue
        found[name] = parameters_of(one) if hasattr(one, "__nb_signature__") else None
        if isinstance(one, type):
            for member, value in vars(one).items():
                if hasattr(value, "__nb_signature__") and member not in ("__new__",):
                    found[f"{name}.{member}"] = parameters_of(value)
                elif isinstance(value, property):
                    found[f"{name}.{member}"] = ["self"]
    return found


def test_the_stub_is_that_of_the_extension():
    assert stub_parameters() == extension_parameters()


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
