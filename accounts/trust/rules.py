"""The rules against scams, as data: what each stops, what it says when it does, and what staff may tune.

A rule is looked up here wherever it is applied; what staff changed is in `accounts.Rule`, with its history. A rule that
is off, or whose numbers are zero, does nothing. `because` is what people are told, so that no hold or flag is a riddle.
"""

from dataclasses import dataclass
from typing import Any, Final

from accounts.models import Rule
from accounts.trust.parameters import Parameter, hours_by_risk, ladder, whole


@dataclass(frozen=True, slots=True)
class Spec:
    """A rule as it is built in."""

    code: str
    title: str
    stops: str
    because: str
    parameters: dict[str, Parameter]

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

RULES: Final[dict[str, Spec]] = {spec.code: spec for spec in (NET_PURCHASES, NEW_ADDRESS, SERIAL_CANCELLER)}


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
