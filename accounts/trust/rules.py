"""The rules against scams, as data: what each stops, what it says when it does, and what staff may tune.

A rule is looked up here wherever it is applied; what staff changed is in `accounts.Rule`, with its history. A rule that
is off, or whose numbers are zero, does nothing. `because` is what people are told, so that no hold or flag is a riddle.

Some rules hold or pause at once, where they are applied. The others, which have a `severity`, raise flags for staff:
the worker evaluates them in rounds (`trades.scams`), so that they cost no order, trade or withdrawal a statement.
"""

from dataclasses import dataclass
from typing import Any, Final

from accounts.models import Flag, Rule
from accounts.trust.parameters import Parameter, amount, hours_by_risk, ladder, whole

Severity = Flag.Severity


@dataclass(frozen=True, slots=True)
class Spec:
    """A rule as it is built in."""

    code: str
    title: str
    stops: str
    because: str
    parameters: dict[str, Parameter]
    severity: Severity | None = None  # of the flags that it raises, if it raises any

    def explain(self, **facts: object) -> str:
        return self.because.format(**facts)


_DAY: Final = 24

NET_PURCHASES = Spec(
    "net_purchase_hold",
    "Hold on what was bought",
    "Chargebacks and triangulation: USDT bought with money that is called back later are gone before it is.",
    "Held, because {amount} USDT were bought by {risk}-risk payments in the last {hours} hours, beyond what was sold.",
    {
        "hours": hours_by_risk(
            {"low": _DAY, "medium": _DAY, "high": 3 * _DAY},
            {"low": 0, "medium": 0, "high": 0},
            "How long a purchase is held, by the risk class of its payment method.",
        )
    },
)
NEW_ADDRESS = Spec(
    "new_address_hold",
    "Hold on new withdrawal addresses",
    "Account takeover: who breaks in withdraws to an address that the owner never used.",
    "Held, because this address is not in your address book for {hours} hours yet.",
    {"hours": whole(_DAY, 0, "How long an address has to be in the address book.", most=720)},
)
SERIAL_CANCELLER = Spec(
    "serial_canceller",
    "Pauses for serial cancellers",
    "Throw-away makers and takers who tie up other people's USDT and don't pay.",
    "Paused, because {failures} trades failed by you within 24 hours.",
    {
        "ladder": ladder(
            [[3, 3600], [5, 86_400], [8, 604_800]],
            [[100, 60], [200, 300]],
            "Rungs [failed trades within 24 hours, seconds of pause].",
        )
    },
)

RAPID_IN_OUT = Spec(
    "rapid_in_out",
    "In and out at once",
    "Triangulation and mule accounts: USDT that victims paid for pass through an account and are gone.",
    "Flagged, because {went} USDT were withdrawn within {minutes} minutes of {came} USDT coming in.",
    {
        "minutes": whole(60, 60, "How soon after it came in the USDT leave.", most=1440),
        "percent": whole(90, 90, "How much of what came in leaves again.", least=1, most=100),
        "least": amount("1000.000000", "10000.000000", "What has to come in, deposited or bought."),
    },
    Severity.MEDIUM,
)
FRESH_SELLER = Spec(
    "fresh_seller",
    "A fresh account sells much",
    "Throw-away accounts: stolen USDT are sold, or victims' payments collected, before anybody complains.",
    "Flagged, because this account, {hours} hours old, sold {sold} USDT within 24 hours.",
    {
        "days": whole(7, 1, "How old an account is no longer fresh.", most=365),
        "least": amount("5000.000000", "50000.000000", "USDT sold within 24 hours."),
    },
    Severity.MEDIUM,
)
NAME_MISMATCH = Spec(
    "account_name_mismatch",
    "Payments to another name",
    "Third-party accounts: the buyer pays somebody else, who knows nothing of the trade or is a mule.",
    "Flagged, because the payment account of trade {reference} is not in the verified name of the seller.",
    {},
    Severity.HIGH,
)
RECEIPT_REUSE = Spec(
    "receipt_reuse",
    "One receipt for several trades",
    "Forged receipts: one payment, or none, is shown to several sellers.",
    "Flagged, because a receipt in this trade was sent in trade {reference} before.",
    {},
    Severity.HIGH,
)
CONTACTS_IN_CHAT = Spec(
    "contacts_in_chat",
    "Leading people elsewhere",
    "Fake support and deals outside of the escrow: victims are led to a messenger or a page that looks like this one.",
    "Flagged, because of links or contact details in the chats of {trades} trades within 24 hours.",
    {"trades": whole(3, 3, "In the chats of how many trades within 24 hours; 0: never.", most=1000)},
    Severity.MEDIUM,
)

RULES: Final[dict[str, Spec]] = {
    spec.code: spec
    for spec in (
        NET_PURCHASES,
        NEW_ADDRESS,
        SERIAL_CANCELLER,
        RAPID_IN_OUT,
        FRESH_SELLER,
        NAME_MISMATCH,
        RECEIPT_REUSE,
        CONTACTS_IN_CHAT,
    )
}


def parameters_of(spec: Spec, row: Rule | None) -> dict[str, Any]:
    """The numbers of a rule as staff left them."""
    changed = row.parameters if row else {}
    return {name: changed.get(name, parameter.default) for name, parameter in spec.parameters.items()}


def rule_in_force(spec: Spec) -> dict[str, Any] | None:
    """The numbers of a rule, None if it is off: one query."""
    return rules_in_force([spec]).get(spec.code)


def rules_in_force(specs: list[Spec]) -> dict[str, dict[str, Any]]:
    """The numbers of those of the rules that are on, by code: one query."""
    rows = Rule.objects.in_bulk([spec.code for spec in specs])
    return {
        spec.code: parameters_of(spec, rows.get(spec.code))
        for spec in specs
        if spec.code not in rows or rows[spec.code].enabled
    }
