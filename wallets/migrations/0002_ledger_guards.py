"""The proofs of the ledger that Django's constraints can't express. `docs/ledger.md` tells the argument.

By induction over `version`, a wallet's balance is the sum of its entries:
  * entry 1 starts from zero (a CHECK), and entry n starts from what entry n-1 left (CHAIN);
  * no two entries have the same number (a unique key), and none is changed or removed (append-only);
  * the wallet shows what its newest entry left (HEAD), and no entry is newer than that (`entries_posted`).
"""

from django.db import migrations

CHAIN = """
ALTER TABLE wallets_entry
    ADD CONSTRAINT wallets_entry_continues_previous
    FOREIGN KEY (wallet_id, prev_version, prev_available, prev_locked)
    REFERENCES wallets_entry (wallet_id, version, available_after, locked_after);
"""

# Deferred, because the wallet and its entry may be written in either order.
HEAD = """
ALTER TABLE wallets_wallet
    ADD CONSTRAINT wallets_wallet_shows_newest_entry
    FOREIGN KEY (user_id, head_version, available, locked)
    REFERENCES wallets_entry (wallet_id, version, available_after, locked_after)
    DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE wallets_wallet SET (fillfactor = 70);
"""

WALLET_GUARD = """
CREATE FUNCTION wallets_wallet_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.user_id <> OLD.user_id THEN
        RAISE EXCEPTION 'a wallet never changes hands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wallets_wallet_keeps_owner';
    ELSIF NEW.version < OLD.version THEN
        RAISE EXCEPTION 'a wallet never goes back to an earlier entry'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wallets_wallet_moves_forward';
    ELSIF NEW.version = OLD.version
          AND (NEW.available, NEW.locked) IS DISTINCT FROM (OLD.available, OLD.locked) THEN
        RAISE EXCEPTION 'a balance changes by an entry only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wallets_wallet_changes_by_entry';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER wallets_wallet_guard BEFORE UPDATE ON wallets_wallet
    FOR EACH ROW EXECUTE FUNCTION wallets_wallet_guard();
"""

# One set-based check a statement, at its end: transfers, wallets and entries are written by one statement.
# The correlated subqueries keep each look-up on its index, however old the cached plan is.
POSTING_GUARDS = """
CREATE FUNCTION wallets_transfers_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad uuid;
BEGIN
    SELECT t.id INTO bad FROM posted t
    WHERE (SELECT count(*) FROM wallets_entry e WHERE e.transfer_id = t.id) = 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % has no entries: they are written by the same statement', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wallets_transfer_has_entries';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER wallets_transfer_posted AFTER INSERT ON wallets_transfer
    REFERENCING NEW TABLE AS posted
    FOR EACH STATEMENT EXECUTE FUNCTION wallets_transfers_posted();

CREATE FUNCTION wallets_entries_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad text;
BEGIN
    SELECT e.transfer_id INTO bad FROM posted e
    GROUP BY e.transfer_id HAVING sum(e.available_delta + e.locked_delta) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % does not sum to zero', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wallets_transfer_sums_to_zero';
    END IF;

    SELECT e.transfer_id INTO bad FROM posted e
    GROUP BY e.transfer_id
    HAVING count(*) <> (SELECT count(*) FROM wallets_entry every WHERE every.transfer_id = e.transfer_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % is complete already', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wallets_transfer_is_complete';
    END IF;

    SELECT e.wallet_id INTO bad FROM posted e
    WHERE e.version > coalesce((SELECT w.version FROM wallets_wallet w WHERE w.user_id = e.wallet_id), 0) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'wallet % does not reach this entry', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wallets_entry_not_above_head';
    END IF;

    INSERT INTO wallets_unrolledentry (entry_id, account, amount)
    SELECT e.id, e.system_account, e.available_delta FROM posted e WHERE e.system_account IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER wallets_entry_posted AFTER INSERT ON wallets_entry
    REFERENCING NEW TABLE AS posted
    FOR EACH STATEMENT EXECUTE FUNCTION wallets_entries_posted();
"""

APPEND_ONLY = """
CREATE FUNCTION wallets_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER wallets_entry_append_only BEFORE UPDATE OR DELETE ON wallets_entry
    FOR EACH ROW EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_entry_append_only_truncate BEFORE TRUNCATE ON wallets_entry
    FOR EACH STATEMENT EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_transfer_append_only BEFORE UPDATE OR DELETE ON wallets_transfer
    FOR EACH ROW EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_transfer_append_only_truncate BEFORE TRUNCATE ON wallets_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION wallets_refuse_change();
"""

REVERSE = """
DROP TRIGGER wallets_transfer_append_only_truncate ON wallets_transfer;
DROP TRIGGER wallets_transfer_append_only ON wallets_transfer;
DROP TRIGGER wallets_entry_append_only_truncate ON wallets_entry;
DROP TRIGGER wallets_entry_append_only ON wallets_entry;
DROP TRIGGER wallets_entry_posted ON wallets_entry;
DROP TRIGGER wallets_transfer_posted ON wallets_transfer;
DROP TRIGGER wallets_wallet_guard ON wallets_wallet;
DROP FUNCTION wallets_refuse_change();
DROP FUNCTION wallets_entries_posted();
DROP FUNCTION wallets_transfers_posted();
DROP FUNCTION wallets_wallet_guard();
ALTER TABLE wallets_wallet DROP CONSTRAINT wallets_wallet_shows_newest_entry;
ALTER TABLE wallets_entry DROP CONSTRAINT wallets_entry_continues_previous;
"""


class Migration(migrations.Migration):
    dependencies = [("wallets", "0001_ledger")]

    operations = [
        migrations.RunSQL(CHAIN + HEAD + WALLET_GUARD + POSTING_GUARDS + APPEND_ONLY, REVERSE),
    ]
