from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_mail_word'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='approval',
            name='accounts_approval_kind_known',
        ),
        migrations.AlterField(
            model_name='approval',
            name='kind',
            field=models.CharField(choices=[('role_change', 'Role Change'), ('two_factor_reset', 'Two Factor Reset'), ('withdrawal', 'Withdrawal'), ('adjustment', 'Adjustment')], max_length=16),
        ),
        migrations.AlterField(
            model_name='approval',
            name='subject_id',
            field=models.UUIDField(help_text='what it is about: the person, the withdrawal, or the adjustment'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['role_change', 'two_factor_reset', 'withdrawal', 'adjustment'])), name='accounts_approval_kind_known'),
        ),
    ]
