import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from tests import clean_slate


@pytest.mark.django_db(transaction=True)
def test_committed_rows_go_and_seeds_stay() -> None:
    seeds = list(ContentType.objects.order_by("id").values())
    ContentType.objects.create(app_label="committed", model="row")
    ContentType.objects.filter(id=seeds[0]["id"]).update(model="changed")
    clean_slate.restore()
    assert list(ContentType.objects.order_by("id").values()) == seeds


@pytest.mark.django_db(transaction=True)
def test_triggers_that_refuse_deletion_are_at_rest_only_while_restoring() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'append only'; END $$;
            CREATE TRIGGER refuse_deletion BEFORE DELETE ON django_content_type
            FOR EACH ROW EXECUTE FUNCTION refuse_deletion()
            """
        )
        try:
            seeds = ContentType.objects.count()
            clean_slate.restore()
            assert ContentType.objects.count() == seeds
            with pytest.raises(Exception, match="append only"):
                cursor.execute("DELETE FROM django_content_type")
        finally:
            cursor.execute("DROP FUNCTION refuse_deletion CASCADE")
