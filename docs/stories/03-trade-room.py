"""The room of a trade: what is said there, what is looked into, and who is warned of what."""

import struct
import zlib

from client import Person, check, scene, tell

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def picture(seed: int, width: int = 256, height: int = 256) -> bytes:
    """A PNG of broad stripes, with a comment that its sender would rather not send."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes((x // 8 * (y // 8 + seed) * 37) % 256 for x in range(width)) for y in range(height))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    comment = chunk(b"tEXt", b"Comment\0taken at home")
    return b"\x89PNG\r\n\x1a\n" + header + comment + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def file(content: bytes, name: str) -> dict[str, tuple[str, bytes]]:
    return {"attachment": (name, content)}


def sale(seller: Person, buyer: Person) -> str:
    """The room of a new trade of 50 USDT; the address of its messages."""
    terms = "Pay from an account in your own name."
    order = {"market": "USDT-EUR", "side": "sell", "price": "1.50", "amount": "50", "terms": terms}
    offer = seller.post("/orders", order, status=201)["order"]
    taken = {"amount": "50", "version": offer["version"], "payment_method": "sepa"}
    (trade,) = buyer.post(f"/orders/{offer['id']}/take", taken, status=201)["trades"]
    return f"/trades/{trade['id']}"


scene("Ben takes Anna's offer. Her terms are the first thing he reads.")
anna, ben, mallory = Person.new("Anna", usdt=200), Person.new("Ben"), Person.new("Mallory")
trade = sale(anna, ben)
said = ben.get(f"{trade}/messages")["results"]
check("what the room begins with", [entry["kind"] for entry in said], ["system", "terms"])
tell(f"{said[0]['body']} Anna: {said[1]['body']}")

scene("They write to each other; the steps of the trade stand between what they say.")
ben.post(f"{trade}/messages", {"body": "Paying now, reference as given."}, status=201)
ben.post(f"{trade}/paid")
anna.post(f"{trade}/messages", {"body": "Thanks, I am looking."}, status=201)
said = anna.get(f"{trade}/messages")["results"][2:]
check("the order", [entry["actor"] for entry in said], ["buyer", "buyer", "seller"])
for entry in said:
    tell(f"{entry['kind']}: {entry['body']}")

scene("Anna has read it, and Ben sees that she has.")
anna.post(f"{trade}/messages/read", {})
check(
    "read", [e["read"] for e in ben.get(f"{trade}/messages")["results"] if e["mine"] and e["kind"] == "message"], [True]
)

scene("Ben sends his receipt, and a statement. Only pixels arrive of the picture.")
receipt = picture(3)
ben.post(f"{trade}/messages", {"body": "The receipt"}, files=file(receipt, "receipt.png"), status=201)
ben.post(f"{trade}/messages", {}, files=file(PDF, "statement.pdf"), status=201)
shown = anna.get(f"{trade}/messages", order="newest")["results"][1]["attachment"]
content = Person.nobody().get(shown["url"])
check("the comment was sent, and shown", (b"taken at home" in receipt, b"taken at home" in content), (True, False))
tell(f"{shown['name']}, {shown['width']} x {shown['height']}, by a link that is good for some minutes")

scene("What is no plain picture or document is refused, whatever it is called.")
bomb = receipt[:16] + struct.pack(">II", 60_000, 60_000) + receipt[24:]
for content, name, code in (
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "receipt.png", "file_refused"),
    (receipt, "receipt.html", "file_refused"),
    (PDF + b"PK\x03\x04", "statement.pdf", "file_unreadable"),
    (bomb, "receipt.png", "file_unreadable"),
):
    ben.refused("POST", f"{trade}/messages", {}, files=file(content, name), code=code)

scene("A link and a handle are passed on, with a warning.")
ben.post(
    f"{trade}/messages", {"body": "Support wants you to log in: https://iqx.example.com, or ask @iqx_help"}, status=201
)
warned = anna.get(f"{trade}/messages", order="newest")["results"][0]
check("what Anna is warned of", warned["flags"], ["link", "contact"])
tell(warned["warning"])

scene("Nobody else can read or write there.")
mallory.refused("GET", f"{trade}/messages", code="not_found")
mallory.refused("POST", f"{trade}/messages", {"body": "Hello"}, code="not_found")

scene("Mallory trades with Anna, and sends her Ben's receipt under another name.")
second = sale(anna, mallory)
mallory.post(f"{second}/messages", {"body": "Paid!"}, files=file(receipt, "my-own.png"), status=201)
warned = anna.get(f"{second}/messages", order="newest")["results"][0]
check("what Anna is warned of", warned["flags"], ["seen_before"])
check("what Mallory sees", mallory.get(f"{second}/messages", order="newest")["results"][0]["warning"], None)
tell(warned["warning"])

scene("Anna asks Mallory to call it off; both read the same timeline.")
anna.post(f"{second}/cancel-request")
mallory.post(f"{second}/cancel-request/accept")
timelines = [person.get(f"{second}/timeline")["results"] for person in (anna, mallory)]
check("the timelines", timelines[0], timelines[1])
tell(", ".join(step["action"] for step in timelines[0]))

scene("The first trade ends, and support reads and writes along.")
anna.post(f"{trade}/release")
support = Person.demo("Support")
support.post(f"/api/admin{trade}/messages", {"body": "Did it go well?"}, status=201)
ben.post(f"{trade}/messages", {"body": "Yes, thank you."}, status=201)
tell(" / ".join(e["body"] for e in anna.get(f"{trade}/messages", order="newest")["results"][:3]))
