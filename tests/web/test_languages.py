"""Pages in the reader's language: what is translated is translated whole."""

import gettext
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.payments.fields import KINDS, DetailInvalid, clean_details
from iqx.core.errors import Invalid
from iqx.web.details import DETAILS
from iqx.web.says import told
from orders.models import Market
from tests.factories.accounts import make_user
from tests.web.browsing import browser_of, text_of

LOCALES = settings.BASE_DIR / "iqx" / "web" / "locale"
TEMPLATES = settings.BASE_DIR / "templates"
PAGES = ("/wallet", "/account", "/account/security", "/account/notices", "/notices", "/support/new", "/help/scams")
_TEXT = re.compile(r'{% translate "([^"]+)"')


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


@pytest.mark.parametrize("language", ["fr", "vi"])
def test_every_text_of_the_templates_is_there_and_compiled(language: str) -> None:
    folder = LOCALES / language / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    known = {(key[0] if isinstance(key, tuple) else key).split("\x04")[-1] for key in catalogue}
    texts = {text for path in TEMPLATES.rglob("*.html") for text in _TEXT.findall(path.read_text())}
    assert not sorted(texts - known)
    source = re.findall(r'^msgid "(.+)"$', (folder / "django.po").read_text(), re.MULTILINE)
    assert {text.replace('\\"', '"') for text in source} <= known


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "wallet"), [("fr", "Portefeuille"), ("vi", "Ví")])
def test_the_accounts_pages_are_read_in_the_readers_language(language: str, wallet: str) -> None:
    browser = browser_of(make_user())
    for page in PAGES:
        answer = browser.get(page, headers={"accept-language": language})
        assert (answer.status_code, wallet in text_of(answer)) == (200, True), page


def refusals() -> Iterator[str]:
    """What the fields of payment accounts say to inputs that suit none of them."""
    for kind in KINDS:
        for wrong in ("", "!", "+1", "+447911123456", "x@"):
            try:
                clean_details([{"name": "x", "kind": kind, "required": True}], {"x": wrong})
            except DetailInvalid as error:
                yield str(error)


def test_what_a_form_refuses_is_said_in_every_language() -> None:
    said = set(refusals())
    assert len(said) > 15
    assert said <= set(DETAILS)
    for language in ("fr", "vi"):
        with translation.override(language):
            assert [text for text in DETAILS if told(Invalid(text, field="x")) == text] == []


def test_details_are_those_that_are_raised() -> None:
    """Word for word, but for numbers and countries that the code fills in."""
    files = [path for path in settings.BASE_DIR.glob("[a-z]*/**/*.py") if "tests" not in path.parts]
    code = "".join(path.read_text() for path in files if path.name != "details.py")
    filled = r"200|40\b|[A-Z]{2}\.$|\d+ to \d+|\b(8|10) digits"
    assert [text for text in DETAILS if f'"{text}"' not in code and not re.search(filled, text)] == []
