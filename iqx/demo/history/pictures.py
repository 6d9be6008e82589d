"""What waits for staff with pictures in it: documents of identity, receipts in disputes; sent as people send them."""

import random
from collections.abc import Iterator
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from accounts.kyc.services import submit_kyc
from accounts.models import KycStatus, User
from disputes.models import Dispute
from disputes.services import add_statement
from iqx.core import files
from iqx.core.files import Received
from trades.chat import write_message

_KYC = 12
_DISPUTES = 10


def send_pictures() -> Iterator[str]:
    """Some people ask to be verified, and the parties to some disputes show what they have. Yields what was sent."""
    people = User.objects.filter(email__endswith="@history.example", kyc_status=KycStatus.NONE, is_active=True)
    asked = [_ask_to_be_verified(person) for person in people.order_by("-id")[:_KYC]]
    yield f"sent in the documents of {len(asked)} people"
    live = Dispute.objects.filter(status__in=Dispute.LIVE, trade__buyer__email__endswith="@history.example")
    shown = [_show_receipt(dispute) for dispute in live.select_related("trade__buyer")[:_DISPUTES]]
    yield f"sent receipts in {len(shown)} disputes"


def _ask_to_be_verified(person: User) -> User:
    number = f"{random.choice('CXLPK')}{random.randint(10**7, 10**8 - 1)}"
    given = person.email.split(".")[0].title()
    lines = [("Surname", "Adeyemi"), ("Given names", given), ("Document no.", number), ("Date of issue", "2023-04-11")]
    submit_kyc(
        user_id=person.pk,
        document_type=random.choice(["passport", "id_card"]),
        country=random.choice(["NG", "VN", "FR", "GB"]),
        legal_name=f"{given} Adeyemi",
        document_number=number,
        documents={
            "front": _picture("SPECIMEN  IDENTITY DOCUMENT", lines, "#7a1f3d"),
            "selfie": _picture("PORTRAIT", [("Given names", given)], "#3d5a80"),
        },
    )
    return person


def _show_receipt(dispute: Dispute) -> Dispute:
    trade = dispute.trade
    lines = [
        ("Amount", f"{trade.total.normalize():f} {trade.quote}"),
        ("Reference", trade.reference),
        ("Status", "Sent"),
    ]
    picture = _picture("PAYMENT SENT", [*lines, ("Id", str(trade.id)[-12:])], "#003580")
    write_message(trade_id=trade.pk, actor_id=trade.buyer_id, body="Here is my receipt.", attachment=picture)
    proof = _picture("ACCOUNT STATEMENT", [*lines, ("Booked", str(trade.id)[:13])], "#1f6f4a")
    add_statement(
        dispute_id=dispute.pk, actor_id=trade.buyer_id, statement="The statement of my bank.", received=[proof]
    )
    return dispute


def _picture(title: str, lines: list[tuple[str, str]], colour: str) -> Received:
    image = Image.new("RGB", (900, 560), "#f6f1e7")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 900, 90), fill=colour)
    draw.text((36, 24), title, fill="white", font=ImageFont.load_default(38))
    draw.rectangle((36, 130, 246, 400), fill="#c9c2b5")
    draw.ellipse((91, 170, 191, 280), fill=colour)
    draw.pieslice((61, 290, 221, 470), 180, 360, fill=colour)
    for row, (name, value) in enumerate(lines):
        draw.text((290, 130 + 80 * row), name, fill="#777777", font=ImageFont.load_default(22))
        draw.text((290, 158 + 80 * row), value, fill="black", font=ImageFont.load_default(34))
    written = BytesIO()
    image.save(written, "PNG")
    return files.receive(SimpleUploadedFile("picture.png", written.getvalue(), "image/png"))
