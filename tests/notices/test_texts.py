"""Every text, in every language: whole, and with the facts in it."""

import ast
import re
import zoneinfo
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from iqx.notices.catalogue import KINDS, Kind
from iqx.notices.services import change_preferences
from iqx.notices.texts import text_of
from tests.notices.conftest import TRADE, client_of, tell

NOTICES = Path(settings.BASE_DIR, "iqx", "notices")
LANGUAGES = [code for code, _ in settings.LANGUAGES]
TRANSLATED = [code for code in LANGUAGES if code != "en"]
FACTS: dict[str, Any] = TRADE | {
    "buyer_amount": "25.000000", "address": "0xabc", "reason": "a reason", "kyc_status": "verified", "kyc_level": 1,
    "subject": "a subject", "what": "a new log-in", "trade": "t", "status": "sent", "url": "https://hooks.example",
    "duty": "withdrawal", "count": 3, "because": "Flagged, because of a test.", "subjects": [],
}  # fmt: skip
_MESSAGE = re.compile(r'{% translate "([^"]+)" %}|{% blocktranslate %}(.+?){% endblocktranslate %}')


def messages_of_templates() -> set[str]:
    found = set()
    for path in (NOTICES / "templates" / "notices").glob("*.txt"):
        for plain, block in _MESSAGE.findall(path.read_text()):
            found.add(plain or re.sub(r"{{ (\w+) }}", r"%(\1)s", block))
    return found


def read(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the source of a translation says, and what was compiled from it."""
    folder = NOTICES / "locale" / language / "LC_MESSAGES"
    pairs = re.findall(r'^msgid (".+")\nmsgstr (".+")$', (folder / "django.po").read_text(), re.MULTILINE)
    source = {ast.literal_eval(original): ast.literal_eval(translated) for original, translated in pairs}
    with (folder / "django.mo").open("rb") as compiled:
        catalogue = GNUTranslations(compiled)
    return source, {original: catalogue.gettext(original) for original in source}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_compiled(language: str) -> None:
    source, compiled = read(language)
    assert set(source) == messages_of_templates()
    assert compiled == source
    for original, translated in source.items():
        names = re.compile(r"%\(\w+\)s")
        assert set(names.findall(original)) == set(names.findall(translated)), original


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_notice_has_a_text(kind: Kind, language: str) -> None:
    for role in ("buyer", "seller"):
        facts = kind.facts(FACTS | {"role": role})
        text = text_of(kind.code, facts, language=language, zone=zoneinfo.ZoneInfo("UTC"))
        assert text.title
        assert text.body
        assert "\n" not in text.title
        assert "None" not in text.body


def test_every_template_has_a_kind() -> None:
    assert {path.stem for path in (NOTICES / "templates" / "notices").glob("*.txt")} == {kind.code for kind in KINDS}


def test_what_users_wrote_stays_in_its_line() -> None:
    facts = {"subject": "a\nBcc: all@iqx.example\n" + "x" * 500, "id": "1"}
    body = text_of("ticket_answered", facts, language="en", zone=zoneinfo.ZoneInfo("UTC")).body
    assert "\n" not in body
    assert len(body) < 250


@pytest.mark.django_db
def test_a_notice_is_read_in_ones_own_language_and_time(user: User) -> None:
    tell(user, "trade_opened", role="buyer")
    change_preferences(user_id=user.pk, language="vi", time_zone="Asia/Ho_Chi_Minh")
    (shown,) = client_of(user).get("/api/v1/notifications").json()["results"]
    assert shown["title"] == "Giao dịch IQX-HRTN2ZVPNF đã mở"
    assert "20:05 +07" in shown["body"]
    change_preferences(user_id=user.pk, language="fr", time_zone="Europe/Paris")
    (shown,) = client_of(user).get("/api/v1/notifications").json()["results"]
    assert shown["body"].startswith("Payez 92,75 EUR à Alice pour 100,00 USDT avant le 24/11/2026 14:05 CET")
