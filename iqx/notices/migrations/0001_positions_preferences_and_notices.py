import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# What happened before there were notices is told to nobody.
FROM_NOW_ON = "INSERT INTO notices_position (stream_id, seq) SELECT name, head FROM core_stream WHERE name LIKE 'user:%'"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_payment_methods'),
        ('core', '0003_pulses_and_outages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Position',
            fields=[
                ('stream', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='core.stream')),
                ('seq', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('seq__gte', 0)), name='notices_position_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Preferences',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notice_preferences', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'Français'), ('vi', 'Tiếng Việt')], default='en', max_length=5)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('quiet_from', models.TimeField(blank=True, null=True)),
                ('quiet_until', models.TimeField(blank=True, null=True)),
                ('choices', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name_plural': 'preferences',
                'constraints': [models.CheckConstraint(condition=models.Q(('language__in', ['en', 'fr', 'vi'])), name='notices_preferences_language_known'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='notices_preferences_quiet_hours_whole')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField(help_text="of the event, in the user's stream")),
                ('kind', models.CharField(max_length=40)),
                ('facts', models.JSONField()),
                ('in_app', models.BooleanField()),
                ('created_at', models.DateTimeField(db_index=True, help_text='when the event happened')),
                ('read_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('in_app', True), ('read_at', None)), fields=['user', '-seq'], name='notices_unread_of_user')],
                'constraints': [models.UniqueConstraint(fields=('user', 'seq'), name='notices_notice_once_per_event')],
            },
        ),
        migrations.RunSQL(FROM_NOW_ON, migrations.RunSQL.noop),
    ]
