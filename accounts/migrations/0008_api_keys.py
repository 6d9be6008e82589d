
import django.contrib.postgres.fields
import django.db.models.deletion
import iqx.core.clock
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_payment_methods_as_data'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('prefix', models.CharField(max_length=12)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'Read'), ('trade', 'Trade'), ('withdraw', 'Withdraw')], max_length=8), size=None)),
                ('networks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), default=list, help_text='CIDR; none: from anywhere', size=None)),
                ('created_at', models.DateTimeField(default=iqx.core.clock.now)),
                ('expires_at', models.DateTimeField(null=True)),
                ('last_used_at', models.DateTimeField(help_text='to the minute', null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API key',
                'constraints': [models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['read', 'trade', 'withdraw']), ('scopes__len__gt', 0)), name='accounts_apikey_scopes_known'), models.CheckConstraint(condition=models.Q(('expires_at', None), ('expires_at__gt', models.F('created_at')), _connector='OR'), name='accounts_apikey_expires_later')],
            },
        ),
    ]
