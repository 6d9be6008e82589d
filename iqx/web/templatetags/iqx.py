"""The tags and filters of pages: `{% load iqx %}`. Every number goes through one of these filters."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from iqx.core import clock, numbers
from iqx.core.money import plain
from iqx.web import assets
from iqx.web.icons import ICONS

register = template.Library()

Number = Decimal | str | int | None

NOTHING: Final = "\u2013"
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
MINUS: Final = "\u2212"


@register.filter
def usdt(value: Number) -> str:
    return NOTHING if value in {None, ""} else numbers.usdt(value)


@register.filter
def fiat(value: Number, currency: str) -> str:
    return NOTHING if value in {None, ""} else numbers.fiat(value, currency)


@register.filter
def rounded_fiat(value: Number, currency: str) -> str:
    """For bounds, that nobody owes: rounded to the currency's smallest coin."""
    return NOTHING if value in {None, ""} else numbers.rounded_fiat(value, currency)


@register.filter
def price(value: Number, tick: Decimal | str = "1") -> str:
    return NOTHING if value in {None, ""} else numbers.price(value, tick)


@register.filter
def percent(value: Number, places: int = 1) -> str:
    return NOTHING if value in {None, ""} else numbers.percent(value, places)


@register.filter
def rate(value: Number) -> str:
    return NOTHING if value in {None, ""} else numbers.rate(value)


@register.filter
def premium(basis_points: int) -> str:
    """How a floating price stands to its reference: `+1.25%`."""
    share = Decimal(abs(basis_points)) / 10_000
    return f"{MINUS if basis_points < 0 else '+'}{numbers.rate(share)}"


@register.filter
def compact(value: Number) -> str:
    return NOTHING if value in {None, ""} else numbers.compact(value)


@register.filter
def lookup(names: dict[str, str], code: str) -> str:
    return names.get(code, code)


@register.filter
def signed(value: Decimal | None) -> str:
    """A change of USDT, with its sign; nothing where there is none."""
    if not value:
        return NOTHING
    return f"{'+' if value > 0 else MINUS}{numbers.usdt(abs(value))}"


@register.filter
def decimal(value: Number, places: int = 1) -> str:
    """A statistic, rounded."""
    return NOTHING if value in {None, ""} else numbers.rounded(value, places)


@register.filter
def machine(value: Decimal) -> str:
    """A number for an attribute, as machines read it in every language."""
    return plain(value)


@register.filter
def device(user_agent: str) -> str:
    """Browser and system in two words, for one who looks which of his devices that was."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system))) or user_agent[:60] or _("Unknown device")


@register.filter
def same(one: object, other: object) -> bool:
    return one == other


@register.filter
def whole(value: int | None) -> str:
    return NOTHING if value is None else numbers.write(value, 0)


@register.filter
def span(seconds: int | None) -> str:
    return NOTHING if seconds is None else numbers.span(seconds)


@register.filter
def typed(value: Decimal | str | None) -> str:
    return "" if value in {None, ""} else numbers.typed(value)


@register.filter
def moment(value: datetime | str | None) -> SafeString | str:
    """A time, short, in the reader's zone; today only the hour."""
    if value is None:
        return NOTHING
    at = timezone.localtime(_datetime(value))
    today = timezone.localtime(clock.now()).date() == at.date()
    text = formats.date_format(at, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")
    full = f"{formats.date_format(at, 'DATETIME_FORMAT')} {at.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), full, text)


@register.filter
def fully(value: datetime | None) -> SafeString | str:
    """A time with its date and zone, for paper."""
    if value is None:
        return NOTHING
    at = timezone.localtime(value)
    text = f"{formats.date_format(at, 'DATETIME_FORMAT')} {at.tzname()}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)


@register.filter
def day(value: datetime | str | None) -> SafeString | str:
    if value is None:
        return NOTHING
    at = timezone.localtime(_datetime(value))
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.date_format(at, "DATE_FORMAT"))


