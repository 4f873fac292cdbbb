"""What is wrong with an exported ONNX file, and its repair."""
from __future__ import annotations

import json
import os
from typing import Any

from tv2onnx import _core
from tv2onnx._export import options_of
from tv2onnx._progress import Progress, told
from tv2onnx._report import Report
from tv2onnx._source import Path, as_path, require_file


class Explanation(Report):
    """What the messages of a log mean: `explanations`, the most telling first; `recognised`: whether
    there are any."""


class Diagnosis(Report):
    """What is wrong with a file: verdict, findings. Nothing of it is run unless asked for."""

    @property
    def codes(self) -> list[str]:
        """Of the findings, worst first."""
        return [one["code"] for one in self.findings]

    def _rows(self) -> list[tuple[str, str]]:
        rows = [("file", str(self.file)), ("verdict", str(self.verdict))]
        return rows + [(one["code"], f"{one['damage']}: {one['what']}") for one in self.findings]

    def fix(self, out: Path, **options: Any) -> Report:
        """See tv2onnx.fix."""
        return fix(self.file, out, **options)

    def rebuild(self, out: Path, **options: Any) -> Report:
        """See tv2onnx.rebuild."""
        return rebuild(self.file, out, **options)


def _diagnosed(path: str, target: str, run: bool, progress: Progress) -> dict[str, Any]:
    with told(progress) as tell:
        found: dict[str, Any] = json.loads(_core.diagnose_json(path, target, run, tell))
    return found


def doctor(model: Path | bytes | None = None, *, log: str | None = None, target: str = "",
           run: bool = False, progress: Progress = None) -> Any:
    """A Diagnosis of an ONNX file (path or bytes), or with log= an Explanation of the messages of an
    exporter or runtime.

    target: also what this program refuses: "tensorrt", "openvino", "opencv", ...
    run: also run the file in ONNX Runtime on drawn scenes
    progress: as of export()
    """
    if (model is None) == (log is None):
        raise TypeError("give a model or log=, one of them")
    if log is not None:
        return Explanation.from_json(_core.explain_log_json(log))
    if isinstance(model, bytes):
        with as_path(model) as path:
            found = _diagnosed(path, target, run, progress)
        return Diagnosis({**found, "file": "<bytes>"})
    assert model is not None
    return Diagnosis(_diagnosed(require_file(model), target, run, progress))


def fix(model: Path, out: Path, *, input: str | None = None, torchvision: str | None = None,
        overwrite: bool = False, progress: Progress = None) -> Report:
    """Repairs what a finding allows, proves it in ONNX Runtime and writes `out`.

    input: what the repaired file takes: "float", "uint8" or "auto"
    torchvision: release whose arithmetic the file should have
    progress: as of export()
    Raises Error D101, D102 if there is nothing to repair, or a repair did not hold.
    """
    options = options_of(None, None, input=input, torchvision=torchvision, overwrite=overwrite)
    with told(progress) as tell:
        return Report.from_json(_core.fix_json(require_file(model), os.fspath(out), options, tell))


def rebuild(model: Path, out: Path, *, settings: dict[str, Any] | None = None,
            class_names: Any = None, unproven: bool = False, progress: Progress = None,
            **options: Any) -> Report:
    """Recovers the torchvision model from a file of torch.onnx.export and exports it anew.

    unproven: write also if the two files could not be compared; progress, options: as of export()
    Raises Error D110, D111, D112.
    """
    taken = options_of(settings, class_names, unproven=unproven, **options)
    with told(progress) as tell:
        return Report.from_json(_core.rebuild_json(require_file(model), os.fspath(out), taken, tell))
