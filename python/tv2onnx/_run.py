"""Running exported files on numpy arrays."""
from __future__ import annotations

from typing import Any, Iterator, Sequence, Union

import numpy as np

from tv2onnx import _core, _runtime
from tv2onnx._arrays import Array, image_batch
from tv2onnx._results import Classes, Detections, LabelMap
from tv2onnx._source import Path, require_file


class _Runner:
    """A file, loaded into ONNX Runtime."""

    _kind: Any

    def __init__(self, model: Union[Path, bytes], *, threads: int = 0, spinning: bool = True,
                 runtime: str = "") -> None:
        """model: path or bytes of the ONNX file; threads: 0: as many as ONNX Runtime likes;
        spinning: False: threads that wait for each other in a run sleep, twice as fast where
        other programs want the processor, a fifth slower alone;
        runtime: path of libonnxruntime, or ""."""
        source = model if isinstance(model, bytes) else require_file(model)
        self._runner = self._kind(source, runtime or _runtime.library(), threads, spinning)

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


class Segmenter(_Runner):
    """A segmentation file.

    segmenter = Segmenter("model.onnx"); labels = segmenter(image).labels
    """

    _kind = _core.Segmenter

    def __call__(self, images: Any) -> Any:
        """LabelMap of one image, or a list of them for a batch; images as of Detector."""
        array, single = image_batch(images)
        found = [LabelMap(class_names=self.class_names, **one) for one in self._runner.run(array)]
        return found[0] if single else found


class Flow(_Runner):
    """An optical flow file.

    flow = Flow("raft.onnx"); moved = flow(first, second)
    """

    _kind = _core.Flow

    def __call__(self, first: Any, second: Any) -> Array:
        """float32 [2, height, width], or [n, 2, height, width] of batches: how many pixels to the right
        and down each pixel of the first image has moved in the second. Heights and widths are
        multiples of 8, from 128 on."""
        before, single = image_batch(first)
        moved = self._runner.run(before, image_batch(second)[0])
        return moved[0] if single else moved


class VideoClassifier(_Runner):
    """A file that classifies clips.

    classifier = VideoClassifier("model.onnx"); print(classifier(frames).names[0])
    """

    _kind = _core.VideoClassifier

    @property
    def frames(self) -> int:
        """How many frames a clip must have; -1: any number that the network can take."""
        count: int = self._runner.frames
        return count

    def __call__(self, frames: Any) -> Classes:
        """Classes of one clip: uint8 [time, height, width, 3] or float32 [time, 3, height, width]."""
        clip = np.asarray(frames)
        if clip.ndim != 4:
            raise ValueError(f"the clip has the shape {list(clip.shape)}; expected "
                             "[time, height, width, 3] of uint8 or [time, 3, height, width] of float32")
        return Classes(class_names=self.class_names, **self._runner.run(image_batch(clip)[0]))
