"""Whom to trust: public records, blocks, holds that say why, and scams that are flagged for staff to look at.

It takes a worker beside the server, as `make run` has one. The rules that it tunes are set back at its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from client import Json, Person, check, eventually, scene, tell

ADDRESS = "0x" + "7c" * 20
PDF = b"%%PDF-1.4\n%% of %s\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%%%EOF\n"


@contextmanager
def tuned(admin: Person, code: str, **parameters: object) -> Iterator[None]:
    """A rule with other numbers, for as long as the block lasts."""
    (before,) = (rule["parameters"] for rule in admin.get("/api/admin/rules") if rule["code"] == code)
    admin.patch(f"/api/admin/rules/{code}", {"parameters": parameters, "reason": "A story is told."})
    try:
        yield
    finally:
        admin.patch(f"/api/admin/rules/{code}", {"parameters": before, "reason": "The story is over."})


def sale(seller: Person, buyer: Person, amount: str = "50") -> str:
    """A new trade; its path."""
    order = {"market": "USDT-USD", "side": "sell", "price": "7.77", "amount": amount}
    offer = seller.post("/orders", order, status=201)["order"]
    taken = {"amount": amount, "version": offer["version"]}
    (trade,) = buyer.post(f"/orders/{offer['id']}/take", taken, status=201)["trades"]
    return f"/trades/{trade['id']}"


def sold(seller: Person, buyer: Person, amount: str = "50") -> str:
    """A trade that was paid and released; its path."""
    trade = sale(seller, buyer, amount)
    buyer.post(f"{trade}/paid")
    seller.post(f"{trade}/release")
    return trade


def flags_about(*people: Person) -> list[Json]:
    """What staff find about these people, the newest first."""
    ids = {person.user["id"] for person in people}
    return [flag for flag in support.get("/api/admin/flags", limit=200)["results"] if flag["user"]["id"] in ids]


admin, support = Person.demo("Admin"), Person.demo("Support")
anna, ben, mallory = Person.new("Anna", usdt=1000), Person.new("Ben"), Person.new("Mallory")
profile = f"/traders/{anna.user['id']}"

scene("Anna sells to Ben, and he rates her. Everybody reads it, once.")
trade = sold(anna, ben)
ben.post(f"{trade}/feedback", {"rating": 5, "comment": "Released at once."}, status=201)
ben.refused("POST", f"{trade}/feedback", {"rating": 1}, code="feedback_given")
visitor = Person.nobody()
record = eventually("her record", lambda: (seen := visitor.get(profile)) and seen["ratings"] and seen)
check("her record", (record["completed_trades"], record["rating"], record["partners"]), (1, "5.00", 1))
tell(f"completion rate {record['completion_rate']}, rated {record['rating']} of 5 by {record['ratings']}")

scene("Anna wants nothing to do with Mallory, who can't take her offer as long as she doesn't.")
anna.post("/auth/blocks", {"user": mallory.user["id"]}, status=201)
order = {"market": "USDT-USD", "side": "sell", "price": "7.77", "amount": "20"}
offer = anna.post("/orders", order, status=201)["order"]
taken = {"amount": "20", "version": offer["version"]}
mallory.refused("POST", f"/orders/{offer['id']}/take", taken, code="offer_changed")  # he isn't told that he is blocked
check("her offer", anna.get(f"/orders/{offer['id']}")["filled"], "0.000000")
anna.post(f"/orders/{offer['id']}/cancel")
anna.delete(f"/auth/blocks/{mallory.user['id']}")

scene("What may be done, and how long what is held, is public.")
limits = visitor.get("/limits")
for level in limits["levels"]:
    tell(f"level {level['level']}: {level['trade']} USDT a day traded, {level['withdrawal']} withdrawn")
tell("; ".join(f"{p['failed_trades']} failed: {p['pause_seconds']} s" for p in limits["pauses"]))

scene("An admin tunes the hold on what was bought. Ben can trade his USDT, but not withdraw them yet, and reads why.")
with tuned(admin, "net_purchase_hold", hours={"low": 24, "medium": 24, "high": 72}):
    wallet = ben.get("/wallet")
    check("what he can withdraw", wallet["withdrawable"], "0.000000")
    tell(wallet["holds"][0]["because"])
    ben.refused("POST", "/wallet/withdrawals", {"amount": "10", "address": ADDRESS}, code="withdrawal_held")
support.refused(
    "PATCH", "/api/admin/rules/net_purchase_hold", {"enabled": False, "reason": "?"}, code="permission_denied"
)

scene("Mallory does what scammers do: one receipt for two trades, contacts in chats, in and out at once.")
with tuned(admin, "contacts_in_chat", trades=2), tuned(admin, "rapid_in_out", minutes=60, percent=90, least="100"):
    for number in range(2):
        trade = sale(anna, mallory)
        receipt = {"attachment": (f"receipt-{number}.pdf", PDF % mallory.user["id"].encode())}
        mallory.post(f"{trade}/messages", {"body": "Paid!"}, files=receipt, status=201)
        mallory.post(f"{trade}/messages", {"body": "Support is on Telegram: @iqx_help"}, status=201)
        mallory.post(f"{trade}/cancel")
    mallory.post("/wallet/deposits", {"amount": "300"}, status=201)
    withdrawal = mallory.post("/wallet/withdrawals", {"amount": "290", "address": ADDRESS}, status=201)
    found = eventually("the flags", lambda: (seen := flags_about(mallory)) and len(seen) == 3 and seen)
check("what was found", {f["code"] for f in found}, {"receipt_reuse", "contacts_in_chat", "rapid_in_out"})
for flag in found:
    tell(f"{flag['severity']}: {flag['because']}")

scene("Anna and Ben did nothing of the kind, and nobody but staff reads flags.")
check("flags about Anna and Ben", flags_about(anna, ben), [])
mallory.refused("GET", "/api/admin/flags", code="permission_denied")

scene("Support decides, once and with a name to it; what follows is a step of its own.")
by_code = {flag["code"]: f"/api/admin/flags/{flag['id']}" for flag in found}
decided = support.post(f"{by_code['contacts_in_chat']}/confirm", {"note": "The account is not ours."})
tell(f"{decided['code']} is {decided['status']} by {decided['decided_by']['display_name']}: {decided['note']}")
support.post(f"{by_code['receipt_reuse']}/clear", {})
support.refused("POST", f"{by_code['receipt_reuse']}/confirm", {}, code="flag_wrong_status")
admin.post(f"/api/admin/withdrawals/{withdrawal['id']}/reject", {"reason": "We ask you some questions first."})
check("the withdrawal", mallory.get("/wallet/withdrawals")["results"][0]["status"], "rejected")
admin.post(f"{by_code['rapid_in_out']}/confirm", {})
check("what is left to decide", [f for f in flags_about(mallory) if f["status"] == "open"], [])
