"""The private storage in a bucket: by the settings of `IQX_S3_*`, over HTTP, with real client code."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from pytest_django import Settings
from rest_framework.test import APIClient

from iqx.core import clock, files
from iqx.core.files import orphans, storage
from iqx.settings.files import private_storage
from tests.core.files.s3 import Bucket
from tests.factories.files import PDF, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    server = Bucket("of-iqx")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {"ENDPOINT": server.url, "ACCESS_KEY": "of-iqx", "SECRET_KEY": "s", "BUCKET": "private"}.items():
        monkeypatch.setenv(f"IQX_S3_{name}", value)
    monkeypatch.setenv("IQX_S3_REGION", "eu-central-1")
    settings.STORAGES = settings.STORAGES | {"private": private_storage()}
    yield server
    server.shutdown()
    server.server_close()


def test_a_file_is_kept_in_the_bucket_encrypted_and_shown_by_a_link(bucket: Bucket) -> None:
    kept = files.keep(files.receive(upload(PDF, "statement.pdf")), owner_id=uuid4(), purpose="test")
    ((key, (blob, _)),) = bucket.objects.items()
    assert key == kept.blob
    assert b"PDF" not in blob
    assert files.content_of(kept) == PDF
    assert APIClient().get(files.link(kept)).content == PDF


def test_what_nothing_points_to_is_swept_from_the_bucket(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = files.keep(files.receive(upload(PDF, "a.pdf")), owner_id=uuid4(), purpose="test")
    files.receive(upload(PDF, "b.pdf"))
    assert orphans.sweep() == 0
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert orphans.sweep() == 1
    assert list(bucket.objects) == [kept.blob]


def test_a_file_that_the_bucket_lost_is_missing_and_a_false_key_opens_nothing(
    bucket: Bucket, settings: Settings
) -> None:
    name = storage.put(b"secret")
    bucket.access_key = "changed"
    with pytest.raises(Exception, match="403"):
        storage.get(name)
    bucket.access_key = "of-iqx"
    storages["private"].delete(name)
    with pytest.raises(FileNotFoundError):
        storage.get(name)
