"""The ceremonies of WebAuthn, as the `webauthn` package checks them: what to ask of an authenticator, and its answer.

Whatever an answer holds, it is either good or `PasskeyRefused`: it comes from strangers, and is parsed by three
libraries, so any error that they raise is the answer's fault.
"""

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accounts.errors import PasskeyRefused
from accounts.models import Passkey, User

Json = dict[str, Any]

TIMEOUT_MS: Final = 5 * 60 * 1000
_VERIFIED: Final = UserVerificationRequirement.REQUIRED


def creation_options(user: User, owned: Iterable[Passkey], challenge: bytes) -> Json:
    """What `navigator.credentials.create` is called with. The authenticator must know its owner by PIN or finger."""
    options = webauthn.generate_registration_options(
        rp_id=settings.PASSKEY_RP_ID,
        rp_name="IQX",
        user_id=user.pk.bytes,
        user_name=user.email,
        user_display_name=user.display_name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_named(owned),
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def request_options(owned: Iterable[Passkey], challenge: bytes) -> Json:
    """What `navigator.credentials.get` is called with; without keys, it may be any that the authenticator has."""
    options = webauthn.generate_authentication_options(
        rp_id=settings.PASSKEY_RP_ID,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=_named(owned),
        user_verification=_VERIFIED,
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def credential_id_of(credential: Json) -> bytes:
    """Which key signed. Raises PasskeyRefused."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except Exception as error:
        raise PasskeyRefused from error


def user_handle_of(credential: Json) -> bytes:
    """Whom the authenticator says that the key is of. Raises PasskeyRefused."""
    try:
        return base64url_to_bytes(credential["response"]["userHandle"])
    except Exception as error:
        raise PasskeyRefused from error


def check_registration(credential: Json, challenge: bytes) -> VerifiedRegistration:
    """Raises PasskeyRefused."""
    try:
        return webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEY_RP_ID,
            expected_origin=_origins(credential),
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused from error


def check_assertion(credential: Json, challenge: bytes, key: Passkey) -> VerifiedAuthentication:
    """Raises PasskeyRefused: also if the key's count has not gone up."""
    try:
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEY_RP_ID,
            expected_origin=_origins(credential),
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused from error


def _origins(credential: Json) -> list[str]:
    """The pages that may use passkeys: those of the settings, where `:*` stands for the port that the answer names."""
    said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    port = urlsplit(said["origin"]).port
    return [origin.removesuffix("*") + str(port) if origin.endswith(":*") else origin
            for origin in settings.PASSKEY_ORIGINS]  # fmt: skip


def _named(keys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=bytes(key.credential_id)) for key in keys]
