"""Running exported files on numpy arrays."""
from __future__ import annotations

import dataclasses
import html
import json
from typing import Any, Iterator, Sequence, Union, overload

import numpy as np

from tv2onnx import _core, _runtime
from tv2onnx._source import Path, require_file

Array = Any  # numpy.ndarray


def image_batch(images: Any) -> tuple[Array, bool]:
    """[n, height, width, 3] uint8 or [n, 3, height, width] float32, and whether it was one image."""
    array = np.asarray(images)
    if array.dtype == object:
        raise ValueError("the images have several sizes; give a list of them to run_many(), or one by "
                         "one")
    if array.ndim not in (3, 4):
        raise ValueError(f"the array has the shape {list(array.shape)}; expected [height, width, 3] or "
                         "[n, height, width, 3] of uint8, or [3, height, width] or "
                         "[n, 3, height, width] of float32")
    if array.dtype != np.uint8 and array.dtype != np.float32:
        if array.dtype.kind != "f":
            raise TypeError(f"the array is of {array.dtype}; expected uint8 of 0..255, or float32 of "
                            "0..1")
        array = array.astype(np.float32)
    single = array.ndim == 3
    array = np.ascontiguousarray(array[None] if single else array)
    _require_channels(array)
    return array, single


def _require_channels(array: Array) -> None:
    first, last = array.shape[1], array.shape[3]
    if array.dtype == np.uint8 and last > 4 and first <= 4:
        raise ValueError(f"uint8 of shape {list(array.shape)} has its channels first; give "
                         "array.transpose(0, 2, 3, 1), or float32 of 0..1")
    if array.dtype == np.float32 and first > 4 and last <= 4:
        raise ValueError(f"float32 of shape {list(array.shape)} has its channels last; give "
                         "array.transpose(0, 3, 1, 2), or uint8 of 0..255")


def _pixels(image: Any) -> Array:
    """uint8 [1, height, width, 3] to draw on."""
    array, _ = image_batch(image)
    if array.dtype == np.float32:
        array = (np.clip(array, 0, 1) * 255 + 0.5).astype(np.uint8).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(array[:1])


@dataclasses.dataclass
class Detections:
    """What was found in one image of `height` x `width` pixels.

    boxes: float32 [n, 4], x1, y1, x2, y2 in pixels
    labels: int64 [n]; scores: float32 [n]; names: [n], by label
    masks: float32 [n, s, s] of probabilities over the box, or [n, height, width]; None without
    keypoints: float32 [n, k, 3] of x, y, visibility; keypoints_scores: float32 [n, k]; None without
    """

    boxes: Array
    labels: Array
    scores: Array
    height: int
    width: int
    masks: Array | None = None
    keypoints: Array | None = None
    keypoints_scores: Array | None = None
    class_names: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        return [_name(self.class_names, label) for label in self.labels]

    # The names that supervision and others have for them.
    @property
    def xyxy(self) -> Array:
        """boxes"""
        return self.boxes

    @property
    def confidence(self) -> Array:
        """scores"""
        return self.scores

    @property
    def class_id(self) -> Array:
        """labels"""
        return self.labels

    @property
    def mask(self) -> Array | None:
        """bool [n, height, width]: the pixels of each object; None without masks"""
        if self.masks is None:
            return None
        return _core.pixel_masks(self._arrays(), self.height, self.width).astype(bool)

    def _arrays(self) -> dict[str, Array]:
        arrays = {"boxes": (self.boxes, np.float32), "labels": (self.labels, np.int64),
                  "scores": (self.scores, np.float32),
                  "keypoints": (self.keypoints, np.float32),
                  "keypoints_scores": (self.keypoints_scores, np.float32)}
        if self.masks is not None:
            whole = tuple(self.masks.shape[1:]) == (self.height, self.width)
            arrays["pasted_masks" if whole else "masks"] = self.masks, np.float32
        return {name: np.ascontiguousarray(array, kind) for name, (array, kind) in arrays.items()
                if array is not None}

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, index: Any) -> "Detections":
        """Some of them: found[found.scores > 0.5]"""
        if isinstance(index, (int, np.integer)):
            index = slice(index, index + 1 or None)
        parts = {name: None if getattr(self, name) is None else getattr(self, name)[index]
                 for name in ("boxes", "labels", "scores", "masks", "keypoints", "keypoints_scores")}
        return dataclasses.replace(self, **parts)

    def above(self, score: float) -> "Detections":
        """Those with at least this score."""
        return self[self.scores >= score]

    def plot(self, image: Any, *, score: float = 0.5) -> Array:
        """uint8 [height, width, 3]: a copy of the image with boxes, names, masks and keypoints."""
        shown = self.above(score)
        texts = [f"{name} {value:.2f}" for name, value in zip(shown.names, shown.scores)]
        return _core.draw(_pixels(image), shown._arrays(), texts)[0]

    def to_coco(self, image_id: int = 1) -> list[dict[str, Any]]:
        """COCO's results: image_id, category_id, bbox, score, and segmentation or keypoints."""
        found: list[dict[str, Any]] = json.loads(
            _core.coco_json(self._arrays(), image_id, self.height, self.width))
        return found

    def to_supervision(self) -> Any:
        """supervision.Detections of them."""
        import supervision
        return supervision.Detections(xyxy=self.boxes, confidence=self.scores,
                                      class_id=self.labels.astype(int), mask=self.mask,
                                      data={"class_name": np.array(self.names)})

    def to_dict(self) -> dict[str, Any]:
        """Plain values: boxes, labels, scores, names."""
        return {"boxes": self.boxes.tolist(), "labels": self.labels.tolist(),
                "scores": self.scores.tolist(), "names": self.names}

    def __str__(self) -> str:
        lines = [f"{name:<20} {score:.3f}  [{', '.join(f'{v:.1f}' for v in box)}]"
                 for name, score, box in zip(self.names, self.scores, self.boxes)]
        return "\n".join([f"{len(self)} objects in {self.width} x {self.height}", *lines])

    def _repr_html_(self) -> str:
        return _table(["name", "score", "box"],
                      [[name, f"{score:.3f}", ", ".join(f"{v:.1f}" for v in box)]
                       for name, score, box in zip(self.names, self.scores, self.boxes)])


