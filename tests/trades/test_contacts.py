"""What a chat is warned of, and what it must not be: references, amounts and account numbers are its business."""

import pytest

from trades.contacts import flags_of


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("See https://iqx-support.example/login", ["link"]),
        ("go to www.pay-safe.de now", ["link"]),
        ("verify at iqx-help.com/verify", ["link"]),
        ("verify at iqx-help [dot] com", ["link"]),
        ("verify at iqx-help dot com please", ["link"]),
        ("v\u200berify at iqx\u200b-help.co\u200bm", ["link"]),
        ("\uff48ttps://x.example", ["link"]),
        ("write to bob@mail.example", ["contact"]),
        ("write to bob [at] mail [dot] example", ["contact"]),
        ("I am @bob_trader", ["contact"]),
        ("t.me/bob", ["link", "contact"]),
        ("Let's go on in WhatsApp", ["contact"]),
        ("add me on tele-gram", ["contact"]),
        ("call +49 30 901820", ["contact"]),
        ("call 0049 30 901820", ["contact"]),
        ("call 0170 1234567", ["contact"]),
        ("+84 90 123 45 67", ["contact"]),
        ("I have paid 100.00 EUR, reference 7F3A99C1", []),
        ("IBAN DE89 3704 0044 0532 0130 00, BIC COBADEFFXXX", []),
        ("Account 0123456789012345, sort code 20-00-00", []),
        ("Sent at 10:45, 12.03.2026. Thank you. me too", []),
        ("Amount is 1,000.50.Please check", []),
        ("Is Signal Bank your bank?", []),
        ("", []),
    ],
)
def test_what_leads_out_of_the_chat(text: str, flags: list[str]) -> None:
    assert flags_of(text) == flags
