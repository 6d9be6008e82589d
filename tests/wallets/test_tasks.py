import pytest

from accounts.models import User
from tests.factories.wallets import fund
from wallets import tasks
from wallets.models import UnrolledEntry

pytestmark = pytest.mark.django_db


def test_the_worker_leaves_nothing_to_roll_up(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_BATCH", 2)
    for _ in range(5):
        fund(user, 1)
    tasks.roll_up(timestamp=0)
    assert not UnrolledEntry.objects.exists()
