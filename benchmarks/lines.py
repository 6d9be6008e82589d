"""What is told of each measurement, and whether it meets its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_COLUMNS: Final = ("measured", "bar", "met")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `met` is None where there is no bar."""

    name: str
    measured: str
    bar: str = ""
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        return self.name, self.measured, self.bar, {True: "yes", False: "**no**", None: ""}[self.met]


def table(of: str, lines: Sequence[Line]) -> str:
    """Markdown that reads well in a terminal, too."""
    head, rows = (of, *_COLUMNS), [line.cells for line in lines]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = tuple("-" * width for width in widths)
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (head, rule, *rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in padded)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The value that `percent` of the ordered ones do not exceed."""
    return ordered[int((len(ordered) - 1) * percent / 100)] if ordered else 0.0
