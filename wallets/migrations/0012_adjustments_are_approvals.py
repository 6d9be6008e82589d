from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from iqx.core.ids import new_id


breaks_zero_downtime = "old processes ask for adjustments without an approval, which nobody would find; unreleased"


def ask_anew(apps, schema_editor):
    """What waits already waits among the approvals; what somebody asked for his own balance never does."""
    pending = apps.get_model("wallets", "Adjustment").objects.filter(status="pending")
    now = timezone.now()
    pending.filter(requested_by=models.F("user")).update(status="dropped", decided_at=now, due_at=None)
    approvals = apps.get_model("accounts", "Approval").objects
    for adjustment in pending:
        approvals.create(
            id=new_id(),
            kind="adjustment",
            subject_id=adjustment.id,
            user_id=adjustment.user_id,
            payload={"amount": f"{adjustment.amount:.6f}"},
            reason=adjustment.reason,
            requested_by_id=adjustment.requested_by_id,
            due_at=adjustment.due_at,
            created_at=adjustment.created_at,
            expires_at=now + timedelta(seconds=settings.APPROVAL_SECONDS),
        )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0017_adjustments_wait_for_a_second_person'),
        ('wallets', '0011_withdrawals_by_address'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='adjustment',
            name='wallets_adjustment_decided_by_someone',
        ),
        migrations.RemoveConstraint(
            model_name='adjustment',
            name='wallets_adjustment_waits_or_is_decided',
        ),
        migrations.AlterField(
            model_name='adjustment',
            name='status',
            field=models.CharField(choices=[('pending', 'Pending'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('dropped', 'Dropped')], default='pending', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('status', 'pending')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status__in', ['approved', 'rejected'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', True), ('status', 'dropped')), _connector='OR'), name='wallets_adjustment_decided_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('status', 'pending')), models.Q(('due_at__isnull', True), ('status__in', ['approved', 'rejected', 'dropped'])), _connector='OR'), name='wallets_adjustment_waits_or_is_decided'),
        ),
        migrations.RunPython(ask_anew, migrations.RunPython.noop),
    ]