@register.simple_tag
def countdown(until: datetime | None) -> SafeString:
    """What is left until then; countdown.js lets it run. Without scripts the time itself stands there."""
    if until is None:
        return mark_safe("")
    left = max(0, int((until - clock.now()).total_seconds()))
    minutes, seconds = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    at = formats.date_format(timezone.localtime(until), "TIME_FORMAT")
    return format_html(
        '<time class="countdown num" role="timer" datetime="{}" data-left="{}" title="{}">{}</time>',
        until.isoformat(), left, at, text,
    )  # fmt: skip


@register.simple_tag
def asset(path: str) -> str:
    return assets.asset(path)


@register.simple_tag
def htmx_address() -> str:
    return assets.asset(assets.HTMX)


@register.simple_tag
def import_map() -> SafeString:
    return mark_safe(assets.import_map().replace("<", "\\u003c"))  # noqa: S308 our own addresses, as JSON


@register.simple_tag
def data_block(value: Any, element_id: str) -> SafeString:  # noqa: ANN401 whatever JSON knows
    """Data for scripts; a browser runs none of it."""
    return json_script(value, element_id)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One of our icons; without a label it is ornament, and screen readers pass it by."""
    told = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon" viewBox="0 0 24 24" {}>{}</svg>', told, mark_safe(ICONS[name]))  # noqa: S308


@register.simple_tag(takes_context=True)
def part(context: Context, name: str, on: str = "", every: int = 1, tag: str = "div", **attributes: str) -> SafeString:
    """A part of the page, which live.js has rendered anew, at most each `every` seconds, when `on` has news.

    `on` names streams and, after a colon, types of events: `user:trade_paid,trade_released market`.
    """
    page = context["page"]
    known = cast("dict[str, Any]", context.flatten())
    content = render_to_string(page.parts[name], known, request=context.get("request"))
    more = mark_safe(  # noqa: S308 escaped one by one
        "".join(format_html(' {}="{}"', key.replace("_", "-"), value) for key, value in attributes.items())
    )
    return format_html(
        '<{} id="part-{}" data-part="{}" data-on="{}" data-every="{}"{}>{}</{}>',
        tag, name, name, on, every, more, mark_safe(content), tag,  # noqa: S308 rendered by a template
    )  # fmt: skip


@register.inclusion_tag("web/field.html")
def field(bound: BoundField, hint: str = "", unit: str = "", **attributes: str) -> dict[str, Any]:
    """A field of a form with its label, hint and errors, tied together for screen readers."""
    described = [f"{bound.auto_id}-hint"] if hint or bound.help_text else []
    described += [f"{bound.auto_id}-errors"] if bound.errors else []
    attrs: dict[str, Any] = {name.replace("_", "-"): value for name, value in attributes.items()}
    attrs |= {"aria-describedby": " ".join(described)} if described else {}
    attrs |= {"aria-invalid": "true"} if bound.errors else {}
    return {"field": bound, "widget": bound.as_widget(attrs=attrs), "hint": hint or bound.help_text, "unit": unit}


@register.filter
def status_text(status: str) -> str:
    """What an order or a trade is, in a word or two."""
    return {
        "pending": _("Being placed"), "open": _("Open"),
        "paused": _("Paused"), "filled": _("Filled"), "cancelled": _("Cancelled"),
        "expired": _("Time is up"), "awaiting_payment": _("Waiting for payment"), "paid": _("Paid"),
        "disputed": _("In dispute"), "released": _("Completed"), "refunded": _("Refunded"), "split": _("Shared"),
    }.get(status, status)  # fmt: skip


@register.filter
def status_tone(status: str) -> str:
    """The badge's colour."""
    return {
        "open": "info", "awaiting_payment": "wait", "paid": "wait", "disputed": "bad", "released": "good",
        "filled": "good", "expired": "bad",
    }.get(status, "plain")  # fmt: skip


@register.filter
def risk_text(risk: str) -> str:
    return {"low": _("low risk"), "medium": _("medium risk"), "high": _("high risk")}.get(risk, risk)


def _datetime(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
