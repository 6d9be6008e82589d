"""Pages in the reader's language: what is translated is translated whole."""

import re

import pytest
from django.conf import settings
from django.test import Client

from orders.models import Market
from tests.web.browsing import text_of

LOCALES = settings.BASE_DIR / "iqx" / "web" / "locale"


@pytest.mark.parametrize("language", ["fr", "vi"])
def test_nothing_is_left_untranslated_and_every_placeholder_is_kept(language: str) -> None:
    source = (LOCALES / language / "LC_MESSAGES" / "django.po").read_text()
    entries = source.split("\n\n")[1:]
    assert len(entries) > 300
    for entry in entries:
        assert "fuzzy" not in entry
        asked, answers = re.split(r"\nmsgstr", entry, maxsplit=1)
        assert '""' not in answers, entry
        wanted = set(re.findall(r"%\(\w+\)s", asked))
        assert set(re.findall(r"%\(\w+\)s", answers)) == wanted, entry


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Achetez et vendez des USDT"), ("vi", "Mua bán USDT"), ("de", "Buy and sell USDT")]
)
def test_a_reader_is_met_in_his_language_and_can_choose_another(language: str, said: str, market: Market) -> None:
    browser = Client(headers={"accept-language": language})
    assert said in text_of(browser.get("/"))
    browser.post("/language", {"language": "fr", "next": "/"})
    assert "Achetez et vendez" in text_of(browser.get("/"))
