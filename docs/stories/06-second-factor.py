"""Second factors and keys: what a thief of a password or of a session can't do, and how its owner gets rid of him."""

import base64
import hashlib
import hmac
import time

from authenticator import Authenticator
from client import NEW_PASSWORD, SERVER, Person, check, scene, tell

ADDRESS = "0x" + "6d" * 20


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows (RFC 6238), so many steps of half a minute from now."""
    step = int(time.time()) // 30 + steps
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 0xF
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFF_FFFF) % 1_000_000:06}"


def proved(person: Person, device: Authenticator) -> str:
    """A code that a passkey's signature is exchanged for."""
    begun = person.post("/auth/passkeys/step-up/options")
    answer = {"challenge": begun["challenge"], "credential": device.get(begun["options"])}
    return str(person.post("/auth/passkeys/step-up", answer)["otp"])


def with_key(key: str) -> Person:
    """A program that speaks by an API key."""
    program = Person.nobody()
    program.http.headers["Authorization"] = f"Key {key}"
    return program


scene("Anna scans a code with her authenticator app. A code of the app switches the second factor on.")
anna, mallory = Person.new("Anna", usdt=500), Person.new("Mallory", usdt=500)
secret = anna.post("/auth/2fa/setup")["secret"]
anna.refused("POST", "/auth/2fa/confirm", {"otp": "000000"}, code="otp_invalid")
used = code_of(secret)
codes = anna.post("/auth/2fa/confirm", {"otp": used})["recovery_codes"]
check("the recovery codes", len(codes), 10)

scene("From now on the password alone is not enough, and a code is good once.")
mail = {"email": anna.user["email"], "password": NEW_PASSWORD}
Person.nobody().refused("POST", "/auth/login", mail, code="otp_required")
Person.nobody().refused("POST", "/auth/login", mail | {"otp": used}, code="otp_invalid")
again = Person.nobody().post("/auth/login", mail | {"otp": codes[0]})
Person.nobody().refused("POST", "/auth/login", mail | {"otp": codes[0]}, code="otp_invalid")
tell(f"{again['user']['display_name']} is in by a recovery code, which is used up")

scene("Who has got hold of her session can't withdraw, add an address or a key, or change where she is paid to.")
address = {"name": "Safe", "address": ADDRESS}
for path, body in (
    ("/wallet/withdrawals", {"amount": "10", "address": ADDRESS}),
    ("/wallet/addresses", address),
    ("/auth/api-keys", {"name": "Bot", "scopes": ["read"]}),
    ("/auth/payment-accounts", {"method": "wise", "details": {"holder": "M", "email": "m@mail.example"}}),
):
    anna.refused("POST", path, body, code="otp_required")

scene("She adds a passkey: her telephone signs what it is asked, for this site alone.")
phone = Authenticator(SERVER)
anna.refused("POST", "/auth/passkeys/options", {}, code="otp_required")
begun = anna.post("/auth/passkeys/options", {"otp": codes[1]})
new = {"challenge": begun["challenge"], "credential": phone.create(begun["options"]), "name": "Telephone"}
anna.post("/auth/passkeys", new, status=201)
false_page = Authenticator("https://iqx-support.example")
begun = mallory.post("/auth/passkeys/options", {"password": NEW_PASSWORD})
forged = {"challenge": begun["challenge"], "credential": false_page.create(begun["options"]), "name": "Telephone"}
mallory.refused("POST", "/auth/passkeys", forged, code="passkey_refused")
tell("what was signed at a page that looks like this one is worth nothing")

scene("Its signature is exchanged for a code, which serves once wherever one is asked for.")
otp = proved(anna, phone)
anna.post("/wallet/addresses", address | {"otp": otp}, status=201)
withdrawal = {"amount": "10", "address": ADDRESS}
anna.refused("POST", "/wallet/withdrawals", withdrawal | {"otp": otp}, code="otp_invalid")
anna.post("/wallet/withdrawals", withdrawal | {"otp": proved(anna, phone)}, status=201)

scene("It also logs her in by itself, without e-mail and password; a signature serves once.")
begun = Person.nobody().post("/auth/login/passkey/options")
answer = {"challenge": begun["challenge"], "credential": phone.get(begun["options"])}
check("who is in", Person.nobody().post("/auth/login/passkey", answer)["user"]["id"], anna.user["id"])
Person.nobody().refused("POST", "/auth/login/passkey", answer, code="challenge_gone")

scene("Her program gets a key that reads and nothing else; a second one may trade, from one address only.")
asked = {"name": "Reader", "scopes": ["read"], "otp": proved(anna, phone)}
reader = with_key(anna.post("/auth/api-keys", asked, status=201)["key"])
check("what the reader sees", reader.get("/wallet")["currency"], "USDT")
order = {"market": "USDT-USD", "side": "buy", "price": "0.02", "amount": "20"}
reader.refused("POST", "/orders", order, code="scope_missing")
reader.refused("GET", "/auth/api-keys", code="scope_missing")
asked = {"name": "Far away", "scopes": ["trade"], "allowed_ips": ["192.0.2.0/24"], "otp": proved(anna, phone)}
far = with_key(anna.post("/auth/api-keys", asked, status=201)["key"])
far.refused("POST", "/orders", order, code="key_address_refused")
for key in anna.get("/auth/api-keys")["results"]:
    tell(f"{key['name']} ({key['prefix']}…): {', '.join(key['scopes'])}, last used {key['last_used_at'] or 'never'}")
    mallory.refused("DELETE", f"/auth/api-keys/{key['id']}", code="not_found")

scene("She looks who is logged in, and ends a session that she doesn't know.")
sessions = anna.get("/auth/sessions")["results"]
(stranger,) = (one for one in sessions if not one["current"] and one["id"] == sessions[1]["id"])
mallory.refused("DELETE", f"/auth/sessions/{stranger['id']}", code="not_found")
anna.delete(f"/auth/sessions/{stranger['id']}")
check("how many are left", len(anna.get("/auth/sessions")["results"]), len(sessions) - 1)

scene("Mallory guesses; soon he has to wait, while Anna's passkey still opens the door.")
told = ""
for _ in range(15):  # the wait grows from a second; who is slow enough has to guess once more to meet it
    if told != "otp_locked":
        told = Person.nobody().send("POST", "/auth/login", mail | {"otp": "000000"}).json()["code"]
check("what he is told", told, "otp_locked")
begun = Person.nobody().post("/auth/login/passkey/options")
answer = {"challenge": begun["challenge"], "credential": phone.get(begun["options"])}
anna = Person("Anna", Person.nobody().post("/auth/login/passkey", answer))

scene("A mail tells her of each change, with a code that says: this wasn't me. A false code does nothing.")
Person.nobody().refused("POST", "/auth/not-me", {"token": "guessed"}, code="code_invalid")
check("that she is still in", anna.get("/auth/me")["two_factor"], True)

scene("She removes the passkey, by itself; the app remains.")
(key,) = anna.get("/auth/passkeys")["results"]
anna.refused("DELETE", f"/auth/passkeys/{key['id']}", code="otp_required")
anna.call("DELETE", f"/auth/passkeys/{key['id']}", status=204, headers={"X-OTP": proved(anna, phone)})
check("the second factor", anna.get("/auth/me")["two_factor"], True)
