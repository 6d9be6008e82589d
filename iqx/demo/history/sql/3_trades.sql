-- The trades of the takers. Those of the last hour live; of the rest most were released, some cancelled, few disputed.
CREATE TEMP TABLE trade ON COMMIT DROP AS
SELECT *,
    CASE WHEN status IN ('awaiting_payment', 'expired', 'paid', 'disputed') THEN NULL
         WHEN disputed THEN least(now, paid_at + interval '5 hours' + interval '-20 hours' * ln(1 - temper))
         WHEN paid_at IS NULL THEN least(now, at + interval '45 minutes')
         ELSE least(now, paid_at + interval '10 seconds' + interval '-9 minutes' * ln(1 - temper)) END AS closed_at
FROM (
    SELECT *, CASE WHEN status IN ('awaiting_payment', 'cancelled', 'expired') THEN NULL
                   ELSE least(now, at + interval '20 seconds' + interval '22 minutes' * pace * pace) END AS paid_at
    FROM (
        SELECT t.j, t.k, t.at, t.trade_id AS id, t.amount, t.pace, t.temper, m.price, m.symbol, m.quote, m.side AS maker_side,
            m.payment_methods[1 + (k + j % 2) % greatest(cardinality(m.payment_methods), 1)] AS method, scale.now,
            round(t.amount * m.price, minor) AS total,
            CASE m.side WHEN 'sell' THEN t.id ELSE m.id END AS buy_order,
            CASE m.side WHEN 'sell' THEN m.id ELSE t.id END AS sell_order,
            CASE m.side WHEN 'sell' THEN t.owner ELSE m.owner END AS buyer,
            CASE m.side WHEN 'sell' THEN m.owner ELSE t.owner END AS seller,
            trunc(t.amount * CASE m.side WHEN 'sell' THEN m.taker_fee ELSE m.maker_fee END, 6) AS buyer_fee,
            trunc(t.amount * CASE m.side WHEN 'sell' THEN m.maker_fee ELSE m.taker_fee END, 6) AS seller_fee,
            CASE WHEN scale.now - t.at < interval '20 minutes' AND t.pace > 0.3 THEN 'awaiting_payment'
                 WHEN scale.now - t.at < interval '35 minutes' THEN 'paid'
                 WHEN recent BETWEEN 1 AND disputes THEN 'disputed'
                 WHEN t.fate < 0.875 THEN 'released' WHEN t.fate < 0.987 THEN 'cancelled'
                 WHEN t.fate < 0.996 THEN 'refunded' ELSE 'split' END AS status,
            t.fate BETWEEN 0.868 AND 0.875 OR t.fate >= 0.987 OR recent BETWEEN 1 AND disputes AS disputed
        FROM scale, taker t JOIN maker m USING (k) LEFT JOIN (
            SELECT j, row_number() OVER (ORDER BY temper) AS recent FROM taker, scale
            WHERE at BETWEEN now - interval '60 hours' AND now - interval '90 minutes'
        ) AS newest USING (j)
    ) AS fated
) AS paid;
UPDATE trade SET disputed = false WHERE status IN ('awaiting_payment', 'paid', 'cancelled');
-- A split gives each side a half, and each pays the fee on what was sold.
ALTER TABLE trade ADD escrow numeric, ADD buyer_amount numeric, ADD ended_by text;
UPDATE trade SET escrow = amount + seller_fee,
    buyer_amount = CASE status WHEN 'released' THEN amount WHEN 'split' THEN trunc(amount / 2, 2)
                               WHEN 'cancelled' THEN 0 WHEN 'refunded' THEN 0 END,
    ended_by = CASE WHEN disputed THEN 'staff' WHEN status = 'released' THEN 'seller'
                    WHEN temper < 0.6 THEN 'buyer' ELSE 'system' END;
UPDATE trade SET buyer_fee = trunc(buyer_fee * buyer_amount / amount, 6),
    seller_fee = trunc(seller_fee * buyer_amount / amount, 6) WHERE status = 'split';
CREATE UNIQUE INDEX ON trade (j);
CREATE UNIQUE INDEX ON trade (id);
ANALYZE trade;

INSERT INTO trades_trade (id, market_id, buy_order_id, sell_order_id, buyer_id, seller_id, taker_side, amount, price, total,
    quote, buyer_fee, seller_fee, escrow, buyer_amount, payment_method, reference, status, deadline, reminded, created_at,
    paid_at, closed_at, version)
SELECT t.id, symbol, buy_order, sell_order, b.id, s.id, CASE maker_side WHEN 'sell' THEN 'buy' ELSE 'sell' END, amount,
    price, total, quote, buyer_fee, seller_fee, escrow, buyer_amount, method,
    'IQX-' || upper(substr(md5(t.id::text), 1, 10)), status,
    CASE status WHEN 'awaiting_payment' THEN t.at + interval '30 minutes' WHEN 'paid' THEN now + interval '25 minutes' * pace
                WHEN 'disputed' THEN now + interval '20 hours' * pace + interval '1 minute' END,
    false, t.at, paid_at, closed_at, 3
