"""torch.onnx.export's signature."""
from __future__ import annotations

import sys
from typing import Any

from tv2onnx import _core
from tv2onnx._export import export
from tv2onnx._inspect import inspect
from tv2onnx._output import require_room, store

# What is done anyway, or means nothing here.
_NOTED = ("dynamic_axes", "dynamic_shapes", "dynamo")
_IGNORED = ("do_constant_folding", "keep_initializers_as_inputs", "verbose", "optimize", "report",
            "artifacts_dir", "fallback", "profile", "dump_exported_program", "kwargs",
            "autograd_inlining", "operator_export_type", "external_data")


def _refuse(options: dict[str, Any]) -> None:
    """What cannot be honoured."""
    if options.pop("export_params", True) is False:
        raise ValueError("export_params=False: a file without weights cannot be written; leave it out")
    if options.pop("custom_opsets", None):
        raise ValueError("custom_opsets: files have standard operators only; leave it out")
    if options.pop("custom_translation_table", None):
        raise ValueError("custom_translation_table: the model is not traced; leave it out")
    if options.pop("export_modules_as_functions", False):
        raise ValueError("export_modules_as_functions: files have no functions; leave it out")
    if options.pop("keep_initializers_as_inputs", None):
        raise ValueError("keep_initializers_as_inputs=True: weights are no inputs; leave it out")
    training = options.pop("training", None)
    if training is not None and getattr(training, "name", str(training)) not in ("EVAL", "False"):
        raise ValueError(f"training={training}: the file is that of evaluation; leave it out")


def onnx_export(model: Any, args: Any = (), f: Any = None, *positional: Any,
                input_names: Any = None, output_names: Any = None,
                opset_version: int | None = None, verify: bool | str = "auto",
                overwrite: bool = True, **options: Any) -> bytes | None:
    """tv2onnx.export with torch.onnx.export's signature: change `torch.onnx.export(` to
    `tv2onnx.onnx_export(`.

    args is not needed: nothing is traced. Detectors give what torchvision gives (boxes, labels, scores
    and so on, `outputs="flat"`), under output_names; the input is what the module takes.
    dynamic_axes, dynamic_shapes and dynamo are accepted with a note: every axis is dynamic.
    What cannot be honoured (training=TRAIN, custom_opsets, export_params=False) raises ValueError.
    """
    if positional:
        raise TypeError("arguments behind f are given by their names, such as input_names=[...]")
    _refuse(options)
    noted = [name for name in _NOTED if options.pop(name, None)]
    if noted:
        print(f"tv2onnx: {', '.join(noted)} taken note of: every axis is dynamic", file=sys.stderr)
    for name in _IGNORED:
        options.pop(name, None)
    if inspect(model).task == "detection":
        options.setdefault("outputs", "flat")
    else:
        options.setdefault("preprocess", "none")
    require_room(f, overwrite)
    content: bytes = export(model, None, opset_version=opset_version, verify=verify, **options)
    if input_names or output_names:
        content = _core.with_names(content, list(input_names or []), list(output_names or []))
    if f is None:
        return content
    store(content, f, overwrite)
    return None
