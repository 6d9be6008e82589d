import django.db.models.deletion
import iqx.core.clock
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_calls_to_staff'),
    ]

    operations = [
        migrations.CreateModel(
            name='Passkey',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('credential_id', models.BinaryField(max_length=1023, unique=True)),
                ('public_key', models.BinaryField(help_text='COSE')),
                ('sign_count', models.BigIntegerField(default=0)),
                ('backed_up', models.BooleanField(default=False, help_text='its owner has it on several devices')),
                ('created_at', models.DateTimeField(default=iqx.core.clock.now)),
                ('last_used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PasskeyChallenge',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('register', 'Register'), ('step_up', 'Step Up'), ('log_in', 'Log In')], max_length=8)),
                ('challenge', models.BinaryField()),
                ('proved', models.BooleanField(default=False, help_text='by the second factor that its user had then')),
                ('created_at', models.DateTimeField(default=iqx.core.clock.now)),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='StepUpCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=iqx.core.clock.now)),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='securityalert',
            name='accounts_securityalert_kind_known',
        ),
        migrations.AlterField(
            model_name='securityalert',
            name='kind',
            field=models.CharField(choices=[('new_login', 'New Login'), ('password_changed', 'Password Changed'), ('two_factor_enabled', 'Two Factor Enabled'), ('two_factor_disabled', 'Two Factor Disabled'), ('passkey_added', 'Passkey Added'), ('passkey_removed', 'Passkey Removed'), ('api_key_created', 'Api Key Created'), ('withdrawal_address_added', 'Withdrawal Address Added'), ('account_secured', 'Account Secured')], max_length=24),
        ),
        migrations.AddConstraint(
            model_name='securityalert',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['new_login', 'password_changed', 'two_factor_enabled', 'two_factor_disabled', 'passkey_added', 'passkey_removed', 'api_key_created', 'withdrawal_address_added', 'account_secured'])), name='accounts_securityalert_kind_known'),
        ),
        migrations.AddField(
            model_name='passkey',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passkeys', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='passkeychallenge',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stepupcode',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='passkey',
            constraint=models.CheckConstraint(condition=models.Q(('sign_count__gte', 0)), name='accounts_passkey_sign_count_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='passkeychallenge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'log_in'), ('user', None)), models.Q(('purpose__in', ['register', 'step_up']), ('user__isnull', False)), _connector='OR'), name='accounts_passkeychallenge_of_somebody'),
        ),
        migrations.AddConstraint(
            model_name='passkeychallenge',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='accounts_passkeychallenge_expires_later'),
        ),
        migrations.AddConstraint(
            model_name='stepupcode',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='accounts_stepupcode_expires_later'),
        ),
    ]
