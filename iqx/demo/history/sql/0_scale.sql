CREATE TEMP TABLE scale (people int, orders int, makers int, days int, event_days int, live int, disputes int,
    withdrawals int, tickets int, flags int, second_above numeric, now timestamptz, start timestamptz, staff uuid, helper uuid) ON COMMIT DROP;

-- A UUID version 7 of that time, as iqx.core.ids makes them.
CREATE OR REPLACE FUNCTION pg_temp.id_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
            || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;
CREATE OR REPLACE FUNCTION pg_temp.rfc3339(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
-- The forms of orders.representations and trades.representations.
CREATE OR REPLACE FUNCTION pg_temp.order_json(o orders_order) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', o.id, 'market', o.market_id, 'side', o.side, 'price', trim_scale(o.price)::text,
        'amount', o.amount::text, 'remaining', o.remaining::text, 'filled', o.filled::text, 'min_fill', o.min_fill::text,
        'payment_methods', o.payment_methods, 'time_in_force', o.time_in_force, 'post_only', o.post_only,
        'expires_at', pg_temp.rfc3339(o.expires_at), 'terms', o.terms, 'status', o.status,
        'close_reason', nullif(o.close_reason, ''), 'version', o.version, 'created_at', pg_temp.rfc3339(o.created_at),
        'updated_at', pg_temp.rfc3339(o.updated_at))
$$;
CREATE OR REPLACE FUNCTION pg_temp.tape_json(t trades_trade) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('market', t.market_id, 'price', trim_scale(t.price)::text, 'amount', t.amount::text,
        'side', t.taker_side, 'time', pg_temp.rfc3339(t.created_at))
$$;
CREATE OR REPLACE FUNCTION pg_temp.trade_json(t trades_trade, role text, status text, at timestamptz)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', t.id, 'market', t.market_id, 'role', role,
        'buyer', jsonb_build_object('id', t.buyer_id), 'seller', jsonb_build_object('id', t.seller_id),
        'buy_order', t.buy_order_id, 'sell_order', t.sell_order_id, 'amount', t.amount::text,
        'price', trim_scale(t.price)::text, 'total', trim_scale(t.total)::text, 'quote', t.quote,
        'fee', (CASE role WHEN 'buyer' THEN t.buyer_fee ELSE t.seller_fee END)::text, 'payment_method', t.payment_method,
        'payment_details', NULL, 'reference', t.reference, 'status', status, 'created_at', pg_temp.rfc3339(t.created_at),
        'paid_at', CASE WHEN t.paid_at <= at THEN pg_temp.rfc3339(t.paid_at) END,
        'closed_at', CASE WHEN t.closed_at <= at THEN pg_temp.rfc3339(t.closed_at) END)
$$;