@dataclasses.dataclass
class Classes:
    """What one image shows, the best first.

    labels: int64 [n]; scores: float32 [n], probabilities; names: [n]
    logits: float32 [classes], by class; None where the file does not give them
    """

    labels: Array
    scores: Array
    logits: Array | None = None
    features: Sequence[Array] = ()
    class_names: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        return [_name(self.class_names, label) for label in self.labels]

    def __len__(self) -> int:
        return len(self.scores)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: labels, scores, names."""
        return {"labels": self.labels.tolist(), "scores": self.scores.tolist(), "names": self.names}

    def __str__(self) -> str:
        return "\n".join(f"{name:<20} {score:.3f}"
                         for name, score in list(zip(self.names, self.scores))[:5])

    def _repr_html_(self) -> str:
        return _table(["name", "score"], [[name, f"{score:.3f}"] for name, score
                                          in list(zip(self.names, self.scores))[:10]])


def _name(names: Sequence[str], label: Any) -> str:
    return str(names[label]) if 0 <= label < len(names) else f"class {label}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


class _Runner:
    """A file, loaded into ONNX Runtime."""

    _kind: Any

    def __init__(self, model: Union[Path, bytes], *, threads: int = 0, runtime: str = "") -> None:
        """model: path or bytes of the ONNX file; threads: 0: as many as ONNX Runtime likes;
        runtime: path of libonnxruntime, or ""."""
        source = model if isinstance(model, bytes) else require_file(model)
        self._runner = self._kind(source, runtime or _runtime.library(), threads)

    @property
    def class_names(self) -> list[str]:
        """By label; empty if the file has none."""
        names: list[str] = self._runner.class_names
        return names

    @property
    def metadata(self) -> dict[str, str]:
        """metadata_props of the file."""
        found: dict[str, str] = self._runner.metadata
        return found

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._runner.architecture or 'model'}: {self._runner.input})"


class Detector(_Runner):
    """A detector file, whoever exported it.

    detector = Detector("model.onnx"); found = detector(image); print(found)
    """

    _kind = _core.Detector

    def __call__(self, images: Any) -> Any:
        """Detections of one image, or a list of them for a batch.

        images: uint8 [height, width, 3] or [n, height, width, 3] of 0..255, or float32
            [3, height, width] or [n, 3, height, width] of 0..1; RGB, of any size
        """
        array, single = image_batch(images)
        axis = 1 if array.dtype == np.uint8 else 2
        height, width = array.shape[axis], array.shape[axis + 1]
        found = [Detections(height=height, width=width, class_names=self.class_names,
                            masks=one.pop("masks", one.pop("pasted_masks", None)), **one)
                 for one in self._runner.run(array)]
        return found[0] if single else found

    def run_many(self, images: Sequence[Any]) -> Iterator[Detections]:
        """Of images of several sizes, one after the other."""
        return (self(image) for image in images)


class Classifier(_Runner):
    """A classifier file.

    classifier = Classifier("model.onnx"); print(classifier(image).names[0])
    """

    _kind = _core.Classifier

    def __call__(self, images: Any) -> Any:
        """Classes of one image, or a list of them for a batch; images as of Detector. What the file
        leaves to its caller (resizing, cropping, normalisation) is done here."""
        array, single = image_batch(images)
        found = [Classes(class_names=self.class_names, **one) for one in self._runner.run(array)]
        return found[0] if single else found
