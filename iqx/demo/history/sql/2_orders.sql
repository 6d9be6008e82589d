-- Over half of all orders rest in the book (makers); each of the others takes a part of one of those (takers).
-- `crowd` is how many people there were by then: whoever came later can't have traded.
CREATE TEMP TABLE maker ON COMMIT DROP AS
SELECT drawn.*, pg_temp.id_at(drawn.at) AS id, symbol, quote, tick_size, maker_fee, taker_fee, payment_methods, minor,
    1 + floor(power(random(), 2.5) * crowd)::int AS owner,
    round(base * (1
        + CASE WHEN fresh THEN 0 ELSE 0.012 * sin(extract(epoch FROM at - now)::float8 / 1.2e6)
                                    + 0.004 * sin(extract(epoch FROM at - now)::float8 / 9.1e4) END
        + CASE side WHEN 'sell' THEN 1 ELSE -1 END * (0.0008 + 0.011 * power(eagerness, 2)))::numeric / tick_size)
        * tick_size AS price
FROM (
    SELECT k, at, now, side, eagerness, fate, at > now - interval '3 days' AND lives < live_share AS fresh,
        floor(power(venue, 1.6) * (SELECT count(*) FROM place))::int AS place,
        least(people, greatest(20, floor(0.98 * people * power(0.1 + 0.9 *
            greatest(0, extract(epoch FROM at - start) / extract(epoch FROM now - start))::float8, 1 / 0.7))))::int AS crowd
    FROM (
        SELECT k::int, scale.*, random() AS eagerness, random() AS fate, random() AS lives, random() AS venue,
            CASE WHEN random() < 0.55 THEN 'sell' ELSE 'buy' END AS side,
            live / greatest(1, makers * 4.6 / days) AS live_share,
            least(now - interval '2 hours' * random(),
                  date_trunc('day', start + (now - start) * power(random(), 0.65))
                  + interval '24 hours' * (random() + random() + random()) / 3) AS at
        FROM scale, generate_series(1, makers) AS k
    ) AS dated
) AS drawn JOIN place ON place.n = drawn.place;
CREATE UNIQUE INDEX ON maker (k);
ANALYZE maker;

CREATE TEMP TABLE taker ON COMMIT DROP AS
SELECT j, k, pg_temp.id_at(at) AS id, pg_temp.id_at(at) AS trade_id, at, amount, fate, pace, temper,
    CASE WHEN other = maker_owner THEN other % 20 + 1 + (other = 20)::int ELSE other END AS owner
FROM (
    SELECT draws.*, m.owner AS maker_owner, 1 + floor(power(who, 1.6) * m.crowd)::int AS other,
        CASE WHEN m.at + wait < draws.now THEN m.at + wait
             ELSE m.at + (draws.now - m.at) * power(draws.fate, 0.3) END AS at
    FROM (
        SELECT j::int, 1 + floor(random() * makers)::int AS k, random() AS who, random() AS fate, random() AS pace,
            random() AS temper, now, interval '-2 hours' * ln(1 - random()) AS wait,
            round(greatest(5, least(15000,
                exp(4.4 + 1.2 * sqrt(-2 * ln(1 - random())) * cos(6.28318 * random()))))::numeric, 2) AS amount
        FROM scale, generate_series(1, orders - makers) AS j
    ) AS draws JOIN maker m USING (k)
) AS met;
CREATE INDEX ON taker (k);
ANALYZE taker;

-- What became of the makers' orders: filled by what was taken, or closed, or (`fresh`) open still with more to take.
CREATE TEMP TABLE outcome ON COMMIT DROP AS
SELECT *, CASE WHEN side = 'sell' AND status = 'open' THEN held - escrowed ELSE 0 END AS reserved,
    CASE status WHEN 'open' THEN NULL WHEN 'filled' THEN last_fill
                ELSE least(now, greatest(coalesce(last_fill, at), at - interval '20 hours' * ln(1 - fate))) END AS closed_at
FROM (
    SELECT *, CASE WHEN side = 'sell' THEN amount + trunc(amount * greatest(maker_fee, taker_fee), 6) ELSE 0 END AS held
    FROM (
        SELECT k, at, side, now, fate, maker_fee, taker_fee, last_fill, escrowed, coalesce(taken, 0) AS filled,
            CASE WHEN fresh THEN 'open' WHEN taken > 0 AND fate < 0.7 THEN 'filled'
                 WHEN fate > 0.9 THEN 'expired' ELSE 'cancelled' END AS status,
            coalesce(taken, 0) + CASE WHEN taken > 0 AND fate < 0.7 AND NOT fresh THEN 0
                                      ELSE round((20 + 900 * power(eagerness, 3))::numeric, 2) END AS amount
        FROM maker LEFT JOIN (
            SELECT k, sum(t.amount) AS taken, max(t.at) AS last_fill, sum(t.amount + trunc(t.amount * maker_fee, 6)) AS escrowed
            FROM taker t JOIN maker USING (k) GROUP BY k
        ) AS fills USING (k)
    ) AS sized
) AS held;
UPDATE outcome SET escrowed = coalesce(escrowed, 0), reserved = CASE WHEN side = 'sell' AND status = 'open'
    THEN held - coalesce(escrowed, 0) ELSE 0 END WHERE escrowed IS NULL;
CREATE UNIQUE INDEX ON outcome (k);
ANALYZE outcome;

INSERT INTO orders_order (id, owner_id, market_id, side, price, amount, filled, min_fill, payment_methods, time_in_force,
    post_only, expires_at, terms, maker_fee, taker_fee, reserved, status, close_reason, announced, version,
    created_at, updated_at)
SELECT * FROM (
    SELECT m.id, p.id AS owner, m.symbol, m.side, m.price, o.amount, o.filled, 0 AS min_fill,
        m.payment_methods[1 + k % greatest(cardinality(m.payment_methods), 1):
                          2 + k % greatest(cardinality(m.payment_methods), 1)] AS methods,
        CASE WHEN o.status = 'expired' THEN 'GTD' ELSE 'GTC' END AS time_in_force, k % 5 = 0 AS post_only,
        CASE WHEN o.status = 'expired' THEN o.closed_at END AS expires_at,
        CASE WHEN k % 3 = 0 THEN 'Payment from your own account only. I answer within minutes.' ELSE '' END AS terms,
        m.maker_fee, m.taker_fee, o.reserved, o.status,
        CASE o.status WHEN 'cancelled' THEN 'by_owner' WHEN 'expired' THEN 'time_is_up' ELSE '' END AS close_reason,
        true AS announced, 2 AS version, m.at, coalesce(o.closed_at, m.at) AS updated_at
    FROM maker m JOIN outcome o USING (k) JOIN person p ON p.n = m.owner
    UNION ALL
    SELECT t.id, p.id, m.symbol, CASE m.side WHEN 'sell' THEN 'buy' ELSE 'sell' END, m.price, t.amount, t.amount, 0,
        '{}', CASE WHEN j % 3 = 0 THEN 'IOC' ELSE 'GTC' END, false, NULL::timestamptz, '', m.maker_fee, m.taker_fee, 0,
        'filled', '', true, 2, t.at, t.at
    FROM taker t JOIN maker m USING (k) JOIN person p ON p.n = t.owner
) AS every ORDER BY at;

INSERT INTO orders_turnover (user_id, day, amount)
SELECT owner_id, (created_at AT TIME ZONE 'UTC')::date, sum(amount) FROM orders_order, scale
WHERE created_at > now - interval '2 days' GROUP BY 1, 2
ON CONFLICT (user_id, day) DO NOTHING;
