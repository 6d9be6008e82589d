

import django.db.models.deletion
import iqx.core.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_records_and_relations'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=iqx.core.clock.now)),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Totp',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='totp', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('secret', models.TextField(help_text='sealed')),
                ('last_step', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=iqx.core.clock.now)),
                ('confirmed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'authenticator app',
            },
        ),
        migrations.RemoveConstraint(
            model_name='logincounter',
            name='accounts_logincounter_scope_known',
        ),
        migrations.RemoveConstraint(
            model_name='session',
            name='accounts_session_end_has_reason',
        ),
        migrations.AddField(
            model_name='user',
            name='two_factor',
            field=models.BooleanField(default=False, help_text='On: what matters needs a second factor, too.'),
        ),
        migrations.AddField(
            model_name='user',
            name='withdrawals_held_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='withdrawals_hold_reason',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name='logincounter',
            name='scope',
            field=models.CharField(choices=[('pair', 'Pair'), ('address', 'Address'), ('email', 'Email'), ('otp', 'Otp')], max_length=7),
        ),
        migrations.AlterField(
            model_name='session',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('logout', 'Logout'), ('logout_all', 'Logout All'), ('revoked', 'Revoked'), ('password', 'password changed'), ('disowned', "this wasn't me"), ('reuse', 'refresh token used twice'), ('suspended', 'Suspended')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='logincounter',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ['pair', 'address', 'email', 'otp'])), name='accounts_logincounter_scope_known'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at', None)), models.Q(('end_reason__in', ['logout', 'logout_all', 'revoked', 'password', 'disowned', 'reuse', 'suspended']), ('ended_at__isnull', False)), _connector='OR'), name='accounts_session_end_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawals_held_until', None), ('withdrawals_hold_reason', '')), models.Q(('withdrawals_held_until__isnull', False), models.Q(('withdrawals_hold_reason', ''), _negated=True)), _connector='OR'), name='accounts_user_hold_has_reason'),
        ),
        migrations.AddField(
            model_name='recoverycode',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='totp',
            constraint=models.CheckConstraint(condition=models.Q(('last_step__gte', 0)), name='accounts_totp_last_step_not_negative'),
        ),
    ]
