
import django.contrib.postgres.fields
import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


# What lives when this comes has the time that a new one would have, by default.
DUE = """
UPDATE disputes_dispute SET staff_due_at = statement_timestamp() + interval '8 hours' WHERE closed_at IS NULL
"""

# A ruling that was made is the last word, and what was dropped stays dropped.
MADE = """
CREATE FUNCTION disputes_ruling_made_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a ruling that was made or dropped never changes, and none is deleted'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'disputes_ruling_made_is_final';
END $$;
CREATE TRIGGER disputes_ruling_made_is_final BEFORE UPDATE ON disputes_ruling
    FOR EACH ROW WHEN (OLD.status <> 'proposed') EXECUTE FUNCTION disputes_ruling_made_is_final();
CREATE TRIGGER disputes_ruling_never_deleted BEFORE DELETE OR TRUNCATE ON disputes_ruling
    FOR EACH STATEMENT EXECUTE FUNCTION disputes_ruling_made_is_final();
"""
NOT_MADE = "DROP FUNCTION disputes_ruling_made_is_final() CASCADE"


class Migration(migrations.Migration):

    dependencies = [
        ('disputes', '0001_disputes_and_timelines'),
        ('trades', '0002_settled_trade_has_buyer_amount'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DisputeHelper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Ruling',
            fields=[
                ('id', models.UUIDField(default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('made', 'Made'), ('dropped', 'Dropped')], default='proposed', max_length=8)),
                ('resolution', models.CharField(choices=[('release', 'Release'), ('refund', 'Refund'), ('split', 'Split')], max_length=7, null=True)),
                ('buyer_amount', models.DecimalField(decimal_places=6, help_text="of the trade's amount, what goes to the buyer", max_digits=20, null=True)),
                ('finding', models.CharField(choices=[('buyer', 'Buyer'), ('seller', 'Seller'), ('neither', 'Neither')], max_length=7, null=True)),
                ('compensation', models.DecimalField(decimal_places=6, help_text='that an adjustment is asked for, for whom the finding favours', max_digits=20, null=True)),
                ('reason', models.TextField(help_text='both parties read it, once the ruling is made')),
                ('needs_second', models.BooleanField(help_text='whether another admin has to confirm it')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='dispute',
            name='disputes_dispute_reason_known',
        ),
        migrations.RemoveConstraint(
            model_name='dispute',
            name='disputes_dispute_lives_or_is_closed',
        ),
        migrations.RemoveConstraint(
            model_name='dispute',
            name='disputes_dispute_resolved_means_ruled',
        ),
        migrations.RemoveConstraint(
            model_name='disputeentry',
            name='disputes_disputeentry_action_known',
        ),
        migrations.AddField(
            model_name='dispute',
            name='after_end',
            field=models.BooleanField(default=False, help_text='opened when the trade had ended and the escrow was gone'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='buyer_due_at',
            field=models.DateTimeField(help_text="until when the buyer's answer is awaited", null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='finding',
            field=models.CharField(choices=[('buyer', 'Buyer'), ('seller', 'Seller'), ('neither', 'Neither')], help_text='who was right, after the end', max_length=7, null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='seller_due_at',
            field=models.DateTimeField(help_text="until when the seller's answer is awaited", null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='staff_due_at',
            field=models.DateTimeField(help_text='by when staff have to act', null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='warned',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=6), default=list, help_text='whose deadline was warned of: buyer, seller, staff', size=None),
        ),
        migrations.AddField(
            model_name='dispute',
            name='warned_of',
            field=models.DateTimeField(help_text="the trade's deadline that staff were warned of", null=True),
        ),
        migrations.AddField(
            model_name='disputeentry',
            name='internal',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='reason',
            field=models.CharField(choices=[('payment_not_received', 'Payment Not Received'), ('payment_wrong_amount', 'Payment Wrong Amount'), ('third_party_payment', 'Third Party Payment'), ('payment_reversed', 'Payment Reversed'), ('forged_receipt', 'Forged Receipt'), ('not_released', 'Not Released'), ('seller_asks_more', 'Seller Asks More'), ('paid_twice', 'Paid Twice'), ('paid_but_cancelled', 'Paid But Cancelled'), ('released_by_mistake', 'Released By Mistake'), ('other', 'Other')], max_length=24),
        ),
        migrations.AlterField(
            model_name='disputeentry',
            name='action',
            field=models.CharField(choices=[('opened', 'Opened'), ('statement', 'Statement'), ('assigned', 'Assigned'), ('reassigned', 'Reassigned'), ('comment', 'Comment'), ('note', 'Note'), ('helper', 'Helper'), ('warned', 'Warned'), ('silent', 'Silent'), ('proposed', 'Proposed'), ('withdrawn', 'Withdrawn'), ('resolved', 'Resolved')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(condition=models.Q(('staff_due_at__isnull', False)), fields=['staff_due_at'], name='disputes_live'),
        ),
        migrations.RunSQL(DUE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['payment_not_received', 'payment_wrong_amount', 'third_party_payment', 'payment_reversed', 'forged_receipt', 'not_released', 'seller_asks_more', 'paid_twice', 'paid_but_cancelled', 'released_by_mistake', 'other'])), name='disputes_dispute_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('staff_due_at__isnull', False), ('status__in', ['open', 'in_review'])), models.Q(('buyer_due_at__isnull', True), ('closed_at__isnull', False), ('seller_due_at__isnull', True), ('staff_due_at__isnull', True), ('status__in', ['resolved', 'withdrawn'])), _connector='OR'), name='disputes_dispute_lives_or_is_closed'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(models.Q(models.Q(models.Q(('buyer_amount', 0), ('resolution', 'refund')), models.Q(('buyer_amount__gt', 0), ('resolution__in', ['release', 'split'])), _connector='OR'), ('after_end', False), ('buyer_amount__isnull', False), ('finding__isnull', True), ('resolution__isnull', False)), models.Q(('after_end', True), ('buyer_amount__isnull', True), ('finding__in', ['buyer', 'seller', 'neither']), ('finding__isnull', False), ('resolution__isnull', True)), _connector='OR'), ('resolved_by__isnull', False), ('status', 'resolved')), models.Q(('buyer_amount__isnull', True), ('finding__isnull', True), ('resolution__isnull', True), ('resolved_by__isnull', True), ('status__in', ['open', 'in_review', 'withdrawn'])), _connector='OR'), name='disputes_dispute_resolved_means_ruled'),
        ),
        migrations.AddConstraint(
            model_name='disputeentry',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['opened', 'statement', 'assigned', 'reassigned', 'comment', 'note', 'helper', 'warned', 'silent', 'proposed', 'withdrawn', 'resolved'])), name='disputes_disputeentry_action_known'),
        ),
        migrations.AddConstraint(
            model_name='disputeentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action__in', ['note', 'helper', 'proposed']), ('internal', True)), models.Q(('internal', False), models.Q(('action__in', ['note', 'helper', 'proposed']), _negated=True)), _connector='OR'), name='disputes_disputeentry_notes_stay_inside'),
        ),
        migrations.AddField(
            model_name='disputehelper',
            name='added_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='disputehelper',
            name='dispute',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='helpers', to='disputes.dispute'),
        ),
        migrations.AddField(
            model_name='disputehelper',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruling',
            name='confirmed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruling',
            name='dispute',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='disputes.dispute'),
        ),
        migrations.AddField(
            model_name='ruling',
            name='proposed_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='disputehelper',
            constraint=models.UniqueConstraint(fields=('dispute', 'user'), name='disputes_disputehelper_once'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['proposed', 'made'])), fields=('dispute',), name='disputes_ruling_one_stands'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='disputes_ruling_two_persons'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_by__isnull', False), ('needs_second', True), ('status', 'made')), models.Q(('confirmed_by__isnull', True), ('needs_second', False), ('status', 'made')), models.Q(('confirmed_by__isnull', True), ('needs_second', True), ('status', 'proposed')), models.Q(('confirmed_by__isnull', True), ('status', 'dropped')), _connector='OR'), name='disputes_ruling_made_by_enough'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('buyer_amount__isnull', False), ('compensation__isnull', True), ('finding__isnull', True), ('resolution__isnull', False)), models.Q(('buyer_amount__isnull', True), ('finding__isnull', False), ('resolution__isnull', True)), _connector='OR'), name='disputes_ruling_rules_or_finds'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(('compensation__isnull', True), models.Q(('compensation__gt', 0), ('finding__in', ['buyer', 'seller']), ('finding__isnull', False)), _connector='OR'), name='disputes_ruling_compensates_somebody'),
        ),
        migrations.RunSQL(MADE, NOT_MADE),
    ]
