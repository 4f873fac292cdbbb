"""Arrays of images."""
from __future__ import annotations

from typing import Any

import numpy as np

Array = Any  # numpy.ndarray

_BEYOND = 0.5  # what resizing with overshoot may leave outside of 0..1


def _as_array(images: Any) -> Array:
    mode = getattr(images, "mode", "RGB")
    if type(images).__module__.startswith("PIL.") and mode != "RGB":
        raise ValueError(f"the photo's mode is {mode}; give image.convert('RGB')")
    try:
        array = np.asarray(images)
    except ValueError as problem:
        if not isinstance(images, (list, tuple)):
            raise
        raise ValueError(_SEVERAL) from problem
    if array.dtype == object:
        raise ValueError(_SEVERAL if isinstance(images, (list, tuple)) else
                         f"a {type(images).__name__} is no array of an image")
    return array


_SEVERAL = "the images have several sizes; give a list of them to run_many(), or one by one"


def image_batch(images: Any) -> tuple[Array, bool]:
    """[n, height, width, 3] uint8 or [n, 3, height, width] float32, and whether it was one image."""
    array = _as_array(images)
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
    _require_range(array)
    return array, single


def _require_channels(array: Array) -> None:
    first, last = array.shape[1], array.shape[3]
    if array.dtype == np.uint8 and last > 4 and first <= 4:
        raise ValueError(f"uint8 of shape {list(array.shape)} has its channels first; give "
                         "array.transpose(0, 2, 3, 1), or float32 of 0..1")
    if array.dtype == np.float32 and first > 4 and last <= 4:
        raise ValueError(f"float32 of shape {list(array.shape)} has its channels last; give "
                         "array.transpose(0, 3, 1, 2), or uint8 of 0..255")


def _require_range(array: Array) -> None:
    """What is far outside of 0..1 was meant otherwise: 0..255, or normalised already."""
    if array.dtype != np.float32 or array.size == 0:
        return
    low, high = float(array.min()), float(array.max())
    if not (low >= -_BEYOND and high <= 1 + _BEYOND):
        raise ValueError(f"the float image has values from {low:g} to {high:g}; expected 0..1, not "
                         "normalised: give array / 255, or uint8 of 0..255")


def pixels_of(image: Any, height: int, width: int) -> Array:
    """uint8 [1, height, width, 3] to draw on."""
    array, single = image_batch(image)
    if array.dtype == np.float32:
        array = (np.clip(array, 0, 1) * 255 + 0.5).astype(np.uint8).transpose(0, 2, 3, 1)
    if not single or array.shape[1:3] != (height, width):
        raise ValueError(f"this was found in one image of {width} x {height}; what is given to draw on "
                         f"has the shape {list(np.shape(image))}")
    return np.ascontiguousarray(array)
