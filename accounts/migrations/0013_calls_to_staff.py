from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_auditors'),
    ]

    operations = [
        migrations.AddField(
            model_name='flag',
            name='called_at',
            field=models.DateTimeField(help_text='when staff were last told that it is overdue', null=True),
        ),
        migrations.AddField(
            model_name='kycsubmission',
            name='called_at',
            field=models.DateTimeField(help_text='when staff were last told that it is overdue', null=True),
        ),
        migrations.AlterField(
            model_name='flag',
            name='due_at',
            field=models.DateTimeField(help_text='until when staff owe the next step', null=True),
        ),
        migrations.AlterField(
            model_name='kycsubmission',
            name='due_at',
            field=models.DateTimeField(help_text='until when staff owe the next step', null=True),
        ),
        migrations.AddIndex(
            model_name='flag',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='accounts_flags_owed'),
        ),
        migrations.AddIndex(
            model_name='kycsubmission',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='accounts_kyc_owed'),
        ),
    ]
