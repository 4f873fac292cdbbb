"""What was found in images."""
from __future__ import annotations

import dataclasses
import html
import json
from typing import Any, Sequence

import numpy as np

from tv2onnx import _core
from tv2onnx._arrays import Array, pixels_of


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
        return [name_of(self.class_names, label) for label in self.labels]

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
            if not -len(self) <= index < len(self):
                raise IndexError(f"there is no {index} of {len(self)} objects")
            index = slice(index, index + 1 or None)
        parts: dict[str, Any] = {name: None if getattr(self, name) is None else getattr(self, name)[index]
                 for name in ("boxes", "labels", "scores", "masks", "keypoints", "keypoints_scores")}
        return dataclasses.replace(self, **parts)

    def above(self, score: float) -> "Detections":
        """Those with at least this score."""
        return self[self.scores >= score]

    def plot(self, image: Any, *, score: float = 0.5) -> Array:
        """uint8 [height, width, 3]: a copy of the image with boxes, names, masks and keypoints."""
        shown = self.above(score)
        texts = [f"{name} {value:.2f}" for name, value in zip(shown.names, shown.scores)]
        return _core.draw(pixels_of(image, self.height, self.width), shown._arrays(), texts)[0]

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
        return [name_of(self.class_names, label) for label in self.labels]

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


@dataclasses.dataclass
class LabelMap:
    """The class of each pixel of one image.

    labels: int32 [height, width]
    logits: float32 [classes, h, w] of the resized image; None where the file gives labels only
    aux: the same of the auxiliary head, or None
    """

    labels: Array
    logits: Array | None = None
    aux: Array | None = None
    class_names: Sequence[str] = ()

    def shares(self) -> dict[str, float]:
        """Which share of the pixels each class has that is there."""
        labels, counts = np.unique(self.labels, return_counts=True)
        return {name_of(self.class_names, label): float(count) / self.labels.size
                for label, count in zip(labels, counts)}

    def to_dict(self) -> dict[str, Any]:
        """Plain values: labels, shares."""
        return {"labels": self.labels.tolist(), "shares": self.shares()}

    def __str__(self) -> str:
        return "\n".join(f"{name:<20} {share:.1%}" for name, share in self.shares().items())

    def _repr_html_(self) -> str:
        return _table(["name", "share"], [[name, f"{share:.1%}"]
                                          for name, share in self.shares().items()])


def name_of(names: Sequence[str], label: Any) -> str:
    return str(names[label]) if 0 <= label < len(names) else f"class {label}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"
