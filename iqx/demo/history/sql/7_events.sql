-- The log of the last `event_days` days, in the order in which it happened. It was told long ago: nobody is notified.
CREATE TEMP TABLE tale ON COMMIT DROP AS
SELECT stream, at, rank, type, data FROM (
    SELECT 'market:' || o.market_id AS stream, o.created_at AS at, 1 AS rank, 'order_created' AS type,
        pg_temp.order_json(o) AS data FROM orders_order o, scale WHERE o.created_at > now - interval '1 day' * event_days
    UNION ALL
    SELECT 'market:' || o.market_id, o.updated_at, 4, 'order_' || o.status, pg_temp.order_json(o)
    FROM orders_order o, scale
    WHERE o.status IN ('cancelled', 'expired') AND o.updated_at > now - interval '1 day' * event_days
    UNION ALL
    SELECT 'user:' || o.owner_id, o.created_at, 1, 'order_created', pg_temp.order_json(o) || '{"client_order_id": null}'
    FROM orders_order o, scale WHERE o.created_at > now - interval '1 day' * event_days
    UNION ALL
    SELECT 'market:' || market_id, created_at, 2, 'order_filled', pg_temp.tape_json(t) || jsonb_build_object(
        'maker_order', CASE taker_side WHEN 'buy' THEN sell_order_id ELSE buy_order_id END,
        'taker_order', CASE taker_side WHEN 'buy' THEN buy_order_id ELSE sell_order_id END,
        'maker_remaining', '0.000000', 'taker_remaining', '0.000000')
    FROM trades_trade t, scale WHERE created_at > now - interval '1 day' * event_days
    UNION ALL
    SELECT 'market:' || market_id, closed_at, 5, 'trade_released', pg_temp.tape_json(t)
    FROM trades_trade t, scale WHERE status IN ('released', 'split') AND closed_at > now - interval '1 day' * event_days
    UNION ALL
    SELECT 'user:' || CASE side WHEN 'buyer' THEN buyer_id ELSE seller_id END, moment.at, moment.rank, moment.type,
        pg_temp.trade_json(t, side, moment.status, moment.at)
    FROM scale, trades_trade t
    CROSS JOIN (VALUES ('buyer'), ('seller')) AS party (side)
    CROSS JOIN LATERAL (VALUES (created_at, 3, 'trade_opened', 'awaiting_payment'), (paid_at, 4, 'trade_paid', 'paid'),
        (closed_at, 5, 'trade_' || t.status, t.status)) AS moment (at, rank, type, status)
    WHERE moment.at > now - interval '1 day' * event_days
) AS told;

CREATE TEMP TABLE reach ON COMMIT DROP AS
SELECT stream, count(*) AS told, coalesce(max(head), 0) AS before
FROM tale LEFT JOIN core_stream ON name = stream GROUP BY stream;

INSERT INTO core_stream (name, head) SELECT stream, before + told FROM reach ORDER BY stream
ON CONFLICT (name) DO UPDATE SET head = excluded.head;

INSERT INTO core_event (stream_id, seq, type, data, at)
SELECT stream, before + row_number() OVER (PARTITION BY stream ORDER BY at, rank), type, data, at
FROM tale JOIN reach USING (stream) ORDER BY at, rank;

INSERT INTO notices_position (stream_id, seq) SELECT stream, before + told FROM reach WHERE stream LIKE 'user:%'
ON CONFLICT (stream_id) DO UPDATE SET seq = excluded.seq;

-- The records of traders are counted from the beginning; what looks like a scam is looked for from now on.
UPDATE trades_rollup SET until = CASE WHEN name IN ('records', 'figures') THEN NULL ELSE now END FROM scale;
