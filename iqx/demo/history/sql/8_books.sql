-- How the books stood by the hour, as the worker would have seen them: narrower and deeper as the exchange grew.
INSERT INTO desk_markethour AS h (market_id, hour, trades, volume, released, failed, disputed, fees, bid, ask, bid_depth,
                                  ask_depth)
SELECT market_id, hour, 0, 0, 0, 0, 0, 0, last_price * (1 - spread), last_price * (1 + spread), depth * (0.8 + random() / 2),
    depth * (0.8 + random() / 2)
FROM (
    SELECT market_id, last_price, hour,
        (0.0012 + 0.003 * (1 - past) + 0.0006 * sin(extract(epoch FROM hour)::float8 / 2e5 + length(market_id))
            + 0.0004 * random())::numeric AS spread,
        3000 + 60000 * past * (1 + 0.2 * sin(extract(epoch FROM hour)::float8 / 4e5 + ascii(right(market_id, 1)))) AS depth
    FROM (
        SELECT b.market_id, b.last_price, hour, extract(epoch FROM hour - first) / extract(epoch FROM last - first) AS past
        FROM (SELECT min(hour) AS first, max(hour) AS last FROM desk_markethour) AS span
        JOIN orders_book b ON b.last_price IS NOT NULL,
        LATERAL generate_series(span.first, span.last - interval '1 hour', interval '1 hour') AS hour
    ) AS dated
) AS shaped
ON CONFLICT (hour, market_id) DO UPDATE SET bid = excluded.bid, ask = excluded.ask, bid_depth = excluded.bid_depth,
    ask_depth = excluded.ask_depth;
