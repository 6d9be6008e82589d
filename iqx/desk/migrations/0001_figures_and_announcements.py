import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


def start(apps, schema_editor):
    apps.get_model("trades", "RollUp").objects.create(name="figures")


def stop(apps, schema_editor):
    apps.get_model("trades", "RollUp").objects.filter(name="figures").delete()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ('trades', '0007_flags_of_scams'),
        ('orders', '0004_read_payment_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PlatformHour',
            fields=[
                ('hour', models.DateTimeField(primary_key=True, serialize=False)),
                ('registered', models.PositiveIntegerField(default=0)),
                ('deposits', models.PositiveIntegerField(default=0)),
                ('deposited', models.DecimalField(decimal_places=6, default=0, max_digits=30)),
                ('withdrawals', models.PositiveIntegerField(default=0)),
                ('withdrawn', models.DecimalField(decimal_places=6, default=0, max_digits=30)),
            ],
        ),
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(max_length=300)),
                ('severity', models.CharField(choices=[('info', 'Info'), ('warning', 'Warning')], default='info', max_length=7)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(help_text='empty: until somebody ends it', null=True)),
                ('created_at', models.DateTimeField()),
                ('ended_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['ends_at', 'starts_at'], name='desk_announcements_in_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text__regex', '\\S')), name='desk_announcement_visible'), models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='desk_announcement_ends_later'), models.CheckConstraint(condition=models.Q(('severity__in', ['info', 'warning'])), name='desk_announcement_severity')],
            },
        ),
        migrations.CreateModel(
            name='MarketHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('trades', models.PositiveIntegerField(default=0, help_text='opened')),
                ('volume', models.DecimalField(decimal_places=6, default=0, max_digits=30)),
                ('released', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0, help_text='cancelled, or refunded by staff')),
                ('disputed', models.PositiveIntegerField(default=0)),
                ('fees', models.DecimalField(decimal_places=6, default=0, max_digits=30)),
                ('bid', models.DecimalField(decimal_places=8, max_digits=18, null=True)),
                ('ask', models.DecimalField(decimal_places=8, max_digits=18, null=True)),
                ('bid_depth', models.DecimalField(decimal_places=6, help_text='within 2 % of the middle', max_digits=30, null=True)),
                ('ask_depth', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('market', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.market')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('hour', 'market'), name='desk_markethour_once')],
            },
        ),
        migrations.RunPython(start, stop),
    ]
