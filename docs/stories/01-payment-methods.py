"""How people pay each other: the methods that a market knows, and what a trade says of the payment."""

from client import Person, check, scene, tell

scene("A visitor looks up how dollars can be paid.")
methods = Person.nobody().get("/payment-methods")
dollars = [method["name"] for method in methods if "USD" in method["currencies"]]
tell(f"{len(methods)} methods, for dollars among them {', '.join(dollars)}")

scene("Anna offers 100 USDT for Wise or Zelle; Ben takes them, and would pay by Zelle.")
anna, ben = Person.new("Anna", usdt=100), Person.new("Ben")
sale = {"market": "USDT-USD", "side": "sell", "price": "1.00", "amount": "100", "payment_methods": ["wise", "zelle"]}
offer = anna.post("/orders", sale, status=201)["order"]
taken = {"amount": "100", "version": offer["version"], "payment_method": "zelle"}
(trade,) = ben.post(f"/orders/{offer['id']}/take", taken, status=201)["trades"]
check("the method of the trade", trade["payment_method"], "zelle")
tell(f"Ben owes {trade['total']} {trade['quote']} by {trade['payment_method']}, reference {trade['reference']}")
