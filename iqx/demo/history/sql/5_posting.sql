-- Transfers and all their entries, in one statement, as the ledger wants it: its guards look at every row.
WITH transfers AS (
    INSERT INTO wallets_transfer (id, kind, ref_kind, ref_id, memo, created_at)
    SELECT transfer, kind, ref_kind, ref_id, '', at FROM leg WHERE kind IS NOT NULL ORDER BY at
)
INSERT INTO wallets_entry (transfer_id, wallet_id, system_account, version, available_delta, locked_delta, available_after,
                           locked_after)
SELECT transfer, wallet, account, version, available, locked, available_after, locked_after FROM (
    SELECT transfer, wallet, NULL AS account, version, available, locked, available_after, locked_after, at FROM walk
    UNION ALL
    SELECT transfer, NULL, account, NULL, system, 0, NULL, NULL, at FROM leg WHERE account IS NOT NULL
    UNION ALL
    SELECT transfer, NULL, account2, NULL, system2, 0, NULL, NULL, at FROM leg WHERE account2 IS NOT NULL
) AS entries ORDER BY at, version;
