"""Whether the name on a payment account is the verified name: who pays or is paid for another may be a thief."""

import re
import unicodedata

_LEAST_WORDS = 2


def same_name(one: str, other: str) -> bool:
    """Whether two spellings may be one person's name.

    Case, accents, punctuation and the order of words don't matter, and middle names may be left out: each word of
    the shorter name, of which there are two at least, must be in the longer one.
    """
    words = sorted((_words(one), _words(other)), key=len)
    shorter, longer = words
    return bool(shorter) and (shorter == longer or (len(shorter) >= _LEAST_WORDS and shorter <= longer))


def _words(name: str) -> frozenset[str]:
    """`Nguyễn Văn-Đức` is {nguyen, van, duc}: letters that don't decompose are spelt as banks spell them."""
    plain = name.casefold().translate(_SPELT)
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    return frozenset(re.findall(r"\w+", bare.replace("'", "").replace("\u2019", "")))


_SPELT = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th"})
