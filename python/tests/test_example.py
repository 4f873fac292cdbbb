"""The example of examples/python."""
import subprocess
import sys

import pytest

from conftest import CHECKOUT, SHAPES

EXAMPLE = CHECKOUT / "examples/python/finetuned.py"


def test_it_is_short():
    lines = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(lines) < 20


def test_it_runs(tmp_path):
    pytest.importorskip("torch")
    done = subprocess.run([sys.executable, EXAMPLE, SHAPES, SHAPES.parent / "images/028.jpg",
                           str(tmp_path / "out")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "verified      True" in done.stdout
    assert "objects in" in done.stdout and "0 objects" not in done.stdout
    assert (tmp_path / "out.png").stat().st_size > 1000
