import pytest
from pytest_django import Settings

from iqx.core.crypto import Sealed, seal, unseal


def test_what_is_sealed_opens_for_its_purpose_alone() -> None:
    sealed = seal({"iban": "DE02120300000000202051"}, purpose="payment account")
    assert "DE02" not in sealed
    assert unseal(sealed, purpose="payment account") == {"iban": "DE02120300000000202051"}
    with pytest.raises(Sealed):
        unseal(sealed, purpose="webhook")


def test_a_new_key_in_front_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["old" * 20]
    before = seal("secret", purpose="totp")
    settings.ENCRYPTION_KEYS = ["new" * 20, "old" * 20]
    after = seal("secret", purpose="totp")
    assert unseal(before, purpose="totp") == unseal(after, purpose="totp") == "secret"
    settings.ENCRYPTION_KEYS = ["old" * 20]
    with pytest.raises(Sealed):
        unseal(after, purpose="totp")
