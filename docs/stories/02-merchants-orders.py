"""Orders as merchants use them: floating prices, the right trades, pauses, private offers, and what one may do.

The reference price that it sets in USDT-GBP is good for a minute after it.
"""

from client import Json, Person, check, scene, tell

MARKET = "USDT-GBP"


def offer(owner: Person, **fields: object) -> Json:
    """A new order; a sale of 100 USDT, if nothing else is said."""
    order = {"market": MARKET, "side": "sell", "amount": "100"} | fields
    placed: Json = owner.post("/orders", order, status=201)["order"]
    return placed


def take(taker: Person, wanted: Json, amount: str, **fields: object) -> Json:
    """A trade with this offer alone."""
    body = {"amount": amount, "version": wanted["version"]} | fields
    trades: list[Json] = taker.post(f"/orders/{wanted['id']}/take", body, status=201)["trades"]
    check("the trades", len(trades), 1)
    return trades[0]


def set_reference(price: str) -> None:
    body = {"price": price, "valid_seconds": 60}
    admin.call("PUT", f"/api/admin/markets/{MARKET}/reference", body)


admin = Person.demo("Admin")
mira, ben = Person.new("Mira", usdt=5000), Person.new("Ben")
visitor = Person.nobody()

scene("Mira sells at 1.5 per cent above the market, and never below 0.80. The price follows the reference.")
set_reference("0.80")
floating = offer(mira, premium="1.5", min_price="0.80")
tell(f"at {visitor.get(f'/markets/{MARKET}/reference')['price']} she asks {floating['price']}")
for reference in ("0.82", "0.70"):
    set_reference(reference)
    floating = mira.get(f"/orders/{floating['id']}")
    tell(f"at {reference} she asks {floating['price']}")
check("the lowest that she asks", floating["price"], "0.8")
check("what it holds", floating["remaining"], "100.000000")
mira.post(f"/orders/{floating['id']}/cancel")

scene("Trades of 20 to 50 USDT, for people who are known here. Ben reads what he lacks, before and when he tries.")
known = offer(mira, price="7", min_fill="20", max_fill="50", requirements={"completed_trades": 5, "kyc_level": 1})
told = ben.get(f"/orders/{known['id']}/permissions")["actions"]["take"]
check("whether he may take it", (told["allowed"], told["problem"]["code"]), (False, "requirements_not_met"))
refused = ben.refused(
    "POST", f"/orders/{known['id']}/take", {"amount": "20", "version": known["version"]}, code="requirements_not_met"
)
for unmet in refused["unmet"]:
    tell(f"{unmet['requirement']}: {unmet['needed']} are needed, he has {unmet['yours']}")
mira.post(f"/orders/{known['id']}/cancel")

scene("An offer for all, with a greeting. Ben takes as much as it allows, and is greeted.")
open_to_all = offer(
    mira, price="7", min_fill="20", max_fill="50", terms="From an account in your name.", auto_reply="Hello! I am here."
)
too_much = {"amount": "60", "version": open_to_all["version"]}
ben.refused("POST", f"/orders/{open_to_all['id']}/take", too_much, code="offer_incompatible")
trade = take(ben, open_to_all, "50")
said = [entry for entry in ben.get(f"/trades/{trade['id']}/messages")["results"] if entry["kind"] == "message"]
check("what is said first", [(entry["actor"], entry["body"]) for entry in said], [("seller", "Hello! I am here.")])
may = ben.get(f"/trades/{trade['id']}/permissions")["actions"]
tell("he may: " + ", ".join(action for action, verdict in may.items() if verdict["allowed"]))
ben.post(f"/trades/{trade['id']}/cancel")

scene("Mira goes to lunch. Her funds stay reserved, her offer can't be taken, and is back when she does.")
reserved = mira.get("/wallet")["locked"]
paused = mira.post(f"/orders/{open_to_all['id']}/pause")
check("her offer", (paused["status"], paused["paused_for"]), ("paused", ["by_owner"]))
check("what is reserved", mira.get("/wallet")["locked"], reserved)
ben.refused("POST", f"/orders/{paused['id']}/take", {"amount": "20", "version": paused["version"]}, code="offer_paused")
check("after lunch", mira.post(f"/orders/{paused['id']}/resume")["status"], "open")

scene("She closes for the day: no window is open, and who comes is told so.")
closed = mira.call("PUT", "/opening-hours", {"time_zone": "Europe/London", "windows": []})
check("open", closed["is_open"], False)
now = mira.get(f"/orders/{paused['id']}")
check("her offer", (now["status"], now["paused_for"]), ("paused", ["outside_hours"]))
ben.refused("POST", f"/orders/{now['id']}/take", {"amount": "20", "version": now["version"]}, code="offer_paused")
days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
always = [{"day": day, "from": "00:00", "to": "24:00"} for day in days]
check("open", mira.call("PUT", "/opening-hours", {"time_zone": "Europe/London", "windows": always})["is_open"], True)
now = mira.get(f"/orders/{now['id']}")
check("her offer", now["status"], "open")
mira.delete("/opening-hours")

scene("A private offer, for Ben alone: it is in no list, and who has the link takes it.")
private = offer(mira, price="6.5", amount="30", private=True)
listed = {entry["id"] for entry in visitor.get(f"/markets/{MARKET}/orders", limit=200)["results"]}
check("listed", private["id"] in listed, False)
ben.refused("POST", f"/orders/{private['id']}/take", {"amount": "30", "version": private["version"]}, code="not_found")
seen = ben.get(f"/offers/{private['link']}")
trade = take(ben, seen, "30", link=private["link"])
check("the trade", (trade["amount"], trade["price"]), ("30.000000", "6.5"))

scene("She changes the price of the other one while Ben looks at it: he is told, rather than surprised.")
mira.patch(f"/orders/{now['id']}", {"price": "8"})
changed = ben.refused(
    "POST", f"/orders/{now['id']}/take", {"amount": "20", "version": now["version"]}, code="offer_changed"
)
tell(f"it is version {changed['version']} now")

scene("What may she do at the moment?")
for action, verdict in mira.get("/permissions", market=MARKET)["actions"].items():
    tell(f"{action}: {'yes' if verdict['allowed'] else verdict['problem']['detail']}")
ben.post(f"/trades/{trade['id']}/cancel")
mira.post("/orders/cancel-all", {})
check("what is locked in the end", mira.get("/wallet")["locked"], "0.000000")
