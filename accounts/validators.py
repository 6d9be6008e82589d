"""What an e-mail address, a name and a password must look like. Each returns the value to keep."""

import re
import unicodedata

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User, normalise_email
from iqx.core.errors import Invalid

DISPLAY_NAME_MAX = 40
MAIL_WORD_MAX = 40

# Letters, marks and symbols that show nothing, though Unicode counts them as printable.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def clean_email(value: str) -> str:
    if not value.isascii():
        raise ValidationError("Only ASCII addresses can be used.", code="invalid")
    return normalise_email(value)


def clean_display_name(value: str) -> str:
    """Refuses what can't be seen: control, zero-width and direction characters make look-alikes of other names."""
    name = unicodedata.normalize("NFKC", value).strip()
    if not 1 <= len(name) <= DISPLAY_NAME_MAX:
        raise ValidationError(f"Use 1 to {DISPLAY_NAME_MAX} characters.", code="invalid")
    if not name.isprintable() or _INVISIBLE.search(name):
        raise ValidationError("Use visible characters only.", code="invalid")
    return name


def clean_mail_word(value: str) -> str:
    """One line that can be seen, or nothing."""
    word = " ".join(unicodedata.normalize("NFKC", value).split())
    if len(word) > MAIL_WORD_MAX or not word.isprintable() or _INVISIBLE.search(word):
        raise ValidationError("Use visible characters only.", code="invalid")
    return word


def check_new_password(password: str, user: User, *, field: str) -> None:
    """Check that a password is fit to be `user`'s.

    Raises:
        Invalid: it is too short, too common or too much like the user's own data.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field=field) from error
