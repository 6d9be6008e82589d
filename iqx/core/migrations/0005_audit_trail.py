import django.db.models.deletion
from django.db import migrations, models

# A record gets the newest batch, once, and a batch continues the head: nothing else is ever changed or removed.
GUARDS = """
CREATE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE FUNCTION core_auditrecord_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.batch_id IS NOT NULL THEN
            RAISE EXCEPTION 'a record is sealed after it is written'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'core_auditrecord_written_first';
        END IF;
    ELSIF OLD.batch_id IS NOT NULL OR NEW.batch_id IS NULL
          OR to_jsonb(NEW) - 'batch_id' IS DISTINCT FROM to_jsonb(OLD) - 'batch_id'
          OR NEW.batch_id <> (SELECT max(number) FROM core_auditbatch) THEN
        RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'core_auditrecord_append_only';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION core_auditbatch_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM core_audithead WHERE number = NEW.number - 1 AND hash = NEW.previous_hash) THEN
        RAISE EXCEPTION 'a batch continues the head of the chain'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'core_auditbatch_continues_head';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION core_audithead_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM core_auditbatch
        WHERE number = NEW.number AND hash = NEW.hash AND number = OLD.number + 1 AND previous_hash = OLD.hash
    ) THEN
        RAISE EXCEPTION 'the head moves on to the next batch'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'core_audithead_moves_on';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER core_auditrecord_guard BEFORE INSERT OR UPDATE ON core_auditrecord
    FOR EACH ROW EXECUTE FUNCTION core_auditrecord_guard();
CREATE TRIGGER core_auditrecord_append_only BEFORE DELETE ON core_auditrecord
    FOR EACH ROW EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER core_auditrecord_append_only_truncate BEFORE TRUNCATE ON core_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();

CREATE TRIGGER core_auditbatch_guard BEFORE INSERT ON core_auditbatch
    FOR EACH ROW EXECUTE FUNCTION core_auditbatch_guard();
CREATE TRIGGER core_auditbatch_append_only BEFORE UPDATE OR DELETE ON core_auditbatch
    FOR EACH ROW EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER core_auditbatch_append_only_truncate BEFORE TRUNCATE ON core_auditbatch
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();

INSERT INTO core_audithead (id, number, hash) VALUES (1, 0, repeat('0', 64));
CREATE TRIGGER core_audithead_guard BEFORE UPDATE ON core_audithead
    FOR EACH ROW EXECUTE FUNCTION core_audithead_guard();
CREATE TRIGGER core_audithead_stays BEFORE DELETE ON core_audithead
    FOR EACH ROW EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER core_audithead_stays_truncate BEFORE TRUNCATE ON core_audithead
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();
"""

UNGUARD = """
DROP TRIGGER core_audithead_stays_truncate ON core_audithead;
DROP TRIGGER core_audithead_stays ON core_audithead;
DROP TRIGGER core_audithead_guard ON core_audithead;
DROP TRIGGER core_auditbatch_append_only_truncate ON core_auditbatch;
DROP TRIGGER core_auditbatch_append_only ON core_auditbatch;
DROP TRIGGER core_auditbatch_guard ON core_auditbatch;
DROP TRIGGER core_auditrecord_append_only_truncate ON core_auditrecord;
DROP TRIGGER core_auditrecord_append_only ON core_auditrecord;
DROP TRIGGER core_auditrecord_guard ON core_auditrecord;
DROP FUNCTION core_audithead_guard();
DROP FUNCTION core_auditbatch_guard();
DROP FUNCTION core_auditrecord_guard();
DROP FUNCTION core_audit_refuse();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0004_private_files'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditBatch',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ('records', models.PositiveIntegerField()),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('mac', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'audit batches',
                'constraints': [models.CheckConstraint(condition=models.Q(('number__gt', 0), ('records__gt', 0)), name='core_auditbatch_has_records'), models.CheckConstraint(condition=models.Q(('hash', models.F('previous_hash')), _negated=True), name='core_auditbatch_hash_moves_on')],
            },
        ),
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('number', models.PositiveBigIntegerField(default=0)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='core_audithead_is_one')],
            },
        ),
        migrations.CreateModel(
            name='AuditRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_id', models.UUIDField(help_text="empty: the operator, at the server's own command line", null=True)),
                ('actor_role', models.CharField(blank=True, max_length=12)),
                ('action', models.CharField(max_length=40)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.CharField(max_length=64)),
                ('user_id', models.UUIDField(help_text='whom it is about', null=True)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('reason', models.TextField(blank=True)),
                ('ip', models.CharField(blank=True, max_length=45)),
                ('user_agent', models.CharField(blank=True, max_length=200)),
                ('request_id', models.CharField(blank=True, max_length=128)),
                ('entrance', models.CharField(blank=True, help_text='the request or command that did it', max_length=200)),
                ('digest', models.CharField(max_length=64)),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='core.auditbatch')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('batch', None)), fields=['id'], name='core_audit_unsealed'), models.Index(fields=['actor_id', '-id'], name='core_audit_by_actor'), models.Index(fields=['user_id', '-id'], name='core_audit_about_user'), models.Index(fields=['subject_id', '-id'], name='core_audit_of_subject'), models.Index(fields=['action', '-id'], name='core_audit_by_action')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('action', ''), _negated=True), models.Q(('subject_kind', ''), _negated=True)), name='core_auditrecord_says_what')],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
