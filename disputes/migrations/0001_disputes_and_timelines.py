import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


# What was said and done stays as it was written.
TIMELINE = """
CREATE FUNCTION disputes_disputeentry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline of a dispute is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'disputes_disputeentry_append_only';
END $$;
CREATE TRIGGER disputes_disputeentry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON disputes_disputeentry
    FOR EACH STATEMENT EXECUTE FUNCTION disputes_disputeentry_append_only();
"""
NO_TIMELINE = "DROP FUNCTION disputes_disputeentry_append_only() CASCADE"

# A ruling, or a withdrawal, is the last word.
CLOSED = """
CREATE FUNCTION disputes_dispute_closed_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a closed dispute never changes'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'disputes_dispute_closed_is_final';
END $$;
CREATE TRIGGER disputes_dispute_closed_is_final BEFORE UPDATE OR DELETE ON disputes_dispute
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION disputes_dispute_closed_is_final();
"""
NOT_CLOSED = "DROP FUNCTION disputes_dispute_closed_is_final() CASCADE"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('trades', '0001_trades_steps_receipts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('opened_by', models.CharField(choices=[('buyer', 'Buyer'), ('seller', 'Seller'), ('system', 'System')], max_length=6)),
                ('reason', models.CharField(choices=[('payment_not_received', 'Payment Not Received'), ('payment_wrong_amount', 'Payment Wrong Amount'), ('third_party_payment', 'Third Party Payment'), ('payment_reversed', 'Payment Reversed'), ('not_released', 'Not Released'), ('other', 'Other')], max_length=24)),
                ('status', models.CharField(choices=[('open', 'Open'), ('in_review', 'In Review'), ('resolved', 'Resolved'), ('withdrawn', 'Withdrawn')], default='open', max_length=9)),
                ('resolution', models.CharField(choices=[('release', 'Release'), ('refund', 'Refund'), ('split', 'Split')], max_length=7, null=True)),
                ('buyer_amount', models.DecimalField(decimal_places=6, help_text="of the trade's amount, what the ruling gives to the buyer", max_digits=20, null=True)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('trade', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='trades.trade')),
            ],
        ),
        migrations.CreateModel(
            name='DisputeEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('opened', 'Opened'), ('statement', 'Statement'), ('assigned', 'Assigned'), ('comment', 'Comment'), ('withdrawn', 'Withdrawn'), ('resolved', 'Resolved')], max_length=9)),
                ('actor', models.CharField(choices=[('buyer', 'Buyer'), ('seller', 'Seller'), ('staff', 'Staff'), ('system', 'System')], max_length=6)),
                ('note', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField()),
                ('author', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timeline', to='disputes.dispute')),
            ],
            options={
                'verbose_name_plural': 'dispute entries',
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(fields=['status', '-id'], name='disputes_by_status'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['open', 'in_review'])), fields=('trade',), name='disputes_dispute_one_live'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('opened_by__in', ['buyer', 'seller']), models.Q(('opened_by', 'system'), ('reason', 'not_released')), _connector='OR'), name='disputes_dispute_opener_known'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['payment_not_received', 'payment_wrong_amount', 'third_party_payment', 'payment_reversed', 'not_released', 'other'])), name='disputes_dispute_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('assignee__isnull', True), ('status', 'open')), models.Q(('assignee__isnull', False), ('status', 'in_review')), ('status__in', ['resolved', 'withdrawn']), _connector='OR'), name='disputes_dispute_review_has_assignee'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status__in', ['open', 'in_review'])), models.Q(('closed_at__isnull', False), ('status__in', ['resolved', 'withdrawn'])), _connector='OR'), name='disputes_dispute_lives_or_is_closed'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(models.Q(('buyer_amount', 0), ('resolution', 'refund')), models.Q(('buyer_amount__gt', 0), ('resolution__in', ['release', 'split'])), _connector='OR'), ('buyer_amount__isnull', False), ('resolution__isnull', False), ('resolved_by__isnull', False), ('status', 'resolved')), models.Q(('buyer_amount__isnull', True), ('resolution__isnull', True), ('resolved_by__isnull', True), ('status__in', ['open', 'in_review', 'withdrawn'])), _connector='OR'), name='disputes_dispute_resolved_means_ruled'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('opened_by', 'system'), ('status', 'withdrawn'), _negated=True), name='disputes_dispute_withdrawn_by_party'),
        ),
        migrations.AddConstraint(
            model_name='disputeentry',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['opened', 'statement', 'assigned', 'comment', 'withdrawn', 'resolved'])), name='disputes_disputeentry_action_known'),
        ),
        migrations.AddConstraint(
            model_name='disputeentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('actor', 'system'), ('author__isnull', True)), models.Q(('actor__in', ['buyer', 'seller', 'staff']), ('author__isnull', False)), _connector='OR'), name='disputes_disputeentry_people_have_names'),
        ),
        migrations.RunSQL(TIMELINE, NO_TIMELINE),
        migrations.RunSQL(CLOSED, NOT_CLOSED),
    ]
