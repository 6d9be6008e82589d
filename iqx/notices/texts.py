"""What a notice says: a title and a body, in the reader's language and time zone, from a template."""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template
from django.utils import translation
from django.utils.formats import date_format

from iqx.core import numbers

_AMOUNTS: Final = frozenset({"amount", "buyer_amount"})
_FIAT: Final = frozenset({"total"})
_TIMES: Final = frozenset({"deadline"})
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    body: str


def text_of(kind: str, facts: dict[str, Any], *, language: str, zone: zoneinfo.ZoneInfo) -> Text:
    """The text of a notice; the first line of its template is the title."""
    template: Template = get_template(f"notices/{kind}.txt").template  # type: ignore[attr-defined]
    with translation.override(language):
        shown = {name: _shown(name, value, zone) for name, value in facts.items()}
        written = template.render(Context({"url": settings.PUBLIC_URL} | shown, autoescape=False))
    title, _, body = written.strip().partition("\n")
    return Text(_one_line(title), body.strip())


def _shown(name: str, value: object, zone: zoneinfo.ZoneInfo) -> object:
    """A fact as people read it. What users wrote themselves stays on one line and short."""
    if not isinstance(value, str):
        return value
    if name in _AMOUNTS:
        return numbers.usdt(value)
    if name in _FIAT:
        return numbers.write(value, len(value.partition(".")[2]))
    if name in _TIMES:
        moment = datetime.fromisoformat(value).astimezone(zone)
        return f"{date_format(moment, 'SHORT_DATE_FORMAT')} {moment:%H:%M} {moment.tzname()}"
    return _one_line(value)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
