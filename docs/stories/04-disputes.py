"""Disputes: both sides are heard, staff rule, no clock does, and above a limit nobody rules alone."""

from client import Json, Person, check, scene, tell

RECEIPT = b"%%PDF-1.4\n%% %s\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%%%EOF\n"


def paid(seller: Person, buyer: Person, amount: str) -> str:
    """A trade that its buyer says to have paid; its path."""
    order = {"market": "USDT-USD", "side": "sell", "price": "7.77", "amount": amount}
    offer = seller.post("/orders", order, status=201)["order"]
    taken = {"amount": amount, "version": offer["version"]}
    (trade,) = buyer.post(f"/orders/{offer['id']}/take", taken, status=201)["trades"]
    buyer.post(f"/trades/{trade['id']}/paid")
    return f"/trades/{trade['id']}"


def disputed(person: Person, trade: str, reason: str, statement: str) -> Json:
    """A new dispute of his."""
    opened: Json = person.post(f"{trade}/dispute", {"reason": reason, "statement": statement}, status=201)
    return opened


def has(person: Person) -> tuple[str, str]:
    wallet = person.get("/wallet")
    return wallet["available"], wallet["locked"]


admin, support = Person.demo("Admin"), Person.demo("Support")
anna, ben, mallory, hanna = (Person.new(name, usdt=usdt) for name, usdt in
                             (("Anna", 7000), ("Ben", 0), ("Mallory", 0), ("Hanna", 0)))  # fmt: skip

scene("Ben has paid for 60 USDT, and Anna doesn't release. What each may complain of depends on who and when.")
trade = paid(anna, ben, "60")
for person in (ben, anna):
    tell(f"{person.name}: {', '.join(person.get(f'{trade}/dispute-reasons')['reasons'])}")
mallory.refused("POST", f"{trade}/dispute", {"reason": "other", "statement": "Mine!"}, code="not_found")
wrong = {"reason": "released_by_mistake", "statement": "?"}
ben.refused("POST", f"{trade}/dispute", wrong, code="validation_error")

scene("Ben opens a dispute. The escrow stays where it is, and nobody but staff can end the trade now.")
dispute = disputed(ben, trade, "not_released", "I paid an hour ago, reference as given.")
path = f"/disputes/{dispute['id']}"
check("the trade", anna.get(trade)["status"], "disputed")
check("Anna's wallet", has(anna), ("6940.000000", "60.000000"))
anna.refused("POST", f"{trade}/release", code="trade_wrong_status")
ben.refused("POST", f"{trade}/dispute", {"reason": "other", "statement": "Again"}, code="trade_wrong_status")
tell(f"Anna has until {dispute['answers_due']['seller']} to answer; staff until {dispute['deadline']} to rule")

scene("Both add what they have, and both read the same.")
anna.post(f"{path}/evidence", {"statement": "Only half of it came."}, status=201)
receipt = {"file": ("receipt.pdf", RECEIPT % ben.user["id"].encode())}
ben.post(f"{path}/evidence", {"statement": "Here is my receipt."}, files=receipt, status=201)
timelines = [[(e["actor"], e["note"]) for e in person.get(path)["timeline"]] for person in (anna, ben)]
check("the timelines", timelines[0], timelines[1])
check("whose answer is awaited", anna.get(path)["answers_due"], {"buyer": None, "seller": None})
mallory.refused("GET", path, code="not_found")
for actor, note in timelines[0]:
    tell(f"{actor}: {note}")

scene("Support takes the case, asks Ben something, notes something for staff, and lets Hanna read along.")
case = f"/api/admin{path}"
support.post(f"{case}/assign", {})
support.post(f"{case}/comment", {"note": "Ben, please show your statement of today.", "asks": ["buyer"]}, status=201)
support.post(f"{case}/note", {"note": "The receipt says 230, not 466.20."}, status=201)
support.post(f"{case}/helpers", {"user": hanna.user["id"]}, status=201)
check("what staff noted is theirs", "The receipt says" in str(ben.get(path)), False)
dossier = hanna.get(case)
tell(f"Hanna reads {len(dossier['timeline'])} entries, and that Anna's account is "
     f"{dossier['history']['seller']['account_age_days']} days old")  # fmt: skip
hanna.refused("POST", f"{case}/comment", {"note": "I think..."}, code="permission_denied")
check("whether Ben's answer is awaited", ben.get(path)["answers_due"]["buyer"] is not None, True)

scene("Support moves no money. The admin splits the escrow, and the ledger has it at once.")
ruling = {"resolution": "split", "buyer_amount": "29.60", "reason": "230 of 466.20 dollars arrived."}
support.refused("POST", f"{case}/resolve", ruling, code="permission_denied")
too_much = ruling | {"buyer_amount": "60.01"}
admin.refused("POST", f"{case}/resolve", too_much, code="validation_error")
admin.post(f"{case}/resolve", ruling)
check("Anna's wallet", has(anna), ("6970.400000", "0.000000"))
check("Ben's wallet", has(ben), ("29.600000", "0.000000"))
closed = ben.get(path)
check("the dispute", (closed["status"], closed["resolution"], closed["buyer_amount"]),
      ("resolved", "split", "29.600000"))  # fmt: skip
admin.refused("POST", f"{case}/resolve", ruling, code="dispute_closed")
ben.refused("POST", f"{path}/evidence", {"statement": "But..."}, code="dispute_closed")
tell(closed["timeline"][-1]["note"])

scene("The next trade is large: what an admin rules there waits for a second one, who can't be himself.")
trade = paid(anna, ben, "6000")
dispute = disputed(anna, trade, "forged_receipt", "My bank knows nothing of it.")
path, case = f"/disputes/{dispute['id']}", f"/api/admin/disputes/{dispute['id']}"
proposed = admin.post(f"{case}/resolve", {"resolution": "refund", "reason": "Nothing arrived."})
check("the dispute", (proposed["status"], proposed["rulings"][0]["status"]), ("in_review", "proposed"))
admin.refused("POST", f"{case}/confirm", {"ruling": proposed["rulings"][0]["id"]}, code="second_person_required")
check("Anna's wallet", has(anna), ("970.400000", "6000.000000"))

scene("Meanwhile the money has arrived. Anna takes her dispute back, the proposal is dropped, and she releases.")
ben.refused("POST", f"{path}/withdraw", code="not_your_dispute")
anna.post(f"{path}/withdraw")
check("the trade", ben.get(trade)["status"], "paid")
anna.post(f"{trade}/release")
check("Ben's wallet", has(ben), ("6029.600000", "0.000000"))

scene("For 72 hours after the end something may still be found about it; the USDT are gone, and stay where they are.")
dispute = disputed(anna, trade, "payment_reversed", "The bank has taken the money back.")
case = f"/api/admin/disputes/{dispute['id']}"
no_escrow = {"resolution": "refund", "reason": "?"}
admin.refused("POST", f"{case}/resolve", no_escrow, code="validation_error")
admin.post(f"{case}/resolve", {"finding": "seller", "reason": "The bank confirms it."})
admin.post(f"{case}/confirm", {"ruling": "00000000-0000-0000-0000-000000000000"}, status=409)
check("Ben's wallet", has(ben), ("6029.600000", "0.000000"))
