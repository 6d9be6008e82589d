from django.db import migrations, models

# An event leaves only from the beginning of its stream, below a floor that never sinks; and none changes, but for the
# names that whoever erases a person takes out of the data.
GUARDS = """
CREATE OR REPLACE FUNCTION core_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.seq <= (SELECT floor FROM core_stream WHERE name = OLD.stream_id) THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF current_setting('iqx.erasing', true) = 'on'
           AND (NEW.id, NEW.stream_id, NEW.seq, NEW.type, NEW.book::text, NEW.at)
               IS NOT DISTINCT FROM (OLD.id, OLD.stream_id, OLD.seq, OLD.type, OLD.book::text, OLD.at) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'core_event_append_only';
END $$;
CREATE TRIGGER core_event_append_only BEFORE UPDATE OR DELETE ON core_event
    FOR EACH ROW EXECUTE FUNCTION core_event_guard();
CREATE TRIGGER core_event_append_only_truncate BEFORE TRUNCATE ON core_event
    FOR EACH STATEMENT EXECUTE FUNCTION core_event_guard();

CREATE OR REPLACE FUNCTION core_stream_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.floor < OLD.floor THEN
        RAISE EXCEPTION 'the floor of a stream only rises'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'core_stream_floor_rises';
    END IF;
    RETURN NEW;
END $$;
-- `OF floor`: appending moves the head alone, and pays nothing for this.
CREATE TRIGGER core_stream_floor_rises BEFORE UPDATE OF floor ON core_stream
    FOR EACH ROW EXECUTE FUNCTION core_stream_guard();
"""
UNGUARD = """
DROP TRIGGER core_stream_floor_rises ON core_stream;
DROP TRIGGER core_event_append_only_truncate ON core_event;
DROP TRIGGER core_event_append_only ON core_event;
DROP FUNCTION core_stream_guard();
DROP FUNCTION core_event_guard();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0006_maintenance'),
    ]

    operations = [
        migrations.AddField(
            model_name='stream',
            name='floor',
            field=models.BigIntegerField(db_default=0, default=0, help_text='seq of the newest event that is kept no more'),
        ),
        migrations.AddConstraint(
            model_name='stream',
            constraint=models.CheckConstraint(condition=models.Q(('floor__gte', 0), ('floor__lte', models.F('head'))), name='core_stream_floor_below_head'),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
