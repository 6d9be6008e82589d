"""Support: a question is answered by somebody, in time, and its asker says how well."""

from client import Person, check, scene, tell

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"

support, admin = Person.demo("Support"), Person.demo("Admin")
nora, mallory = Person.new("Nora", usdt=50), Person.new("Mallory")

scene("Nora has an order that she doesn't understand, and asks about it, with a file.")
order = {"market": "USDT-USD", "side": "sell", "price": "9.99", "amount": "50"}
order = nora.post("/orders", order, status=201)["order"]
asked = {
    "subject": "Why is it not sold?",
    "category": "trade",
    "body": "I offered it an hour ago.",
    "order": order["id"],
}
mallory.refused("POST", "/support/tickets", asked, code="validation_error")  # it is no order of his
ticket = nora.post("/support/tickets", asked, files={"file": ("offer.pdf", PDF)}, status=201)
path, desk = f"/support/tickets/{ticket['id']}", f"/api/admin/tickets/{ticket['id']}"
check("the ticket", (ticket["status"], ticket["order"]), ("open", order["id"]))
check("its file", ticket["messages"][0]["files"][0]["name"], "offer.pdf")
tell(f"somebody will have answered by {ticket['due_at']}")

scene("It is hers alone, and staff's calls are for staff.")
mallory.refused("GET", path, code="not_found")
mallory.refused("POST", f"{path}/messages", {"body": "Me too"}, code="not_found")
nora.refused("POST", f"{desk}/answer", {"body": "I answer myself"}, code="permission_denied")

scene("Support takes it, and answers with what is kept for such questions.")
canned = {"title": "Far from the market", "category": "trade", "body": "Your price is far above the others'."}
kept = support.post("/api/admin/canned-answers", canned, status=201)
support.post(f"{desk}/assign", {})
answered = support.post(f"{desk}/answer", {"body": kept["body"]}, status=201)
check("who has it", answered["assignee"]["display_name"], support.user["display_name"])
check("the ticket", nora.get(path)["status"], "waiting_user")
tell(f"first answer after {answered['first_answer_seconds']} seconds: {nora.get(path)['messages'][-1]['body']}")
support.delete(f"/api/admin/canned-answers/{kept['id']}")

scene("She writes on, it waits for staff again, and goes to a colleague.")
nora.post(f"{path}/messages", {"body": "What would be a good price?"}, status=201)
check("the ticket", nora.get(path)["status"], "waiting_staff")
support.post(f"{desk}/assign", {"assignee": admin.user["id"]})
support.refused("POST", f"{desk}/assign", {"assignee": mallory.user["id"]}, code="validation_error")
admin.post(f"{desk}/answer", {"body": "See /markets/USDT-USD/book."}, status=201)

scene("She can't rate what isn't finished; then it is closed, and she does, once.")
nora.refused("POST", f"{path}/rating", {"rating": 5}, code="ticket_not_closed")
admin.post(f"{desk}/close")
nora.refused("POST", f"{path}/rating", {"rating": 6}, code="validation_error")
nora.post(f"{path}/rating", {"rating": 5, "comment": "Quick."}, status=201)
nora.refused("POST", f"{path}/rating", {"rating": 1}, code="ticket_rated")
admin.refused("POST", f"{desk}/answer", {"body": "One more thing"}, code="ticket_closed")

scene("A ticket that she didn't close herself is opened again by a message of hers; one that she closed stays so.")
check("the ticket", nora.post(f"{path}/messages", {"body": "It is sold!"}, status=201)["status"], "waiting_staff")
nora.post(f"{path}/close")
nora.refused("POST", f"{path}/messages", {"body": "Hello?"}, code="ticket_closed")

scene("Staff read how they serve.")
service = admin.get("/api/admin/support/service")
check("that it counts", service["closed"] >= 1, True)
tell(f"{service['opened']} opened, {service['closed']} closed, rated {service['rating']} of 5; "
     f"first answer after {service['first_answer_seconds']} seconds in the median")  # fmt: skip
