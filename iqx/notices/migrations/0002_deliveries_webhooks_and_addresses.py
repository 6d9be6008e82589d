import django.contrib.postgres.fields
import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_records_and_relations'),
        ('notices', '0001_positions_preferences_and_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notice_phone', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('number', models.TextField()),
                ('verified_at', models.DateTimeField(null=True)),
                ('code_digest', models.CharField(blank=True, max_length=64)),
                ('code_sent_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, help_text='wrong codes since the last one was sent')),
                ('codes', models.PositiveSmallIntegerField(default=0, help_text='sent within a day')),
            ],
        ),
        migrations.CreateModel(
            name='PushSubscription',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(choices=[('web_push', 'Web Push'), ('fcm', 'Fcm')], max_length=8)),
                ('address', models.TextField()),
                ('digest', models.CharField(help_text='of the address, so that it is known again', max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='push_subscriptions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('url', models.CharField(max_length=500)),
                ('description', models.CharField(blank=True, max_length=100)),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, help_text='types; none: all of them', size=None)),
                ('secret', models.TextField()),
                ('status', models.CharField(choices=[('verifying', 'Verifying'), ('active', 'Active'), ('paused', 'Paused'), ('disabled', 'Disabled')], default='verifying', max_length=9)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('retry_at', models.DateTimeField(help_text='after a failure nothing is posted before', null=True)),
                ('created_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField(help_text="of the event, in the user's stream")),
                ('event', models.CharField(help_text='its type', max_length=40)),
                ('route', models.CharField(choices=[('email', 'Email'), ('sms', 'Sms'), ('push', 'Push'), ('webhook', 'Webhook')], max_length=7)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('failed', 'Failed'), ('sent', 'Sent'), ('dead', 'Dead')], default='pending', max_length=7)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('first_tried_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, help_text="the provider's reference, or what went wrong", max_length=300)),
                ('created_at', models.DateTimeField(db_index=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notices.notice')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subscription', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='notices.pushsubscription')),
                ('webhook', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notices.webhook')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.AddConstraint(
            model_name='pushsubscription',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['web_push', 'fcm'])), name='notices_pushsubscription_type_known'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['verifying', 'active', 'paused', 'disabled'])), name='notices_webhook_status_known'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'failed'])), fields=['route', 'due_at'], name='notices_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['webhook', '-seq'], name='notices_delivery_of_webhook'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('user', 'seq', 'route', 'subscription', 'webhook'), name='notices_delivery_once_per_event', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('notice', None), ('route', 'webhook'), ('subscription', None), ('webhook__isnull', False)), models.Q(('notice__isnull', False), ('route', 'push'), ('subscription__isnull', False), ('webhook', None)), models.Q(('notice__isnull', False), ('route__in', ['email', 'sms']), ('subscription', None), ('webhook', None)), _connector='OR'), name='notices_delivery_has_an_address'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(('sent_at', None), ('state__in', ['pending', 'failed', 'dead'])), _connector='OR'), name='notices_delivery_sent_has_time'),
        ),
    ]
