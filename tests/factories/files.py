"""Uploads: pictures that look like receipts, and documents."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def receipt(amount: str = "100.00 EUR", reference: str = "7F3A99C1", *, size: int = 1) -> Image.Image:
    """What a bank's app shows of a payment: all of them look alike, but for amount and reference."""

    def write(x: int, y: int, text: str, height: int, colour: str = "black") -> None:
        draw.text((x * size, y * size), text, fill=colour, font=ImageFont.load_default(height * size))

    image = Image.new("RGB", (540 * size, 1100 * size), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 540 * size, 90 * size), fill="#003580")
    write(30, 30, "Payment sent", 30, "white")
    write(120, 260, amount, 56)
    lines = {"To": "Alice Smith", "Reference": reference, "Fee": "0.00 EUR", "Id": reference * 2, "Status": "Sent"}
    for row, (name, value) in enumerate(lines.items()):
        write(30, 400 + 60 * row, name, 24, "#777777")
        write(230, 400 + 60 * row, value, 24)
    return image


def scaled(image: Image.Image, factor: float) -> Image.Image:
    return image.resize((int(image.width * factor), int(image.height * factor)))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def upload(
    content: bytes | None = None, name: str = "receipt.png", content_type: str = "image/png"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, encoded(receipt()) if content is None else content, content_type)
