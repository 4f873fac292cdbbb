"""Class names of a caller, by label."""
from __future__ import annotations

import os
from typing import Any

from tv2onnx._errors import UsageError


def _names_by_label(names: dict[Any, Any]) -> list[str]:
    """Of {0: ...}, or {1: ...} where 0 is the background; labels may be text, as JSON has them."""
    try:
        by_label = {int(label): str(name) for label, name in names.items()}
    except (TypeError, ValueError):
        raise ValueError("class_names has other keys than labels; give {label: name}, such as "
                         "{label: name for name, label in class_to_idx.items()}") from None
    first = min(by_label, default=0)
    if first not in (0, 1) or sorted(by_label) != list(range(first, first + len(names))):
        raise ValueError(f"class_names has the labels {sorted(by_label)}; each from 0, or from 1 where 0 "
                         "is the background, needs a name")
    listed = [by_label[label] for label in sorted(by_label)]
    return ["__background__"] * first + listed


def require_same_labels(class_names: Any, report: dict[str, Any]) -> None:
    """A list may leave out the background; in a dict that would shift the labels."""
    if isinstance(class_names, dict) and len(names_of(class_names) or ()) != report["classes"]:
        raise UsageError(f"class_names has {len(class_names)} labels, the model "
                         f"{report['classes']}, of which 0 is the background", code="U002")


def names_of(class_names: Any) -> list[str] | None:
    if class_names is None:
        return None
    if isinstance(class_names, (str, os.PathLike)):
        with open(class_names, encoding="utf-8") as file:
            return [line.strip() for line in file if line.strip()]
    if isinstance(class_names, dict):
        return _names_by_label(class_names)
    if isinstance(class_names, (set, frozenset)):
        raise TypeError("class_names is a set, which has no order; give a list, by label")
    return [str(name) for name in class_names]
