-- Who trades: more of them join as time goes on. `n` counts them by the day on which they came.
CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT n, pg_temp.id_at(at) AS id, at, given, given || ' ' || initial || '.' AS name, random() AS luck
FROM (
    SELECT n::int, start - interval '2 days'
            + (now - start) * CASE WHEN n <= 20 THEN 0 ELSE (power(n::float8 / people, 0.7) - 0.1) / 0.9 END AS at,
        (ARRAY['Ada', 'Bilal', 'Chiara', 'Dung', 'Emeka', 'Farah', 'Goran', 'Hanh', 'Ines', 'Jonas', 'Kemi', 'Linh',
               'Marta', 'Nnamdi', 'Olena', 'Paul', 'Quyen', 'Rosa', 'Sade', 'Tuan', 'Uche', 'Vera', 'Wanjiru', 'Yusuf'])
            [1 + n % 24] AS given,
        chr(65 + (n / 24) % 26) AS initial
    FROM scale, generate_series(1, people) AS n
) AS named;
CREATE UNIQUE INDEX ON person (n);
ANALYZE person;

INSERT INTO accounts_user (id, email, display_name, password, role, kyc_status, kyc_level, verified_name,
                           email_verified_at, is_active, two_factor, withdrawals_held_until, withdrawals_hold_reason,
                           mail_word, created_at)
SELECT id, format('%s.%s@history.example', lower(given), n), name, '!', 'user',
    CASE WHEN luck < 0.72 THEN 'verified' WHEN luck < 0.76 THEN 'rejected' ELSE 'none' END,
    CASE WHEN luck < 0.22 THEN 2 WHEN luck < 0.72 THEN 1 ELSE 0 END,
    CASE WHEN luck < 0.72 THEN given || ' ' || (ARRAY['Okafor', 'Nguyen', 'Silva', 'Meyer', 'Rossi', 'Tran'])[1 + n % 6]
         ELSE '' END,
    at + interval '4 minutes', n % 211 <> 0, luck < 0.31,
    CASE WHEN n % 97 = 0 THEN now + interval '14 hours' END, CASE WHEN n % 97 = 0 THEN 'password_changed' ELSE '' END,
    '', at
FROM person, scale ORDER BY n;

INSERT INTO accounts_session (id, user_id, user_agent, ip, network, created_at, last_used_at, ended_at, end_reason)
SELECT pg_temp.id_at(began), id, CASE n % 3 WHEN 0 THEN 'Mozilla/5.0 (iPhone)' WHEN 1 THEN 'Mozilla/5.0 (X11; Linux)'
        ELSE 'Mozilla/5.0 (Windows NT 10.0)' END,
    format('203.0.%s.%s', n % 113, 1 + n % 250)::inet, format('203.0.%s.0/24', n % 113), began,
    began + (now - began) * random(), NULL, ''
FROM (SELECT *, at + (now - at) * (0.5 + random() / 2) AS began FROM person, scale WHERE luck < 0.4) AS recent;

-- Where they trade, and around which price it wanders there.
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT symbol, quote, tick_size, maker_fee, taker_fee, payment_methods,
    CASE WHEN quote = ANY (ARRAY['VND', 'JPY', 'KRW']) THEN 0 ELSE 2 END AS minor,
    coalesce((SELECT last_price FROM orders_book WHERE market_id = symbol),
             CASE quote WHEN 'EUR' THEN 0.92 WHEN 'GBP' THEN 0.79 WHEN 'VND' THEN 25400 WHEN 'NGN' THEN 1610
                        ELSE 1 END) AS base,
    (row_number() OVER (ORDER BY symbol) - 1)::int AS n
FROM orders_market;
