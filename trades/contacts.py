"""Finding what leads out of a chat: links, and ways to be reached elsewhere. Scams begin with a change of place."""

import re
import unicodedata
from typing import Final

import phonenumbers

from trades.models import Message

Flag = Message.Flag

_DOT = re.compile(r"\s*[\[({]\s*(?:dot|punkt|\.)\s*[\])}]\s*|\s+dot\s+", re.IGNORECASE)
_AT = re.compile(r"\s*[\[({]\s*(?:at|@)\s*[\])}]\s*", re.IGNORECASE)
_ENDINGS: Final = (
    "com|net|org|info|io|me|app|xyz|top|site|online|shop|link|click|ru|cn|co|biz|live|pro|vip|cc|ly|gg|ee|to"
)
_LINK = re.compile(rf"https?:|\bwww\.|\b[a-z0-9-]+\.(?:{_ENDINGS})(?:/|\b(?!\.?\w))", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@./])@[a-z][a-z0-9_]{3,31}\b", re.IGNORECASE)
_MESSENGER = re.compile(
    r"\b(?:t\.me|wa\.me|tele\W?gr\w?am|whats\W?app|we\W?chat|viber|zalo|discord|skype|signal app|imo app|line id)\b",
    re.IGNORECASE,
)
_LOCAL_PHONE = re.compile(r"(?<![\w.,+-])(?<!\d )0\d(?:[ ./-]?\d){7,9}(?![\w.,-]?\d)")
_LEFT_OUT = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def flags_of(text: str) -> list[str]:
    """What a reader of `text` is warned of.

    Account numbers and payment references are what a chat is for: a number counts as a telephone's only if it is
    written as one.
    """
    plain = _LEFT_OUT.sub("", unicodedata.normalize("NFKC", text))
    plain = _AT.sub("@", _DOT.sub(".", plain))
    without_email = _EMAIL.sub(" ", plain)
    flags = []
    if _LINK.search(without_email):
        flags.append(Flag.LINK.value)
    if without_email != plain or _HANDLE.search(plain) or _MESSENGER.search(plain) or _has_phone(plain):
        flags.append(Flag.CONTACT.value)
    return flags


def _has_phone(text: str) -> bool:
    if _LOCAL_PHONE.search(text):
        return True
    international = re.sub(r"(?<![\w+])(?<!\d )00(?=[1-9])", "+", text)
    return "+" in international and phonenumbers.PhoneNumberMatcher(international, None).has_next()
