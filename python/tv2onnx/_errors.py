"""The exceptions of the package."""
from __future__ import annotations

import re
from typing import Any


class Error(Exception):
    """What was found, where, what was expected, and what to do next.

    code: "W003"; `tv2onnx explain W003` explains it
    where: {"file": ..., "item": ...}: file, and tensor, node, module or option; may be empty
    hint: what to do next; "" if nothing is likely right
    """

    def __init__(self, message: str, code: str = "", where: dict[str, str] | None = None,
                 hint: str = "", found: str = "", details: list[str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.where = where or {}
        self.hint = hint
        self.found = found or message
        self.details = details or []

    def __str__(self) -> str:
        return str(self.args[0])


class UsageError(Error, ValueError):
    """An option or a value that cannot be."""


class InputError(Error, ValueError):
    """A checkpoint, model or file that cannot be taken."""


class EnvironmentProblem(Error, RuntimeError):
    """Something is missing on this machine, such as ONNX Runtime."""


class OutputExistsError(Error, FileExistsError):
    """The file is there already."""


class OutputError(Error, OSError):
    """A file that cannot be written."""


class CancelledError(Error):
    """The call was ended early."""


class NotEqualError(Error, ValueError):
    """The file does not answer as the module does; nothing was written. `report` has the differences."""

    def __init__(self, message: str, report: Any = None, **parts: Any) -> None:
        super().__init__(message, **parts)
        self.report = report


class NotVerifiedWarning(UserWarning):
    """The file was written, but not compared with the module."""


_CLASSES: dict[str, type[Error]] = {"O004": OutputExistsError, "O003": OutputError,
                                    "X003": CancelledError}
_BY_LETTER: dict[str, type[Error]] = {"U": UsageError, "R": EnvironmentProblem}
_ENVIRONMENT = ("V003",)


def _message(fields: dict[str, Any]) -> str:
    """The library's message, with the hint in the words of Python."""
    text: str = fields["message"]
    hint: str = fields["hint"]
    return text.replace(hint, in_python(hint)) if hint else text


_VALUED = "prefix|arch|runtime|class-names|weights|torchvision|input|outputs|masks|preprocess|opset"


def _with_value(option: "re.Match[str]") -> str:
    return f"{_key(option[1])}={option[2]!r}"


def _as_true(option: "re.Match[str]") -> str:
    return f"{_key(option[1])}=True"


def _as_name(option: "re.Match[str]") -> str:
    return _key(option[1])


def in_python(text: str) -> str:
    """Options of the command line as keywords: "--prefix ema" becomes "prefix='ema'". Commands of the
    program stay what they are."""
    clauses = []
    for clause in text.split(";"):
        if "tv2onnx " not in clause:
            clause = re.sub(rf"--({_VALUED}) (?!out\b)'?([\w./-]+)'?", _with_value, clause)
            clause = re.sub(r"--(assume-torchvision|bgr)", _as_true, clause)
            clause = re.sub(r"--([a-z][a-z-]*)", _as_name, clause)
        clauses.append(clause)
    return ";".join(clauses)


def _key(option: str) -> str:
    return option.replace("-", "_")


def error_of(fields: dict[str, Any]) -> Error:
    """The exception of an error of the library."""
    code: str = fields["code"]
    kind: type[Error] = _CLASSES.get(code) or _BY_LETTER.get(code[:1]) or InputError
    if code in _ENVIRONMENT:
        kind = EnvironmentProblem
    where = {key: fields[key] for key in ("file", "item") if fields[key]}
    return kind(_message(fields), code=code, where=where, hint=in_python(fields["hint"]),
                found=fields["found"], details=list(fields["details"]))
