import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models

# What was asked for stays what it was, is decided once, and is never removed.
GUARD = """
CREATE FUNCTION accounts_approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status = 'pending'
           AND (NEW.id, NEW.kind, NEW.subject_id, NEW.user_id, NEW.payload, NEW.reason, NEW.requested_by_id,
                NEW.created_at, NEW.expires_at)
               IS NOT DISTINCT FROM
               (OLD.id, OLD.kind, OLD.subject_id, OLD.user_id, OLD.payload, OLD.reason, OLD.requested_by_id,
                OLD.created_at, OLD.expires_at) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'what was asked for never changes, nor what was decided'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'accounts_approval_stays';
END $$;

CREATE TRIGGER accounts_approval_guard BEFORE UPDATE OR DELETE ON accounts_approval
    FOR EACH ROW EXECUTE FUNCTION accounts_approval_guard();
CREATE TRIGGER accounts_approval_guard_truncate BEFORE TRUNCATE ON accounts_approval
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_approval_guard();
"""

UNGUARD = """
DROP TRIGGER accounts_approval_guard_truncate ON accounts_approval;
DROP TRIGGER accounts_approval_guard ON accounts_approval;
DROP FUNCTION accounts_approval_guard();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_passkeys'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('due_at', models.DateTimeField(help_text='until when staff owe the next step', null=True)),
                ('called_at', models.DateTimeField(help_text='when staff were last told that it is overdue', null=True)),
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('role_change', 'Role Change'), ('two_factor_reset', 'Two Factor Reset'), ('withdrawal', 'Withdrawal')], max_length=16)),
                ('subject_id', models.UUIDField(help_text='what it is about: the person, or the withdrawal')),
                ('payload', models.JSONField(default=dict, help_text='what exactly will happen')),
                ('reason', models.CharField(max_length=500)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('approved', 'Approved'), ('refused', 'Refused'), ('expired', 'Expired'), ('dropped', 'Dropped')], default='pending', max_length=8)),
                ('note', models.CharField(blank=True, default='', help_text='of who decided', max_length=500)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(help_text='whom it is about', on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['status', '-id'], name='accounts_approvals_by_status'), models.Index(fields=['subject_id'], name='accounts_approvals_of_subject'), models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='accounts_approvals_owed')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'pending')), fields=('kind', 'subject_id'), name='accounts_approval_one_pending'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('requested_by')), _negated=True), _connector='OR'), name='accounts_approval_two_persons'), models.CheckConstraint(condition=models.Q(models.Q(('requested_by', models.F('user')), _negated=True), models.Q(('decided_by', None), models.Q(('decided_by', models.F('user')), _negated=True), _connector='OR')), name='accounts_approval_by_others'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('due_at__isnull', False), ('note', ''), ('status', 'pending')), models.Q(('due_at', None), ('status__in', ['approved', 'refused']), ('decided_at__isnull', False), ('decided_by__isnull', False)), models.Q(('decided_at__isnull', False), ('decided_by', None), ('due_at', None), ('status__in', ['expired', 'dropped'])), _connector='OR'), name='accounts_approval_waits_or_is_decided'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('decided_at__lt', models.F('expires_at')), _connector='OR'), name='accounts_approval_in_time'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='accounts_approval_has_reason'), models.CheckConstraint(condition=models.Q(('kind__in', ['role_change', 'two_factor_reset', 'withdrawal'])), name='accounts_approval_kind_known')],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
