
import django.db.models.deletion
import iqx.core.clock
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_kyc_submissions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SecurityAlert',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('new_login', 'New Login'), ('password_changed', 'Password Changed'), ('two_factor_enabled', 'Two Factor Enabled'), ('two_factor_disabled', 'Two Factor Disabled'), ('api_key_created', 'Api Key Created'), ('withdrawal_address_added', 'Withdrawal Address Added'), ('account_secured', 'Account Secured')], max_length=24)),
                ('details', models.JSONField(default=dict)),
                ('ip', models.GenericIPAddressField(null=True)),
                ('user_agent', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=iqx.core.clock.now)),
                ('digest', models.CharField(max_length=64, null=True, unique=True)),
                ('used_at', models.DateTimeField(help_text="when the owner said that it wasn't he", null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='security_alerts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['new_login', 'password_changed', 'two_factor_enabled', 'two_factor_disabled', 'api_key_created', 'withdrawal_address_added', 'account_secured'])), name='accounts_securityalert_kind_known'), models.CheckConstraint(condition=models.Q(('used_at', None), ('digest__isnull', False), _connector='OR'), name='accounts_securityalert_used_after_mailed')],
            },
        ),
    ]
