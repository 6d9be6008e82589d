"""A passkey authenticator in software: what a telephone or a security key does, for stories and tests."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

Json = dict[str, Any]

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Makes P-256 keys and signs with them, as the page at `origin` has it do; it counts what it signs."""

    def __init__(self, origin: str, *, flags: int = PRESENT | VERIFIED) -> None:
        self.origin = origin
        self.flags = flags
        self.count = 0
        self.keys: dict[bytes, tuple[ec.EllipticCurvePrivateKey, str]] = {}

    def create(self, options: Json) -> Json:
        """`navigator.credentials.create({publicKey: options})`."""
        identity, key = secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1())
        self.keys[identity] = key, options["user"]["id"]
        point = key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(identity).to_bytes(2, "big") + identity + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], HAS_KEY) + attested
        answer = {
            "clientDataJSON": self._client_data("webauthn.create", options),
            "attestationObject": encoded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(identity, answer)

    def get(self, options: Json) -> Json:
        """`navigator.credentials.get({publicKey: options})`, with the first key that may be used."""
        allowed = [decoded(key["id"]) for key in options.get("allowCredentials", [])] or list(self.keys)
        identity = next(one for one in allowed if one in self.keys)
        key, owner = self.keys[identity]
        data, said = self._data(options["rpId"]), self._client_data("webauthn.get", options)
        signed = key.sign(data + hashlib.sha256(decoded(said)).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": said,
            "authenticatorData": encoded(data),
            "signature": encoded(signed),
            "userHandle": owner,
        }
        return self._credential(identity, answer)

    def _data(self, site: str, more: int = 0) -> bytes:
        self.count += 1
        return hashlib.sha256(site.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: Json) -> str:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return encoded(json.dumps(said).encode())

    @staticmethod
    def _credential(identity: bytes, answer: Json) -> Json:
        return {"id": encoded(identity), "rawId": encoded(identity), "type": "public-key", "response": answer}
