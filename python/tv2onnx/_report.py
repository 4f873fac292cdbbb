"""Reports: attributes, text, tables in notebooks."""
from __future__ import annotations

import html
import json
from typing import Any, TypeVar

Self = TypeVar("Self", bound="Report")


class Report:
    """What a call found out. Attributes are the keys of to_dict()."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    @classmethod
    def from_json(cls: type[Self], text: str) -> Self:
        return cls(json.loads(text))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no '{name}'; it has: "
                                 f"{', '.join(self.__dict__.get('_values', {}))}") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, those that the program prints with --json."""
        return dict(self._values)

    def _rows(self) -> list[tuple[str, str]]:
        """What the text and the table show."""
        return [(name, _text(value)) for name, value in self._values.items()
                if value not in ("", [], {}, None)]

    def __str__(self) -> str:
        rows = self._rows()
        width = max((len(name) for name, _ in rows), default=0)
        return "\n".join(f"{name:<{width}}  {line}" if k == 0 else f"{'':<{width}}  {line}"
                         for name, text in rows for k, line in enumerate(text.split("\n")))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}\n{self}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th style='text-align:left;vertical-align:top'>{html.escape(name)}</th>"
                       f"<td style='text-align:left'>{html.escape(text).replace(chr(10), '<br>')}"
                       "</td></tr>" for name, text in self._rows())
        return f"<table>{rows}</table>"


def _text(value: Any) -> str:
    if isinstance(value, list):
        shown = [_text(one) for one in value[:20]]
        return "\n".join([*shown, f"and {len(value) - 20} more"] if len(value) > 20 else shown)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_line(one)}" for key, one in value.items())
    return str(value)


def _line(value: Any) -> str:
    return str(value) if isinstance(value, list) else _text(value)
