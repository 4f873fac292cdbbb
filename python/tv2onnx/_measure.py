"""Fewer bits, and how good a model is on labelled photos."""
from __future__ import annotations

import json
import os
from typing import Any, Sequence

from tv2onnx import _core, _runtime
from tv2onnx._class_names import names_of
from tv2onnx._output import require_room
from tv2onnx._progress import Progress, told
from tv2onnx._report import Report
from tv2onnx._source import Path, require_file


class QuantizeReport(Report):
    """What quantize() made of a file, and what that cost. It is true if the new file is worth having;
    if it is not, `fault` says why.

    bytes_before, bytes_after: of the files
    speed: times as fast as the original, on `machine`
    kept: of the `confident` detections of the original, found again; added: new ones
    """

    def __bool__(self) -> bool:
        return not self._values.get("fault")

    def _rows(self) -> list[tuple[str, str]]:
        rows = [("output", str(self.output)),
                ("size", f"{self.bytes_before} -> {self.bytes_after} bytes")]
        if self._values.get("confident"):
            rows += [("layers", f"{self.convolutions} convolutions, {self.layers} fully connected"),
                     ("speed", f"{self.speed:.2f} times as fast ({self.machine})"),
                     ("kept", f"{self.kept} of {self.confident} confident detections; "
                              f"{self.added} new")]
        return rows + [(name, str(self._values[name])) for name in ("note", "fault")
                       if self._values.get(name)]


class EvaluateReport(Report):
    """How good a model is on labelled photos; `failures`: those that could not be read or run.

    Of classifiers: images, top1, top5 (shares), right, right_in_5
    Of segmentation: images, mean_iou, mean_accuracy, accuracy, and `classes` one by one; `unlabelled`:
        photos without label map, which are left out
    Of detectors: figures (COCO's: AP, AP50, ...), categories one by one, results_of_unknown_categories,
        objects_of_unknown_categories, notes; `against` with the difference, `confusion`, `drawn` where they were asked for
    """


def _paths_of(images: Path | Sequence[Path]) -> list[str]:
    if isinstance(images, (str, os.PathLike)):
        return [os.fspath(images)]
    return [os.fspath(each) for each in images]


def quantize(model: Path, f: Path, images: Path | Sequence[Path] | None = None, *,
             precision: str | None = None, recipe: str = "auto", weight_bits: int | None = None,
             fewest_kept: float = 0.97, overwrite: bool = False,
             progress: Progress = None) -> QuantizeReport:
    """Makes an ONNX file smaller: a detector in 8 bits, calibrated on every second photo and judged
    by the others, or with precision= any file whose weights are stored in fewer bits.

    model, f: paths of the file and of the new one
    images: photos like those that the detector will see, at least 4: a folder, or files and folders
    precision: "fp16-weights" or "int8-weights", without images
    recipe: "auto", "head" (fully connected layers alone) or "all"
    weight_bits: 7 for processors without VNNI; None: as this one needs it
    fewest_kept: share of confident detections that has to remain
    overwrite, progress: as of export()

    A file that turns out not to be worth it is written too; the report is false then.
    Raises Error U002, U003, R007.
    """
    path, out = require_file(model), require_room(f, overwrite)
    options: dict[str, Any] = {"overwrite": overwrite, "library": _runtime.library()}
    if precision is not None:
        if images is not None:
            raise TypeError("precision= stores weights in fewer bits, which needs no images")
        options["precision"] = precision
        after, note = _core.convert_weights(path, out, options)
        return QuantizeReport({"model": path, "output": out, "precision": precision,
                               "bytes_before": os.path.getsize(path), "bytes_after": after,
                               "note": note, "fault": ""})
    if images is None:
        raise TypeError("give images= to calibrate and judge by, or precision=")
    options.update(recipe=recipe, fewest_kept=fewest_kept)
    if weight_bits is not None:
        options["weight_bits"] = weight_bits
    with told(progress) as tell:
        return QuantizeReport.from_json(
            _core.quantize_json(path, _paths_of(images), out, options, tell))


