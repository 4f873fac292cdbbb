"""From a model to an ONNX file."""
from __future__ import annotations

import json
import os
import tempfile
import warnings
from typing import IO, Any, Sequence, Union

from tv2onnx import _core, _runtime
from tv2onnx._backbone import foreign_backbone
from tv2onnx._class_names import names_of, require_same_labels
from tv2onnx._errors import (EnvironmentProblem, Error, NotVerifiedWarning, OutputExistsError,
                             in_python)
from tv2onnx._output import require_room, store
from tv2onnx._progress import Progress, Tell, told
from tv2onnx._report import Report
from tv2onnx._source import Path, as_path, imported_torchvision, is_module, open_source

Verify = Union[bool, str]

_WHERE_COMPARED = ("where an ONNX Runtime is installed (pip install 'tv2onnx[run]'), and without "
                   "verify=False, the backbone is built as torchvision's and compared")


class ExportReport(Report):
    """What was written, and how far it was verified.

    path: of the file, or "" where it went elsewhere
    verified: the file and the module answered the same on the images that were tried
    verification: a VerifyReport, or None; why there is none says `not_verified`
    architecture, task, classes, opset, nodes, bytes, settings, notes, warnings: as of the program
    """

    _SHOWN = ("path", "architecture", "task", "classes", "opset", "nodes", "bytes", "settings",
              "assumed", "preparation", "outputs", "notes", "warnings", "verified", "not_verified")

    def _rows(self) -> list[tuple[str, str]]:
        return [row for row in super()._rows() if row[0] in self._SHOWN]

    def to_dict(self) -> dict[str, Any]:
        values = dict(self._values)
        if values.get("verification") is not None:
            values["verification"] = values["verification"].to_dict()
        return values

    def __fspath__(self) -> str:
        if not self.path:
            raise TypeError("the model was not written to a path")
        return str(self.path)


def models() -> list[str]:
    """The architectures that can be exported, as torchvision's builders are called."""
    names: list[str] = _core.model_names()
    return names


def options_of(settings: dict[str, Any] | None, class_names: Any, **options: Any) -> dict[str, Any]:
    """What the library takes: the options that were given."""
    if settings is not None and not isinstance(settings, dict):
        raise TypeError(f"settings is a {type(settings).__name__}; give a dict such as "
                        "{'box_score_thresh': 0.3}")
    if settings:
        options["settings"] = json.dumps(settings)
    options["class_names"] = names_of(class_names)
    size = options.get("size")
    if size is not None and not (isinstance(size, (tuple, list)) and len(size) == 2):
        raise ValueError(f"size={size!r}; give (height, width)")
    if isinstance(options.get("torchvision"), (tuple, list)):
        options["torchvision"] = ".".join(map(str, options["torchvision"]))
    return {name: os.fspath(value) if isinstance(value, os.PathLike) else value
            for name, value in options.items() if value is not None}


def _in_python(report: dict[str, Any]) -> dict[str, Any]:
    """The report with the options that its notes name as keywords."""
    report["notes"] = [in_python(note) for note in report["notes"]]
    return report


def _assumed(checkpoint: Any, options: dict[str, Any], tell: Tell) -> tuple[str, bytes] | None:
    """With a backbone of torchvision in the place of the module's, whatever its classes; None if the
    weights are not of one, or if something else is not torchvision's either."""
    try:
        text, content = checkpoint.export_to_bytes(options, tell)
    except Error:
        return None
    report = json.loads(text)
    if not all(one.startswith("backbone") for one in report["warnings"]):
        return None
    report["warnings"] = ["the backbone is built as torchvision's whose weights it has, and compared"]
    return json.dumps(report), content


def _built(checkpoint: Any, options: dict[str, Any], model: Any, tell: Tell, verify: Verify,
           ) -> tuple[str, bytes, bool]:
    """Report, file and whether it must be compared; where the module's backbone is not torchvision's,
    with what foreign_backbone() gives."""
    try:
        report, content = checkpoint.export_to_bytes(options, tell)
        return report, content, False
    except Error as error:
        more = None if "backbone" in options else foreign_backbone(model, error)
        if more is None:
            raise
        if "backbone" in more:
            report, content = checkpoint.export_to_bytes({**options, **more}, tell)
            return report, content, False
        can_compare = verify is not False and not _runtime.problem()
        built = _assumed(checkpoint, {**options, **more}, tell) if can_compare else None
        if built is None:
            if not can_compare:
                error.args = (f"{error}\n  or:       {_WHERE_COMPARED}", *error.args[1:])
            raise
        return (*built, True)


def _why_not(source: Any) -> str:
    """Why the file is not compared with its source, or ""."""
    if not is_module(source):
        return "only a live module is run; compare a file with verify(file, against=checkpoint)"
    return _runtime.problem()


def _give_up(reason: str, verify: Verify, module: bool) -> str:
    """An error if the user insists, a warning if they would expect it."""
    message = f"the file is not compared with the model: {reason}"
    if verify is True:
        raise EnvironmentProblem(message, code="R001")
    if module:
        warnings.warn(message, NotVerifiedWarning, stacklevel=4)
    return reason


def _warn_of_target(report: dict[str, Any], model: bytes | str, target: str | None) -> None:
    """What the target is known to refuse of the file; nothing is run."""
    if target is None:
        return
    with as_path(model) as path:
        findings = json.loads(_core.diagnose_json(path, target, False, None))["findings"]
    for one in findings:
        if one["code"] == "D13" and one["damage"] != "information":
            places = len(one["evidence"])
            report["warnings"].append(f"{one['what']} ({places} place{'s' * (places != 1)}, "
                                      f"{one['source']})")


