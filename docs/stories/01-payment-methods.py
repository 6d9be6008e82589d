"""How people pay each other: typed methods, accounts that only the buyer of a live trade sees, and a reference."""

from uuid import uuid4

from client import Person, check, scene, tell

IBAN, OTHER_IBAN = "DE89370400440532013000", "NL91ABNA0417164300"

scene("A visitor looks up how dollars can be paid.")
methods = {method["code"]: method for method in Person.nobody().get("/payment-methods")}
check("that there are 30 methods", len(methods) >= 30, True)
for method in methods.values():
    if "USD" in method["currencies"]:
        fields = ", ".join(field["label"] for field in method["fields"])
        tell(f"{method['name']}: {method['risk']} risk, at most {method['max_amount'] or 'any amount'}; {fields}")

scene("Anna adds two accounts to be paid to; a slip in a code is seen.")
anna, ben, carla = Person.new("Anna", usdt=1000), Person.new("Ben"), Person.new("Carla")
bank = {"holder": "Anna Berg", "bank": "Commerzbank", "bic": "COBADEFF", "account_number": IBAN}
slip = {"method": "swift", "details": bank | {"bic": "COBADEF"}}
anna.refused("POST", "/auth/payment-accounts", slip, code="validation_error")
swift = {"method": "swift", "details": bank, "label": "Household"}
account = anna.post("/auth/payment-accounts", swift, status=201)
wise = {"method": "wise", "details": {"holder": "Anna Berg", "email": "anna@mail.example"}}
anna.post("/auth/payment-accounts", wise, status=201)
for own in anna.get("/auth/payment-accounts")["results"]:
    tell(f"{own['method']} {own['label']}: {', '.join(own['details'].values())}")
carla.refused("GET", f"/auth/payment-accounts/{account['id']}", code="not_found")

scene("A payment that is easily taken back is not for large orders.")
large = {"market": "USDT-USD", "side": "buy", "price": "0.01", "amount": "5000", "payment_methods": ["paypal"]}
ben.refused("POST", "/orders", large, code="payment_cap_exceeded")

scene("Anna offers 200 USDT for Wise or an international transfer; Ben takes 100 and will pay by transfer.")
sale = {"market": "USDT-USD", "side": "sell", "price": "9.99", "amount": "200", "payment_methods": ["wise", "swift"]}
offer = anna.post("/orders", sale, status=201)["order"]
taken = {"amount": "100", "version": offer["version"], "payment_method": "swift"}
(trade,) = ben.post(f"/orders/{offer['id']}/take", taken, status=201)["trades"]
path = f"/trades/{trade['id']}"
trade = ben.get(path)
details = trade["payment_details"]
check("the method of the trade", trade["payment_method"], "swift")
check("the account that Ben sees", details["details"]["account_number"], IBAN)
tell(f"Ben owes {trade['total']} {trade['quote']} until {trade['deadline']}, reference {details['reference']}, to")
for field in details["fields"]:
    tell(f"  {field['label']}: {field['value']}")

scene("Nobody else sees the account: no stranger, no public offer, no event.")
carla.refused("GET", path, code="not_found")
check("that offers are silent", IBAN in str(carla.get("/markets/USDT-USD/orders")), False)
check("that events are silent", IBAN in str(ben.get("/events", since=0)), False)

scene("Anna edits her account; the trade that is under way keeps what Ben was shown.")
changed = {"details": bank | {"account_number": OTHER_IBAN}}
anna.patch(f"/auth/payment-accounts/{account['id']}", changed)
check("the account that Ben sees", ben.get(path)["payment_details"]["details"]["account_number"], IBAN)

scene("Only a step on the trade itself changes it, and it can't be overlooked.")
anna.post(f"{path}/payment-account", {"account": account["id"]})
details = ben.get(path)["payment_details"]
check("the account that Ben sees", details["details"]["account_number"], OTHER_IBAN)
steps = [step["action"] for step in ben.get(f"{path}/timeline")["results"]]
tell(f"changed at {details['changed_at']}; the timeline: {', '.join(steps)}")

scene("Ben pays, Anna releases; from now on Ben sees her account no more.")
ben.post(f"{path}/paid")
anna.refused("POST", f"{path}/payment-account", {"account": account["id"]}, code="trade_wrong_status")
anna.post(f"{path}/release", key=str(uuid4()))
check("what Ben sees of her account", ben.get(path)["payment_details"], None)

scene("Where neither order names a method, the seller proposes one and the buyer agrees.")
anna.post(f"/orders/{offer['id']}/cancel")
sale = {"market": "USDT-USD", "side": "sell", "price": "9.99", "amount": "50"}
offer = anna.post("/orders", sale, status=201)["order"]
(trade,) = ben.post(f"/orders/{offer['id']}/take", {"amount": "50", "version": offer["version"]}, status=201)["trades"]
check("the method of the trade", trade["payment_method"], None)
path = f"/trades/{trade['id']}/payment-method"
ben.refused("POST", path, {"payment_method": "wise"}, code="payment_method_not_proposed")
anna.post(path, {"payment_method": "wise"})
trade = ben.post(path, {"payment_method": "wise"})
details = ben.get(f"/trades/{trade['id']}")["payment_details"]
tell(
    f"agreed on {trade['payment_method']}; Ben pays to {details['details']['email']}, reference {details['reference']}"
)
