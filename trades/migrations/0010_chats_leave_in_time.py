from django.db import migrations

# A message leaves with the whole of its chat, by a transaction that says until when chats leave; and then only if its
# trade ended before that, and no dispute about it is open.
LEAVE_IN_TIME = """
CREATE OR REPLACE FUNCTION trades_message_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM trades_trade t
        WHERE t.id = OLD.trade_id
          AND t.closed_at < nullif(current_setting('iqx.chats_leave_before', true), '')::timestamptz
          AND NOT EXISTS (
              SELECT FROM disputes_dispute d WHERE d.trade_id = t.id AND d.status IN ('open', 'in_review'))
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'trades_message is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'trades_message_append_only';
END $$;
DROP TRIGGER trades_message_append_only ON trades_message;
CREATE TRIGGER trades_message_append_only BEFORE UPDATE ON trades_message
    FOR EACH STATEMENT EXECUTE FUNCTION trades_append_only();
CREATE TRIGGER trades_message_leaves BEFORE DELETE ON trades_message
    FOR EACH ROW EXECUTE FUNCTION trades_message_leaves();
"""
STAY = """
DROP TRIGGER trades_message_leaves ON trades_message;
DROP FUNCTION trades_message_leaves();
DROP TRIGGER trades_message_append_only ON trades_message;
CREATE TRIGGER trades_message_append_only BEFORE UPDATE OR DELETE ON trades_message
    FOR EACH STATEMENT EXECUTE FUNCTION trades_append_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('trades', '0009_messages_in_time'),
    ]

    operations = [
        migrations.RunSQL(LEAVE_IN_TIME, STAY),
    ]
