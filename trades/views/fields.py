"""Fields of what merchants set: per cents as people write them, and a time in the reader's zone."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from iqx.core import numbers
from iqx.web.fields import ExactField

_WHOLE: Final = 100
_MINUS: Final = ("-", "\u2212")
_LOCAL: Final = "%Y-%m-%dT%H:%M"


class PremiumField(ExactField):
    """Per cent above the reference, below it if negative; inside, basis points."""

    places = 2

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "text"}  # keyboards for numbers have no minus

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401 as Django has it
        return numbers.typed(Decimal(value) / _WHOLE) if isinstance(value, int) else value

    def to_python(self, value: object) -> int | None:  # type: ignore[override]
        text = str(value or "").strip().removesuffix("%").strip()
        if not text:
            return None
        sign = -1 if text.startswith(_MINUS) else 1
        percent = ExactField(allow_zero=True, required=False)
        percent.places = self.places
        points = sign * int((percent.to_python(text.lstrip("+-\u2212")) or 0) * _WHOLE)
        if not -5_000 <= points <= 10_000:
            raise ValidationError(_("From -50 to 100 per cent."), code="range")
        return points


class ShareField(ExactField):
    """Per cent of all; inside, a share of one."""

    places = 2

    def to_python(self, value: object) -> Decimal | None:
        percent = super().to_python(str(value or "").strip().removesuffix("%").strip())
        if percent is None:
            return None
        if percent > _WHOLE:
            raise ValidationError(_("At most 100 per cent."), code="range")
        return percent / _WHOLE


class UntilField(forms.DateTimeField):
    """A time, as the browser's own calendar gives it: in the reader's zone."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)
        super().__init__(widget=widget, input_formats=[_LOCAL], **options)
