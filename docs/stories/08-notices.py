"""Notices and webhooks: Nora is told what happens, in her language, as she wants; a webhook can't look around inside.

It takes a worker beside the server, as `make run` has one.
"""

from client import Json, Person, check, eventually, scene, tell

scene("Nora deposits 100 USDT, and finds a notice of it.")
nora = Person.new("Nora", usdt=100)


def arrived() -> list[Json]:
    return list(nora.get("/notifications")["results"])


(notice,) = eventually("the notice", arrived)
check("the kind", notice["kind"], "deposit_confirmed")
tell(f"{notice['title']}: {notice['body']}")

scene("She reads French, lives in Paris, and sleeps at night.")
chosen = nora.patch(
    "/notification-preferences",
    {"language": "fr", "time_zone": "Europe/Paris", "quiet_hours": {"from": "22:00", "until": "07:00"}},
)
check("the quiet hours", chosen["quiet_hours"], {"from": "22:00", "until": "07:00"})
(notice,) = arrived()
check("the title", notice["title"], "100,00 USDT sont arrivés")
tell(f"{notice['title']}: {notice['body']}")

scene("She wants no mail about deposits; but what protects her account can't be switched off.")
nora.patch("/notification-preferences", {"notices": {"deposit_confirmed": {"email": False}}})
nora.refused(
    "PATCH", "/notification-preferences", {"notices": {"withdrawal_requested": {"email": False}}}, code="notice_locked"
)

scene("She marks her notices as read.")
check("unread", nora.get("/notifications", unread="true")["unread"], 1)
check("unread", nora.post("/notifications/read", {"ids": [notice["id"]]})["unread"], 0)

scene("A webhook gets its secret once, and nothing before its address has answered a challenge.")
hook = nora.post("/webhooks", {"url": "https://hooks.invalid/iqx", "events": ["trade_paid"]}, status=201)
check("the secret's form", hook["secret"][:6], "whsec_")
check("the secret later", "secret" in nora.get(f"/webhooks/{hook['id']}"), False)


def judged() -> Json | None:
    now: Json = nora.get(f"/webhooks/{hook['id']}")
    return now if now["status"] != "verifying" else None


seen = eventually("the end of the challenge", judged)
check("the status", seen["status"], "disabled")
tell(f"{seen['url']} is {seen['status']}: {seen['reason']}")

scene("Nobody can have the platform post into its own network.")
for url in ("https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/"):
    nora.refused("POST", "/webhooks", {"url": url}, code="webhook_url_refused")

scene("A stranger finds no webhook.")
Person.new("Sam").refused("GET", f"/webhooks/{hook['id']}", code="not_found")
nora.delete(f"/webhooks/{hook['id']}")
