"""What is accepted, what is left of it, and everything that is refused."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from iqx.core.errors import DomainError
from iqx.core.files import images
from iqx.core.files.examining import MAX_BYTES, examine
from tests.factories.files import PDF, encoded, receipt

PNG = encoded(receipt())
JPEG = encoded(receipt(), "JPEG")


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that claim to be an image of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def photo_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[1] = "N"
    return encoded(receipt(), "JPEG", exif=exif, comment=b"my secret comment")


@pytest.mark.parametrize(
    ("kind", "content_type", "ending"),
    [("JPEG", "image/jpeg", "jpg"), ("PNG", "image/png", "png"), ("WEBP", "image/webp", "webp")],
)
def test_an_image_is_written_anew_in_its_own_format(kind: str, content_type: str, ending: str) -> None:
    kept = examine(encoded(receipt(), kind), f"My receipt.{ending}")
    assert (kept.content_type, kept.name) == (content_type, f"My receipt.{ending}")
    assert (kept.width, kept.height) == Image.open(BytesIO(kept.content)).size == (540, 1100)


def test_nothing_but_pixels_remains() -> None:
    sent = photo_with_place()
    assert b"taken at home" in sent  # control
    kept = examine(sent, "photo.jpg")
    assert b"home" not in kept.content
    assert b"secret" not in kept.content
    shown = Image.open(BytesIO(kept.content))
    assert not shown.getexif()
    assert shown.size == (1100, 540)  # turned as the camera said


def test_what_is_hidden_behind_an_image_is_lost() -> None:
    kept = examine(PNG + b"<script>alert(1)</script>PK\x03\x04", "receipt.png")
    assert b"script" not in kept.content


def test_transparency_is_kept_and_a_large_image_is_scaled_down() -> None:
    kept = examine(encoded(Image.new("RGBA", (4000, 100), (1, 2, 3, 40))), "wide.png")
    shown = Image.open(BytesIO(kept.content))
    assert (shown.mode, shown.size) == ("RGBA", (3000, 75))


def test_a_document_is_kept_as_it_is() -> None:
    kept = examine(PDF, "statement.PDF")
    assert (kept.content_type, kept.content, kept.name, kept.dhash) == ("application/pdf", PDF, "statement.pdf", "")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.png", ".._.._etc_passwd.png"),
        ('a"b\r\nSet-Cookie: x.png', "a_b_Set-Cookie_ x.png"),
        ("\u202egnp.exe.png", "gnp.exe.png"),
        ("", "file.png"),
        ("x" * 300, "x" * 80 + ".png"),
        ("photo.jpg", "photo.png"),
    ],
)
def test_names_are_made_harmless(name: str, kept: str) -> None:
    assert examine(PNG, name).name.lstrip("._") == kept.lstrip("._")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "receipt.png", "file_unreadable"),
        (b"\0" * (MAX_BYTES + 1), "receipt.png", "file_too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "receipt.svg", "file_refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "receipt.png", "file_refused"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "receipt.jpg", "file_refused"),
        (b"MZ" + bytes(200), "receipt.png", "file_refused"),
        (encoded(receipt(), "GIF"), "receipt.gif", "file_refused"),
        (encoded(receipt(), "BMP"), "receipt.png", "file_refused"),
        (PNG, "receipt.exe", "file_refused"),
        (PNG, "receipt.html", "file_refused"),
        (PNG, "receipt.pdf", "file_refused"),
        (PDF, "statement.png", "file_refused"),
        (PNG[: len(PNG) // 2], "receipt.png", "file_unreadable"),
        (JPEG[:200], "receipt.jpg", "file_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "receipt.png", "file_unreadable"),
        (png_claiming(100, 100), "receipt.png", "file_unreadable"),
        (png_claiming(50_000, 50_000), "bomb.png", "file_too_large"),
        (png_claiming(2**31 - 1, 2**31 - 1), "bomb.png", "file_too_large"),
        (png_claiming(20_000, 20), "bomb.png", "file_too_large"),
        (b"\n" + PDF, "statement.pdf", "file_refused"),
        (PDF + b"PK\x03\x04 a second file", "statement.pdf", "file_unreadable"),
        (PDF.replace(b"startxref", b"startxxxx"), "statement.pdf", "file_unreadable"),
        (PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Type"), "s.pdf", "file_unreadable"),
        (PDF.replace(b"/Type", b"/AA<</S/J#61vaScript>>/Type"), "statement.pdf", "file_unreadable"),
        (PDF.replace(b"/Type", b"/S/Launch/F(cmd.exe)/Type"), "statement.pdf", "file_unreadable"),
        (b"%PDF-1.4\n<html><script>alert(1)</script>" + PDF, "statement.pdf", "file_unreadable"),
    ],
)
def test_anything_else_is_refused(content: bytes, name: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        examine(content, name)
    assert refused.value.code == code


def test_pixels_over_the_limit_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 540 * 1100 - 1)
    monkeypatch.setattr(Image.Image, "load", None)
    with pytest.raises(DomainError) as refused:
        examine(PNG, "receipt.png")
    assert refused.value.code == "file_too_large"
