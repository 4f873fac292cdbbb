"""Progress of long calls: a line of text for who watches, or calls of a function."""
from __future__ import annotations

import contextlib
import re
import sys
import time
from typing import Any, Callable, Iterator, Optional, Union

Tell = Optional[Callable[[str, int, int], Any]]  # name, index and count of the step that begins
Progress = Union[bool, Callable[[str, int, int], Any], None]

_BAR = 24
_NAME = 40
_SHORT = 0.5  # seconds: what takes no longer shows no line


def _is_watched() -> bool:
    """A terminal, or a notebook, whose stream is none."""
    stream = sys.stderr
    return stream is not None and (type(stream).__module__.startswith("ipykernel.")
                                   or stream.isatty())


class _Line:
    """One line on stderr, written over and over."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._length = 0

    def __call__(self, name: str, index: int, count: int) -> None:
        if time.monotonic() - self._begin < _SHORT:
            return
        filled = _BAR * index // max(count, 1)
        shown = "".join(one if one.isprintable() else "?" for one in name[-_NAME:])
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {index + 1}/{count}  {shown}"
        self._write(text.ljust(self._length))
        self._length = len(text)

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text)
        sys.stderr.flush()

    def erase(self) -> None:
        if self._length:
            self._write(" " * self._length + "\r")


@contextlib.contextmanager
def told(progress: Progress) -> Iterator[Tell]:
    """What is to be called at each step, or None."""
    if progress is not None and not isinstance(progress, bool):
        if not callable(progress):
            raise TypeError(f"progress is a {type(progress).__name__}; give a function of (name, index, "
                            "count), None, True or False")
        yield progress
        return
    line = _Line() if progress or (progress is None and _is_watched()) else None
    try:
        yield line
    finally:
        if line:
            line.erase()


def of_log(tell: Tell) -> Callable[[str], None] | None:
    """A log for the scripts that record, whose lines are such as "[3/13] noise: 4 detections"."""
    if tell is None:
        return None
    begun = tell

    def say(line: str) -> None:
        step = re.match(r"\[(\d+)/(\d+)\] ([^:]*)", line)
        if step:
            begun(step[3], int(step[1]) - 1, int(step[2]))
    return say