def _compared(source: Any, model: Any, report: dict[str, Any], verify: Verify, tell: Tell) -> None:
    """Fills `verification`, `verified` and `not_verified` of the report."""
    report.update(verified=False, verification=None, not_verified="")
    if verify is False:
        report["not_verified"] = "verify=False"
        return
    reason = _why_not(source)
    if not reason:
        from tv2onnx._verify import verify_live
        found = verify_live(model, source, report["task"], tell)
        report["verification"] = found
        report["verified"] = found.verdict == "equal"
        reason = "" if report["verified"] else found.why
    if reason:
        report["not_verified"] = _give_up(reason, verify, is_module(source))


def export(model: Any, f: Path | IO[bytes] | None = None, *,
           settings: dict[str, Any] | None = None, opset_version: int | None = None,
           input: str | None = None, outputs: str | None = None,
           class_names: Sequence[str] | dict[int, str] | Path | None = None,
           verify: Verify = "auto", overwrite: bool = False, arch: str | None = None,
           preprocess: str | None = None, prefix: str = "", weights: str | None = None,
           assume_torchvision: bool = False, progress: Progress = None, **options: Any) -> Any:
    """Exports a torchvision model to ONNX and gives an ExportReport; with f=None the file's bytes.

    model: a torch.nn.Module (also half, on a GPU, wrapped in DistributedDataParallel, AveragedModel
        or torch.compile), a state dict, or the path or bytes of a checkpoint. A module is read where
        it is: nothing is pickled, copied or changed
    f: where the file goes: a path, or an object with write(); None: the bytes are returned
    settings: what a state dict does not have, by torchvision's keywords: {"min_size": 400}
    opset_version: 11 to 21; None: 17, or what the model needs
    input: "float" [batch, 3, height, width] of 0..1, "uint8" [batch, height, width, 3], "auto" or
        "normalized"
    outputs: of detectors "batched", "fixed", "flat" or "raw"; of classifiers "logits",
        "probabilities" or "topk"
    class_names: by label; a list, a dict, or the path of a file with one on each line
    verify: "auto": where an ONNX Runtime is there, the module and the file are run on drawn scenes
        of several sizes, a blank one and a batch, and NotEqualError is raised, and nothing written, if
        they do not answer the same; without one NotVerifiedWarning. True: that is an error. False: no
    overwrite: a file that is there already
    arch: torchvision's builder; None: as the weights say
    preprocess: of classifiers: "full", "normalize" or "none"
    prefix: which model of a checkpoint that holds several
    weights: which official weights these are, such as "IMAGENET1K_V2"
    assume_torchvision: export modules that are not torchvision's as if they were
    progress: None: a line on stderr if that is a terminal or notebook; True, False: always, never; or
        a function that is called with (name, index, count) of each step
    options: backbone (path or bytes of an ONNX file; live modules whose backbone is not torchvision's
        need none), strides (of its maps), backbone_features (its recorded ones), masks, bgr, top, features, size, torchvision, precision,
        external_data; target (a runtime: "portable", "tensorrt", ...; what it is known to refuse of
        the file is among the report's warnings) and with it batch; as of the program

    Raises Error (code, where, hint), TypeError, FileNotFoundError, FileExistsError.
    """
    if isinstance(verify, str) and verify != "auto" or not isinstance(verify, (str, bool)):
        raise ValueError(f"verify={verify!r}; give 'auto', True or False")
    unknown = set(options) - {"backbone", "strides", "backbone_features", "masks", "bgr", "top", "features", "size",
                              "torchvision", "precision", "external_data", "target", "batch"}
    if unknown:
        raise TypeError(f"export() has no option {sorted(unknown)[0]!r}; settings of the model go into "
                        "settings={...}")
    taken = options_of(settings, class_names, opset_version=opset_version, input=input,
                       outputs=outputs, overwrite=overwrite, arch=arch, preprocess=preprocess,
                       weights=weights, assume_torchvision=assume_torchvision, **options)
    if is_module(model):
        taken["imported_torchvision"] = imported_torchvision()
    path = require_room(f, overwrite)
    checkpoint = open_source(model, prefix)
    with told(progress) as tell:
        if path and taken.get("external_data"):
            return _export_beside(checkpoint, path, taken, model, verify, class_names, tell)
        text, content, assumed = _built(checkpoint, taken, model, tell, verify)
        report = _in_python(json.loads(text))
        require_same_labels(class_names, report)
        _warn_of_target(report, content, taken.get("target"))
        _compared(model, content, report, assumed or verify, tell)
    if f is None:
        return content
    store(content, f, overwrite)
    report.update(path=path, output=path)
    return ExportReport(report)


def _export_beside(checkpoint: Any, path: str, options: dict[str, Any], model: Any,
                   verify: Verify, class_names: Any, tell: Tell) -> ExportReport:
    """With weights in a second file, whose name the first one has. Both are made and compared in a
    folder beside, so that what is there already stays if they are not equal."""
    data = path + ".data"
    if os.path.exists(data) and not options.get("overwrite"):
        raise OutputExistsError(f"{data} exists; overwrite=True replaces it", code="O004",
                                where={"file": data}, hint="overwrite=True")
    with tempfile.TemporaryDirectory(prefix=".tv2onnx-", dir=os.path.dirname(path) or ".") as folder:
        made = os.path.join(folder, os.path.basename(path))
        report = _in_python(json.loads(checkpoint.export_to_path(made, options, tell)))
        require_same_labels(class_names, report)
        _warn_of_target(report, made, options.get("target"))
        _compared(model, made, report, verify, tell)
        for one in (".data", ""):
            if os.path.exists(made + one):
                os.replace(made + one, path + one)
    report.update(path=path, output=path)
    return ExportReport(report)
