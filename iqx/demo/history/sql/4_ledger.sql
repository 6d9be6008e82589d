-- What moved USDT, in order of time within each wallet. `rank` orders what happened at once: first reserve, then return.
CREATE TEMP TABLE leg (transfer uuid, kind text, ref_kind text, ref_id uuid, at timestamptz, rank int, person int,
    available numeric, locked numeric, account text, system numeric, account2 text, system2 numeric) ON COMMIT DROP;

INSERT INTO leg (transfer, kind, ref_kind, ref_id, at, rank, person, available, locked)
SELECT pg_temp.id_at(at), 'order_reserve', 'order', id, at, 1, owner, -held, held FROM (
    SELECT m.id, m.at, m.owner, o.held FROM maker m JOIN outcome o USING (k) WHERE m.side = 'sell'
    UNION ALL
    SELECT t.id, t.at, t.owner, t.amount + trunc(t.amount * greatest(maker_fee, taker_fee), 6)
    FROM taker t JOIN maker m USING (k) WHERE m.side = 'buy'
) AS sales;

INSERT INTO leg (transfer, kind, ref_kind, ref_id, at, rank, person, available, locked)
SELECT pg_temp.id_at(at), 'order_return', 'order', id, at, 3, owner, rest, -rest FROM (
    SELECT m.id, o.closed_at AS at, m.owner, o.held - o.escrowed AS rest
    FROM maker m JOIN outcome o USING (k) WHERE m.side = 'sell' AND o.status <> 'open'
    UNION ALL
    SELECT t.id, t.at, t.owner, trunc(t.amount * greatest(maker_fee, taker_fee), 6) - trunc(t.amount * taker_fee, 6)
    FROM taker t JOIN maker m USING (k) WHERE m.side = 'buy'
) AS closed WHERE rest > 0;

INSERT INTO leg (transfer, kind, ref_kind, ref_id, at, rank, person, available, locked)
SELECT pg_temp.id_at(closed_at), 'trade_refund', 'trade', id, closed_at, 2, seller, escrow, -escrow
FROM trade WHERE status IN ('cancelled', 'refunded');

CREATE TEMP TABLE sale ON COMMIT DROP AS
SELECT pg_temp.id_at(closed_at) AS transfer, * FROM trade WHERE status IN ('released', 'split');
INSERT INTO leg
SELECT transfer, 'trade_' || CASE status WHEN 'split' THEN 'split' ELSE 'release' END, 'trade', id, closed_at, 2, seller,
    escrow - buyer_amount - seller_fee, -escrow, CASE WHEN buyer_fee + seller_fee > 0 THEN 'fees' END, buyer_fee + seller_fee
FROM sale
UNION ALL
SELECT transfer, NULL, NULL, NULL, closed_at, 2, buyer, buyer_amount - buyer_fee, 0, NULL, NULL FROM sale;

-- A quarter withdraws now and then; the newest requests wait for staff.
CREATE TEMP TABLE exit ON COMMIT DROP AS
SELECT pg_temp.id_at(at) AS id, *, least(now, at + interval '30 minutes' + interval '3 hours' * luck) AS decided_at,
    CASE WHEN waits THEN 'pending' WHEN luck < 0.93 THEN 'confirmed' WHEN luck < 0.96 THEN 'rejected' ELSE 'cancelled' END
        AS status,
    '0x' || md5(n::text || CASE WHEN waits AND luck < 0.4 THEN 'new' ELSE '' END) || substr(md5(n::text), 1, 8) AS address
FROM (
    SELECT n, now, false AS waits, random() AS luck, round((20 + 3000 * power(random(), 4))::numeric, 2) AS amount,
        person.at + interval '2 days' + (now - person.at - interval '2 days') * random() AS at
    FROM person, scale, generate_series(1, 2) AS again WHERE n % 4 = 0 AND person.at < now - interval '8 days'
    UNION ALL
    SELECT n, now, true, random(), round((50 + 28000 * power(random(), 3))::numeric, 2), now - interval '30 hours' * random()
    FROM (SELECT * FROM person, scale WHERE person.at < now - interval '2 days' ORDER BY power(luck, 3) * n LIMIT (SELECT withdrawals FROM scale)) AS waiting
) AS drawn;

