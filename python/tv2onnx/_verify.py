"""Does a file answer as the model that it was made from?"""
from __future__ import annotations

import contextlib
import copy
import importlib
import json
import os
import sys
import tempfile
from typing import Any, Iterator

from tv2onnx import _core, _runtime
from tv2onnx._errors import NotEqualError
from tv2onnx._plain import WRAPPERS, is_plain
from tv2onnx._progress import Progress, Tell, of_log, told
from tv2onnx._report import Report
from tv2onnx._source import Path, as_path, is_module, require_file

_SCRIPTS = os.path.join(os.path.dirname(__file__), "scripts")

_HINT = ("something that the module calls is not torchvision's: a function that was replaced, or code "
         "around it; the exception's report has all differences")


class VerifyReport(Report):
    """How far file and reference agree.

    verdict: "equal", "not equal" or "not decided"; reason: why it is not equal, or not decided
    images: one entry for each image that was tried
    """

    def __bool__(self) -> bool:
        return bool(self.verdict == "equal")

    @property
    def why(self) -> str:
        """Why nothing was decided: what is said of the first image, else the reason."""
        skipped: str = next((one["skipped"] for one in self._values.get("images", [])
                             if one.get("skipped")), "")
        return skipped or str(self.reason)

    def _rows(self) -> list[tuple[str, str]]:
        images = self._values.get("images", [])
        rows = [(key, str(self._values[key])) for key in ("verdict", "reason", "model", "reference",
                                                          "matched", "expected", "found", "flips")
                if self._values.get(key) not in ("", None)]
        return [*rows, ("images", str(len(images)))]


def _load(model: Any, task: str) -> Any:
    kind = {"detection": _core.Detector, "classification": _core.Classifier,
            "segmentation": _core.Segmenter, "video": _core.VideoClassifier, "flow": _core.Flow}[task]
    return kind(model, _runtime.library(), 0, True)


@contextlib.contextmanager
def scripts() -> Iterator[None]:
    """The scripts that record what PyTorch gives, importable."""
    sys.path.insert(0, _SCRIPTS)
    try:
        yield
    finally:
        sys.path.remove(_SCRIPTS)


def unwrapped(module: Any) -> Any:
    """The module inside DistributedDataParallel, torch.compile and the like."""
    while (type(module).__module__.split(".")[0] == "torch" and type(module).__name__ in WRAPPERS
           and is_plain(module)):
        module = getattr(module, WRAPPERS[type(module).__name__])
    return module


@contextlib.contextmanager
def _runnable(module: Any) -> Iterator[Any]:
    """The module as it computes with float32 on the CPU, in evaluation mode; itself if it does so
    already, and then as it was again."""
    import torch
    module = unwrapped(module)
    tensors = [*module.parameters(), *module.buffers()]
    if any(one.device.type != "cpu" or one.is_floating_point() and one.dtype != torch.float32
           for one in tensors):
        module = copy.deepcopy(module).to("cpu").float()
    modes = [(one, one.training) for one in module.modules()]
    module.eval()
    flushed = not torch.tensor([1e-39]).mul(1).count_nonzero()
    denormals = torch.set_flush_denormal(True)  # untrained weights make them, and they are slow
    try:
        yield module
    finally:
        for one, training in modes:
            one.training = training
        if denormals and not flushed:
            torch.set_flush_denormal(False)


def _cases(recorder: Any, channels: int, size: tuple[int, int] | None) -> dict[str, Any]:
    """Drawn scenes: small, wide, blank, and two at once of which one is blank; of files that can be
    judged by images of one size only, of that."""
    import numpy as np

    def scene(height: int, width: int, seed: int) -> Any:
        return recorder.as_channels(recorder.drawn_scene(height, width, seed), channels)

    small, wide, other = (size,) * 3 if size else ((150, 200), (256, 171), (120, 163))
    blank = np.zeros((*other, channels), np.uint8)
    cases = {f"scene_{height}x{width}": scene(height, width, seed)[None]
             for seed, (height, width) in ((1, small), (2, wide))}
    return {**cases, "blank": blank[None], "batch_2": np.stack([scene(*other, 3), blank])}


