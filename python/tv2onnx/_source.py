"""What can be given to export() and inspect()."""
from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import tempfile
from typing import Any, Iterator, Union

Path = Union[str, "os.PathLike[str]"]


def is_module(source: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(source, torch.nn.Module)


def imported_torchvision() -> str:
    """The release in which live modules run, "0.14"; "" if there is none."""
    version = str(getattr(sys.modules.get("torchvision"), "__version__", ""))
    found = re.match(r"\d+\.\d+", version)
    return found.group() if found else ""


def require_file(path: Path) -> str:
    """The path as text. Raises FileNotFoundError, IsADirectoryError, PermissionError."""
    text = os.fspath(path)
    if stat.S_ISDIR(os.stat(text).st_mode):
        raise IsADirectoryError(21, "this is a folder; give the checkpoint's file", text)
    return text


@contextlib.contextmanager
def as_path(model: Any) -> Iterator[str]:
    """The path of a file, or of a temporary one with its bytes."""
    if not isinstance(model, bytes):
        yield os.fspath(model)
        return
    with tempfile.TemporaryDirectory(prefix="tv2onnx-") as folder:
        path = os.path.join(folder, "model.onnx")
        with open(path, "wb") as file:
            file.write(model)
        yield path


def _refuse(source: Any) -> None:
    """TypeErrors that say what to give instead."""
    kind = type(source)
    if isinstance(source, type):
        raise TypeError(f"this is the class {source.__name__}; give an instance of it: "
                        f"{source.__name__}(...), with its weights loaded")
    if kind.__module__.split(".")[0] in ("tensorflow", "keras", "jax", "flax", "mxnet"):
        raise TypeError(f"{kind.__module__}.{kind.__name__} is no PyTorch module; models of "
                        "torchvision are exported here. For TensorFlow there is tf2onnx")
    if kind.__module__.startswith("torch.jit"):
        raise TypeError("this is a TorchScript module, which has no Python code; give the module that "
                        "was scripted, or its state_dict()")
    if callable(source):
        raise TypeError(f"{getattr(source, '__qualname__', source)!r} is a function; call it and give "
                        "the model that it returns")


def open_source(source: Any, prefix: str = "") -> Any:
    """A Checkpoint of a path, a module, a dict of tensors or a file's bytes."""
    from tv2onnx import _core
    if isinstance(source, (str, os.PathLike)):
        return _core.open_path(require_file(source), prefix)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _core.open_bytes(bytes(source), "<bytes>", prefix)
    if hasattr(source, "read"):
        return _core.open_bytes(source.read(), getattr(source, "name", "<file>") or "<file>", prefix)
    kind = type(source).__module__
    if isinstance(source, dict) and "torch" not in sys.modules:
        raise TypeError("a dict of weights has tensors of torch, which is not imported; give them, or "
                        "the path of a checkpoint, which needs no torch")
    if not kind.startswith("torch.jit") and (is_module(source) or isinstance(source, dict)):
        from tv2onnx._live import open_live
        return open_live(source, prefix)
    _refuse(source)
    raise TypeError(f"a {type(source).__name__} is no model; give a torch.nn.Module, a state dict, or "
                    "the path of a checkpoint")