INSERT INTO wallets_withdrawal (id, user_id, amount, network, tx_hash, reason, reviewed_by_id, created_at, updated_at, fee,
    address, status, due_at, needs_second)
SELECT e.id, p.id, amount, 'sandbox', CASE status WHEN 'confirmed' THEN '0x' || md5(e.id::text) ELSE '' END,
    CASE status WHEN 'rejected' THEN 'The address belongs to somebody else.' ELSE '' END,
    CASE WHEN status IN ('confirmed', 'rejected') THEN staff END, e.at, CASE WHEN waits THEN e.at ELSE decided_at END, 1,
    address, status, CASE WHEN waits THEN e.at + interval '26 hours' END,
    waits AND amount > second_above
FROM exit e JOIN person p USING (n), scale ORDER BY e.at;

INSERT INTO leg (transfer, kind, ref_kind, ref_id, at, rank, person, available, locked, account, system, account2, system2)
SELECT pg_temp.id_at(at), 'withdrawal_request', 'withdrawal', id, at, 1, n, -amount - 1, amount + 1, NULL, NULL, NULL, NULL
FROM exit
UNION ALL
SELECT pg_temp.id_at(decided_at), 'withdrawal_sent', 'withdrawal', id, decided_at, 2, n, 0, -amount - 1, 'custody', amount,
    'withdrawal_fees', 1 FROM exit WHERE status = 'confirmed'
UNION ALL
SELECT pg_temp.id_at(decided_at), 'withdrawal_return', 'withdrawal', id, decided_at, 2, n, amount + 1, -amount - 1, NULL,
    NULL, NULL, NULL FROM exit WHERE status IN ('rejected', 'cancelled');

-- Everybody once deposited what he would need, and who did nothing yet, perhaps something.
CREATE TEMP TABLE entry_ ON COMMIT DROP AS
SELECT n, id, at, pg_temp.id_at(at) AS deposit, ceil(greatest(coalesce(need, 0), 0) / 50) * 50
        + round((40 + 900 * power(random(), 3))::numeric, 2) AS amount
FROM person LEFT JOIN (
    SELECT person AS n, -min(running) AS need FROM (
        SELECT person, sum(available) OVER (PARTITION BY person ORDER BY at, rank, transfer) AS running FROM leg
    ) AS walk GROUP BY person
) AS needs USING (n) WHERE need IS NOT NULL OR luck < 0.6;

INSERT INTO wallets_deposit (id, user_id, amount, network, tx_hash, reason, created_at, updated_at, status)
SELECT deposit, id, amount, 'sandbox', '', '', at, at, 'confirmed' FROM entry_ ORDER BY at;
INSERT INTO leg (transfer, kind, ref_kind, ref_id, at, rank, person, available, locked, account, system)
SELECT pg_temp.id_at(at), 'deposit', 'deposit', deposit, at - interval '1 second', 0, n, amount, 0, 'custody', -amount
FROM entry_;

INSERT INTO wallets_deposit (id, user_id, amount, network, tx_hash, reason, created_at, updated_at, status,
    due_at)
SELECT pg_temp.id_at(at), id, round((100 + 9000 * power(random(), 2))::numeric, 2), 'manual', '', '', at, at, 'pending',
    at + interval '17 hours'
FROM (SELECT id, now - interval '20 hours' * random() AS at FROM person, scale ORDER BY random() LIMIT 18) AS waiting
ORDER BY at;

CREATE TEMP TABLE walk ON COMMIT DROP AS
SELECT transfer, p.id AS wallet, at, rank, available, locked,
    row_number() OVER w AS version, sum(available) OVER w AS available_after, sum(locked) OVER w AS locked_after
FROM (SELECT leg.*, person.id FROM leg JOIN person ON person.n = leg.person) AS p
WINDOW w AS (PARTITION BY p.person ORDER BY p.at, p.rank, p.transfer);
ANALYZE walk;
ANALYZE leg;

INSERT INTO wallets_wallet (user_id, available, locked, version)
SELECT DISTINCT ON (wallet) wallet, available_after, locked_after, version FROM walk ORDER BY wallet, version DESC;