def _evaluate_detector(model: str, data: Path | None, names: list[str], options: dict[str, Any],
                       progress: Progress) -> EvaluateReport:
    stored = model.endswith(".json")
    if stored and (data is not None) != bool(options["worst"]):
        raise TypeError("stored results need the folder of the images for worst= alone")
    if not stored and data is None:
        raise TypeError("give the folder of the annotated images")
    paths = {name: os.fspath(options[name]) for name in ("annotations", "against", "curve", "pictures")
             if options[name] is not None}
    if bool(options["worst"]) != ("pictures" in paths):
        raise TypeError("worst= and pictures=, the folder to draw into, go together")
    if "curve" in paths:
        require_room(paths["curve"], options["overwrite"])
    taken = {**options, **{name: paths.get(name, "") for name in ("annotations", "against", "curve")},
             "worst_folder": paths.get("pictures", ""), "results" if stored else "model": model,
             "images": os.fspath(data or ""), "class_names": names, "library": _runtime.library()}
    with told(progress) as tell:
        text, failures, notes, drawn = _core.evaluate_detector_json(taken, tell)
    more = {"failures": failures, "notes": notes, **({"drawn": drawn} if drawn else {})}
    return EvaluateReport({"model": model, "task": "detection", **json.loads(text), **more})


def evaluate(model: Path, data: Path | None = None, *, labels: Path | None = None,
             annotations: Path | None = None, kind: str = "boxes", against: Path | None = None,
             confusion: bool = False, curve: Path | None = None, worst: int = 0,
             pictures: Path | None = None, overwrite: bool = False, class_names: Any = None,
             resized: bool = False, progress: Progress = None) -> EvaluateReport:
    """How often a classifier is right about photos whose classes are known, how well a segmentation
    model agrees with label maps, or the average precision of a detector, as pycocotools computes it.

    model: path of the ONNX file; of detectors also a .json with stored results in COCO's form
    data: of classifiers a folder with one folder for each class, or a text file with a path and a
        class on each line; of segmentation the folder of the photos; of detectors that of the
        annotated ones
    labels: of segmentation: the folder of the label maps, PNGs whose pixels are labels
    annotations: of detectors: COCO's annotations (JSON)
    kind: what of detectors is compared: "boxes", "masks" or "keypoints"
    against: of detectors: another file of the same form: the difference in AP, and what is found again
    confusion: of detectors: which category was taken for which
    curve: of detectors: precision over recall is drawn there (.svg)
    worst, pictures: of detectors: how many of the images with most mistakes are drawn, into which folder
    overwrite: pictures that are there already
    class_names: by label; None: those of the file
    resized: of segmentation: count pixels of the photo as the network gets it, as torchvision does
    progress: as of export()
    """
    path, names = require_file(model), names_of(class_names) or []
    if annotations is not None:
        if labels is not None:
            raise TypeError("labels= is for segmentation, annotations= for detectors")
        options = {"annotations": annotations, "kind": kind, "against": against, "curve": curve,
                   "confusion": confusion, "worst": worst, "pictures": pictures, "overwrite": overwrite}
        return _evaluate_detector(path, data, names, options, progress)
    if path.endswith(".json") or against or confusion or curve or worst or pictures:
        raise TypeError("detectors and their results are evaluated with annotations=, COCO's JSON")
    if data is None:
        raise TypeError("give data=, the labelled photos")
    with told(progress) as tell:
        if labels is None:
            classifier = _core.Classifier(path, _runtime.library(), 0, True)
            return EvaluateReport.from_json(
                _core.evaluate_classifier_json(classifier, os.fspath(data), names, tell))
        segmenter = _core.Segmenter(path, _runtime.library(), 0, True)
        text, unlabelled = _core.evaluate_segmenter_json(
            segmenter, os.fspath(data), os.fspath(labels), names, resized, tell)
    return EvaluateReport({**json.loads(text), "unlabelled": unlabelled})
