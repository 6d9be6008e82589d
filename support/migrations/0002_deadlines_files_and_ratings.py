
import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


# What lives when this comes has a new ticket's time, by default; what is closed is taken as closed by its owner.
DUE = """
UPDATE support_ticket SET due_at = statement_timestamp() + interval '1 day' WHERE closed_at IS NULL;
UPDATE support_ticket SET closed_by = 'user' WHERE closed_at IS NOT NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0004_private_files'),
        ('orders', '0002_live_orders_of_owner'),
        ('support', '0001_tickets_and_messages'),
        ('trades', '0003_feedback_and_records'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CannedAnswer',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120)),
                ('category', models.CharField(blank=True, choices=[('account', 'Account'), ('verification', 'Verification'), ('deposit', 'Deposit'), ('withdrawal', 'Withdrawal'), ('trade', 'Trade'), ('security', 'Security'), ('other', 'Other')], help_text='empty: of any', max_length=12)),
                ('body', models.TextField(max_length=5000)),
            ],
        ),
        migrations.CreateModel(
            name='TicketFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='ticket',
            name='support_ticket_closed_has_time',
        ),
        migrations.AddField(
            model_name='ticket',
            name='closed_by',
            field=models.CharField(choices=[('user', 'User'), ('staff', 'Staff'), ('system', 'System')], max_length=6, null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='due_at',
            field=models.DateTimeField(help_text='by when who has to speak next should have spoken', null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='order',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='rated_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='rating',
            field=models.PositiveSmallIntegerField(help_text='1 to 5, by its owner', null=True),
        ),
        migrations.AddField(
            model_name='ticket',
            name='rating_comment',
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name='ticket',
            name='trade',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trades.trade'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='assignee',
            field=models.ForeignKey(help_text='who answered first, or was assigned', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='support_tickets_due'),
        ),
        migrations.RunSQL(DUE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('due_at__isnull', False), ('status__in', ['open', 'waiting_user', 'waiting_staff'])), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('due_at__isnull', True), ('status', 'closed')), _connector='OR'), name='support_ticket_closed_has_time'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rated_at__isnull', True), ('rating__isnull', True), ('rating_comment', '')), models.Q(('rated_at__isnull', False), ('rating__gte', 1), ('rating__isnull', False), ('rating__lte', 5)), _connector='OR'), name='support_ticket_rated_1_to_5'),
        ),
        migrations.AddConstraint(
            model_name='cannedanswer',
            constraint=models.UniqueConstraint(fields=('title',), name='support_cannedanswer_once'),
        ),
        migrations.AddConstraint(
            model_name='cannedanswer',
            constraint=models.CheckConstraint(condition=models.Q(('body__regex', '\\S'), ('title__regex', '\\S')), name='support_cannedanswer_visible'),
        ),
        migrations.AddField(
            model_name='ticketfile',
            name='file',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile'),
        ),
        migrations.AddField(
            model_name='ticketfile',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='support.ticketmessage'),
        ),
    ]
