import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Nobody talks himself out of needing a second person afterwards.
GUARD = """
CREATE FUNCTION wallets_withdrawal_keeps_need() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.needs_second, NEW.amount, NEW.fee, NEW.address, NEW.network, NEW.user_id) IS DISTINCT FROM
       (OLD.needs_second, OLD.amount, OLD.fee, OLD.address, OLD.network, OLD.user_id) THEN
        RAISE EXCEPTION 'what a withdrawal asks for never changes'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wallets_withdrawal_stays';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER wallets_withdrawal_keeps_need BEFORE UPDATE ON wallets_withdrawal
    FOR EACH ROW EXECUTE FUNCTION wallets_withdrawal_keeps_need();
"""

UNGUARD = """
DROP TRIGGER wallets_withdrawal_keeps_need ON wallets_withdrawal;
DROP FUNCTION wallets_withdrawal_keeps_need();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('wallets', '0009_requests_that_wait_have_a_deadline'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='withdrawal',
            name='first_approved_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='needs_second',
            field=models.BooleanField(default=False, help_text='whether two admins have to approve it'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('first_approved_by', None), models.Q(models.Q(('first_approved_by', models.F('user')), _negated=True), models.Q(('reviewed_by', None), models.Q(('first_approved_by', models.F('reviewed_by')), _negated=True), _connector='OR')), _connector='OR'), name='wallets_withdrawal_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second', False), models.Q(('status__in', ['approved', 'sent', 'confirmed']), _negated=True), models.Q(('first_approved_by__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='wallets_withdrawal_approved_by_enough'),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
