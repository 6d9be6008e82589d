"""From the upload to the link: kept encrypted, recognised, shown by a link, swept away if nothing points to it."""

import os
import time
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PIL import Image
from rest_framework.test import APIClient

from iqx.core import clock, files
from iqx.core.files import links, orphans
from iqx.core.models import StoredFile
from tests.factories.files import PDF, encoded, receipt, scaled, upload

pytestmark = pytest.mark.django_db

OWNER = UUID(int=7)


def kept(content: bytes | None = None, name: str = "receipt.png", purpose: str = "test") -> StoredFile:
    return files.keep(files.receive(upload(content, name)), owner_id=OWNER, purpose=purpose)


def blobs(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_link_shows_the_file_and_nothing_can_run_in_it() -> None:
    file = kept()
    answer = APIClient().get(files.file_json(file)["url"])
    assert answer.status_code == 200
    assert Image.open(BytesIO(answer.content)).size == (540, 1100)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'inline; filename="receipt.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in answer.headers["Cache-Control"]


def test_a_document_is_a_download() -> None:
    answer = APIClient().get(files.link(kept(PDF, "Auszug März.pdf")))
    assert (answer.content, answer.headers["Content-Type"]) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Auszug%20M")


def test_a_link_ends_and_cannot_be_forged(monkeypatch: pytest.MonkeyPatch) -> None:
    file, other = kept(), kept(PDF, "x.pdf")
    link = files.link(file)
    assert link == files.link(file)  # the same for some minutes, so that a browser keeps what it has
    name, expires, signature = link.removeprefix(links.PREFIX).split(".")
    forged = [
        f"{other.id.hex}.{expires}.{signature}",
        f"{name}.ffffffffff.{signature}",
        f"{name}.{expires}.",
        "x",
        file.id,
    ]
    for token in forged:
        assert APIClient().get(f"{links.PREFIX}{token}").json()["code"] == "not_found"
    later = time.time() + 2 * links.GOOD_FOR_S
    monkeypatch.setattr(time, "time", lambda: later)
    answer = APIClient().get(link)
    assert (answer.status_code, answer.json()["code"]) == (404, "link_expired")


def test_what_is_stored_tells_nothing(folder: Path) -> None:
    kept(PDF, "statement.pdf")
    (blob,) = blobs(folder)
    assert b"PDF" not in blob.read_bytes()
    assert "statement" not in str(blob)
    assert blob.stat().st_mode & 0o777 == 0o600


def test_a_file_that_the_storage_has_lost_is_not_found(folder: Path) -> None:
    file = kept()
    blobs(folder)[0].unlink()
    assert APIClient().get(files.link(file)).status_code == 404


def test_orphans_are_swept_away_and_nothing_else(folder: Path) -> None:
    file = kept()
    for _ in range(2):
        files.receive(upload())
    orphan, in_the_making = (path for path in blobs(folder) if not file.blob.endswith(path.name))
    assert orphans.sweep() == 0
    hours_ago = time.time() - 2 * 3600
    for path in (orphan, folder / file.blob):
        os.utime(path, (hours_ago, hours_ago))
    assert orphans.sweep() == 1
    assert set(blobs(folder)) == {in_the_making, folder / file.blob}


ON_A_PHONE = receipt(size=2)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (encoded(ON_A_PHONE), "other name.png"),
        (encoded(ON_A_PHONE, "JPEG", quality=40), "receipt.jpg"),
        (encoded(scaled(ON_A_PHONE, 0.5), "JPEG", quality=85), "small.jpg"),
        (encoded(scaled(ON_A_PHONE, 1.3), "WEBP", quality=80), "large.webp"),
        (encoded(receipt("101.00 EUR", size=2)), "edited.png"),
    ],
)
def test_a_copy_is_recognised(content: bytes, name: str) -> None:
    first = kept(encoded(ON_A_PHONE))
    again = files.receive(upload(content, name))
    assert list(files.copies_of(again.examined, purposes=["test"])) == [first]
    assert not files.copies_of(again.examined, purposes=["other"]).exists()


@pytest.mark.parametrize(
    "image",
    [
        receipt("250.00 EUR", "1B20D4E7", size=2),
        receipt("100.00 EUR", "55E0CC18", size=2),
        Image.new("RGB", (540, 1100), "white"),
    ],
)
def test_another_receipt_of_the_same_bank_is_no_copy(image: Image.Image) -> None:
    kept(encoded(ON_A_PHONE))
    kept(encoded(Image.new("RGB", (500, 1000), "white")), "blank.png")
    other = files.receive(upload(encoded(image)))
    assert not files.copies_of(other.examined, purposes=["test"]).exists()


def test_documents_are_compared_by_their_bytes() -> None:
    first = kept(PDF, "a.pdf")
    assert list(files.copies_of(files.receive(upload(PDF, "b.pdf")).examined, purposes=["test"])) == [first]
    changed = files.receive(upload(PDF.replace(b"1.4", b"1.5"), "a.pdf"))
    assert not files.copies_of(changed.examined, purposes=["test"]).exists()


def test_no_two_rows_share_a_blob() -> None:
    file = kept()
    fields = {"owner_id": uuid4(), "purpose": "x", "content_type": "application/pdf", "size": 1, "sha256": "0" * 64}
    with pytest.raises(Exception, match="core_storedfile_blob"):
        StoredFile.objects.create(blob=file.blob, created_at=clock.now(), **fields)
