"""Where a file goes."""
from __future__ import annotations

import io
import os
from typing import Any

from tv2onnx import _core
from tv2onnx._errors import OutputExistsError


def require_room(f: Any, overwrite: bool) -> str:
    """The path, or "" for what is none. Raises what store() would, before anything is done."""
    if f is None or hasattr(f, "write"):
        if isinstance(f, io.TextIOBase):
            raise TypeError("f is a text file; open it with 'wb'")
        return ""
    if not isinstance(f, (str, os.PathLike)):
        raise TypeError(f"f is a {type(f).__name__}; give a path, a file opened with 'wb', or None")
    path: str = os.fspath(f)
    if os.path.isdir(path):
        raise IsADirectoryError(21, "this is a folder; give the name of the file to write", path)
    if os.path.exists(path) and not overwrite:
        raise OutputExistsError(f"{path} exists; overwrite=True replaces it", code="O004",
                                where={"file": path}, hint="overwrite=True")
    return path


def store(content: bytes, f: Any, overwrite: bool) -> None:
    """Writes to a path, whole or not at all, or to an open file."""
    if hasattr(f, "write"):
        at = 0
        while at < len(content):  # unbuffered files may take a part
            written = f.write(content[at:])
            if written == 0:
                raise OSError(f"write() took {at} of the {len(content)} bytes of the model")
            at += written if isinstance(written, int) else len(content)
    else:
        _core.write_file(content, os.fspath(f), overwrite)
