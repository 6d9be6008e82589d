import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


# What was written stays as it was written.
CONVERSATION = """
CREATE FUNCTION support_ticketmessage_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the messages of a ticket are append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'support_ticketmessage_append_only';
END $$;
CREATE TRIGGER support_ticketmessage_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON support_ticketmessage
    FOR EACH STATEMENT EXECUTE FUNCTION support_ticketmessage_append_only();
"""
NO_CONVERSATION = "DROP FUNCTION support_ticketmessage_append_only() CASCADE"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(max_length=200)),
                ('category', models.CharField(choices=[('account', 'Account'), ('verification', 'Verification'), ('deposit', 'Deposit'), ('withdrawal', 'Withdrawal'), ('trade', 'Trade'), ('security', 'Security'), ('other', 'Other')], max_length=12)),
                ('status', models.CharField(choices=[('open', 'Open'), ('waiting_user', 'Waiting User'), ('waiting_staff', 'Waiting Staff'), ('closed', 'Closed')], default='open', max_length=13)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('assignee', models.ForeignKey(help_text='who answered first', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='TicketMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_staff', models.BooleanField()),
                ('body', models.TextField(max_length=5000)),
                ('at', models.DateTimeField()),
                ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='support.ticket')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['user', '-id'], name='support_tickets_of_user'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['status', '-id'], name='support_by_status'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(('subject__regex', '\\S')), name='support_ticket_subject_visible'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(('category__in', ['account', 'verification', 'deposit', 'withdrawal', 'trade', 'security', 'other'])), name='support_ticket_category_known'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status__in', ['open', 'waiting_user', 'waiting_staff'])), models.Q(('closed_at__isnull', False), ('status', 'closed')), _connector='OR'), name='support_ticket_closed_has_time'),
        ),
        migrations.AddConstraint(
            model_name='ticketmessage',
            constraint=models.CheckConstraint(condition=models.Q(('body__regex', '\\S')), name='support_ticketmessage_body_visible'),
        ),
        migrations.RunSQL(CONVERSATION, NO_CONVERSATION),
    ]
