from django.conf import settings
from django.db import migrations, models


# What waits already has a day from now on.
_GIVE_TIME = """
UPDATE wallets_deposit SET due_at = now() + interval '1 day' WHERE status = 'pending';
UPDATE wallets_withdrawal SET due_at = now() + interval '1 day' WHERE status IN ('pending', 'approved', 'sent');
UPDATE wallets_adjustment SET due_at = now() + interval '1 day' WHERE status = 'pending';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('wallets', '0008_withdrawals_in_time'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='adjustment',
            name='called_at',
            field=models.DateTimeField(help_text='when staff were last told that it is overdue', null=True),
        ),
        migrations.AddField(
            model_name='adjustment',
            name='due_at',
            field=models.DateTimeField(help_text='until when staff owe the next step', null=True),
        ),
        migrations.AddField(
            model_name='deposit',
            name='called_at',
            field=models.DateTimeField(help_text='when staff were last told that it is overdue', null=True),
        ),
        migrations.AddField(
            model_name='deposit',
            name='due_at',
            field=models.DateTimeField(help_text='until when staff owe the next step', null=True),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='called_at',
            field=models.DateTimeField(help_text='when staff were last told that it is overdue', null=True),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='due_at',
            field=models.DateTimeField(help_text='until when staff owe the next step', null=True),
        ),
        migrations.RunSQL(_GIVE_TIME, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='deposit',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='wallets_deposits_owed'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='wallets_withdrawals_owed'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('status', 'pending')), models.Q(('due_at__isnull', True), ('status__in', ['approved', 'rejected'])), _connector='OR'), name='wallets_adjustment_waits_or_is_decided'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('status', 'pending')), models.Q(('due_at__isnull', True), ('status__in', ['confirmed', 'rejected'])), _connector='OR'), name='wallets_deposit_waits_or_is_decided'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('status__in', ['pending', 'approved', 'sent'])), models.Q(('due_at__isnull', True), ('status__in', ['confirmed', 'rejected', 'cancelled'])), _connector='OR'), name='wallets_withdrawal_waits_or_is_done'),
        ),
    ]