FROM trade t JOIN person b ON b.n = buyer JOIN person s ON s.n = seller ORDER BY t.at;

INSERT INTO trades_step (trade_id, action, actor, status, note, at)
SELECT id, action, actor, status, note, at FROM (
    SELECT id, at, 'open' AS action, 'system' AS actor, 'awaiting_payment' AS status, '' AS note, 1 AS rank FROM trade
    UNION ALL
    SELECT id, paid_at, 'mark_paid', 'buyer', 'paid', '', 2 FROM trade WHERE paid_at IS NOT NULL
    UNION ALL
    SELECT id, paid_at + (coalesce(closed_at, now) - paid_at) * 0.2, 'dispute',
        CASE WHEN temper < 0.5 THEN 'seller' ELSE 'buyer' END, 'disputed',
        CASE WHEN temper < 0.5 THEN 'payment_not_received' ELSE 'not_released' END, 3 FROM trade WHERE disputed
    UNION ALL
    SELECT id, closed_at, CASE WHEN disputed THEN CASE status WHEN 'released' THEN 'rule_release'
                                                              WHEN 'refunded' THEN 'rule_refund' ELSE 'rule_split' END
                               WHEN status = 'released' THEN 'release' WHEN ended_by = 'buyer' THEN 'cancel'
                               ELSE 'end_grace' END,
        ended_by, status, CASE WHEN disputed THEN 'Settled on what both sides sent in.' ELSE '' END, 4
    FROM trade WHERE closed_at IS NOT NULL
) AS steps ORDER BY at, rank;

INSERT INTO trades_transaction (id, trade_id, market_id, buyer_id, seller_id, amount, price, total, buyer_fee, seller_fee,
    settled_at)
SELECT pg_temp.id_at(closed_at), t.id, symbol, b.id, s.id, buyer_amount, price, total, buyer_fee, seller_fee, closed_at
FROM trade t JOIN person b ON b.n = buyer JOIN person s ON s.n = seller WHERE buyer_amount > 0 ORDER BY closed_at;

INSERT INTO trades_feedback (id, trade_id, author_id, subject_id, rating, comment, created_at)
SELECT pg_temp.id_at(least(now, closed_at + interval '1 hour' * pace)), t.id, b.id, s.id,
    (ARRAY[5, 5, 5, 5, 5, 5, 4, 4, 3, 1])[1 + j % 10],
    CASE WHEN j % 7 = 0 THEN 'Fast and friendly.' WHEN j % 10 = 9 THEN 'Had to wait for hours.' ELSE '' END,
    least(now, closed_at + interval '1 hour' * pace)
FROM trade t JOIN person b ON b.n = buyer JOIN person s ON s.n = seller
WHERE status = 'released' AND j % 5 < 2 ORDER BY closed_at;

INSERT INTO trades_message (public_id, trade_id, after_id, author_id, role, body, flags, status, at)
SELECT pg_temp.id_at(said_at), id, step, author, role, body, '{}', status, said_at FROM (
    SELECT t.id, step.id AS step, step.status, CASE line.role WHEN 'buyer' THEN b.id ELSE s.id END AS author, line.role,
        line.body, step.at + (least(coalesce(t.closed_at, now), step.at + interval '40 minutes') - step.at) * line.moment
            AS said_at
    FROM trade t JOIN person b ON b.n = buyer JOIN person s ON s.n = seller
    JOIN trades_step step ON step.trade_id = t.id AND step.action = 'mark_paid'
    JOIN (VALUES ('buyer', 0.10, 'Hello, the payment is on its way.', 1), ('seller', 0.20, 'Thank you, I am looking.', 1),
                 ('seller', 0.50, 'I still do not see it in my account. Which name is it from?', 2),
                 ('buyer', 0.60, 'From my own account, sent twenty minutes ago. My bank says it is done.', 2),
                 ('seller', 0.80, 'Nothing has arrived. I will not release before it does.', 2),
                 ('buyer', 0.95, 'Please check again, or I have to open a dispute.', 2)) AS line (role, moment, body, when_)
         ON t.disputed OR (line.when_ = 1 AND t.j % 8 = 0)
) AS chat ORDER BY said_at;

UPDATE orders_book SET last_price = newest.price, last_fill_at = newest.at
FROM (SELECT DISTINCT ON (symbol) symbol, price, at FROM trade ORDER BY symbol, at DESC) AS newest
WHERE market_id = symbol AND coalesce(last_fill_at, '-infinity') < newest.at;