def _fitting_photos(recorder: Any, transforms: Any) -> dict[str, Any]:
    """Photos of the size that the transforms would resize them to."""
    size = transforms.resize_size or transforms.crop_size or [224]
    height, width = size if len(size) == 2 else (size[0], size[0])
    return {f"fitting_{seed}": recorder.drawn_scene(height, width, seed) for seed in (1, 2, 3)}


def _record(module: Any, path: str, runner: Any, task: str, precise: bool, tell: Tell) -> None:
    settings = json.loads(runner.metadata.get("tv2onnx.config", "{}"))
    with scripts():
        recorder = importlib.import_module("record_reference")
        if task == "detection":
            cases = _cases(recorder, recorder.channels_of(module), runner.only_comparable_size)
            recorder.record(module, path, cases, with_float64=precise, log=of_log(tell))
            return
        classes = importlib.import_module("record_classifier")
        transforms = None if task == "flow" else classes.Transforms(settings)
        photos = _fitting_photos(recorder, transforms) if precise else None
        if task == "classification":
            classes.record(module, path, transforms, quick=True, cases=photos, log=of_log(tell))
            return
        importlib.import_module("record_tasks").record(module, path, task, transforms, quick=True,
                                                       settings=settings, log=of_log(tell))


def _recorded(module: Any, runner: Any, task: str, tell: Tell, precise: bool = False) -> VerifyReport:
    with tempfile.TemporaryDirectory(prefix="tv2onnx-") as folder:
        path = os.path.join(folder, "reference.safetensors")
        _record(module, path, runner, task, precise, tell)
        text = runner.verify_json(path, "", False, {}, tell)
    report = json.loads(text)
    report.update(reference=f"<{type(module).__name__} in memory>", model="")
    return VerifyReport(report)


def _second_look(first: VerifyReport, module: Any, runner: Any, task: str,
                 tell: Tell) -> VerifyReport:
    """What float32 or the rounding of resized photos cannot settle, as of weights that were never
    trained, float64 and photos that need no resizing do."""
    if task not in ("detection", "classification"):
        return first
    found = _recorded(module, runner, task, tell, precise=True)
    if task == "detection" or not found:
        return found
    return _not_decided(f"equal on photos that need no resizing; of others: {first.reason}. Weights "
                        "that were never trained make much of the rounding of resized pixels")


def _not_decided(reason: str) -> VerifyReport:
    return VerifyReport({"verdict": "not decided", "reason": reason, "images": []})


def verify_live(model: Any, module: Any, task: str, tell: Tell = None) -> VerifyReport:
    """Runs the module and the file (path or bytes) on drawn scenes and compares.

    Raises NotEqualError if they do not answer the same."""
    with as_path(model) as path, _runnable(module) as runnable:
        runner = _load(path, task)
        try:
            found = _recorded(runnable, runner, task, tell)
            if found.verdict == "not equal":
                found = _second_look(found, runnable, runner, task, tell)
        except (RuntimeError, TypeError, AttributeError, NotImplementedError) as problem:
            if type(problem).__module__.startswith("tv2onnx"):
                raise
            return _not_decided("the module cannot be run on images: "
                                f"{type(problem).__name__}: {problem}")
    if found.verdict == "not equal":
        raise NotEqualError(
            f"error[W005]: the file does not answer as the module does: {found.reason}\n"
            f"  hint:     {_HINT}", report=found, code="W005", hint=_HINT)
    return found


def verify(onnx: Path, against: Any, *, images: Path | None = None,
           trust: bool = False, progress: Progress = None) -> VerifyReport:
    """Compares an ONNX file with what is taken for right. The report is true if they are equal.

    onnx: path of the file
    against: a torch.nn.Module, which is run in this process; a checkpoint, which is run in PyTorch in
        another one; a recorded reference; or another ONNX file
    images: a photo, for checkpoints and ONNX files; None: drawn scenes
    trust: run the code that a whole-module checkpoint brings
    progress: as of export()

    A module that answers otherwise gives a report with the verdict "not equal", not an exception.
    """
    path = require_file(onnx)
    task: str = _core.task_of_file(path)
    with told(progress) as tell:
        if is_module(against):
            try:
                return verify_live(path, against, task, tell)
            except NotEqualError as error:
                found: VerifyReport = error.report
                return found
        text = _load(path, task).verify_json(require_file(against), os.fspath(images or ""), trust,
                                             {"python": sys.executable}, tell)
    return VerifyReport.from_json(text)
