-- What was brought before staff: disputes, settled and open; tickets; flags.
CREATE TEMP TABLE quarrel ON COMMIT DROP AS
SELECT pg_temp.id_at(opened_at) AS id, *, CASE WHEN temper < 0.5 THEN 'seller' ELSE 'buyer' END AS opener
FROM (
    SELECT t.id AS trade_id, j, status, pace, temper, buyer_amount, closed_at, now, b.id AS buyer_id, s.id AS seller_id,
        paid_at + (coalesce(closed_at, now) - paid_at) * 0.2 AS opened_at
    FROM trade t JOIN person b ON b.n = buyer JOIN person s ON s.n = seller WHERE disputed
) AS dated;

INSERT INTO disputes_dispute (id, trade_id, opened_by, reason, status, after_end, buyer_due_at, seller_due_at, staff_due_at,
    warned, resolution, buyer_amount, assignee_id, resolved_by_id, created_at, closed_at, version)
SELECT q.id, trade_id, opener, CASE opener WHEN 'seller' THEN
        (ARRAY['payment_not_received', 'payment_wrong_amount', 'third_party_payment', 'forged_receipt'])[1 + j % 4]
        ELSE (ARRAY['not_released', 'not_released', 'seller_asks_more'])[1 + j % 3] END,
    CASE WHEN status <> 'disputed' THEN 'resolved' WHEN pace < 0.35 THEN 'in_review' ELSE 'open' END, false,
    CASE WHEN status = 'disputed' AND opener = 'seller' AND pace < 0.6 THEN q.now + interval '8 hours' * pace END,
    CASE WHEN status = 'disputed' AND opener = 'buyer' AND pace < 0.6 THEN q.now + interval '8 hours' * pace END,
    CASE WHEN status = 'disputed' THEN q.now + interval '22 hours' * (pace - 0.08) END, '{}',
    CASE status WHEN 'released' THEN 'release' WHEN 'refunded' THEN 'refund' WHEN 'split' THEN 'split' END,
    CASE WHEN status <> 'disputed' THEN buyer_amount END,
    CASE WHEN status <> 'disputed' OR pace < 0.35 THEN CASE WHEN j % 2 = 0 THEN helper ELSE staff END END,
    CASE WHEN status <> 'disputed' THEN staff END, opened_at, closed_at, 2
FROM quarrel q, scale ORDER BY opened_at;

INSERT INTO disputes_disputeentry (dispute_id, action, actor, author_id, note, internal, at)
SELECT id, action, actor, author, note, false, at FROM (
    SELECT id, 'opened' AS action, opener AS actor, CASE opener WHEN 'buyer' THEN buyer_id ELSE seller_id END AS author,
        CASE opener WHEN 'buyer' THEN 'I have paid in full and the seller does not answer any more.'
                    ELSE 'The buyer marked the trade as paid, but nothing has arrived in my account.' END AS note,
        opened_at AS at, 1 AS rank FROM quarrel
    UNION ALL
    SELECT id, 'statement', CASE opener WHEN 'buyer' THEN 'seller' ELSE 'buyer' END,
        CASE opener WHEN 'buyer' THEN seller_id ELSE buyer_id END,
        CASE opener WHEN 'buyer' THEN 'My bank shows no payment with this reference. I will release once it does.'
                    ELSE 'The payment left my account. My bank says that it can take until tomorrow.' END,
        opened_at + (coalesce(closed_at, now) - opened_at) * 0.4, 2 FROM quarrel WHERE j % 3 > 0
    UNION ALL
    SELECT q.id, 'assigned', 'staff', CASE WHEN j % 2 = 0 THEN helper ELSE staff END, '',
        opened_at + (coalesce(closed_at, q.now) - opened_at) * 0.5, 3 FROM quarrel q, scale
    WHERE status <> 'disputed' OR pace < 0.35
    UNION ALL
    SELECT q.id, 'resolved', 'staff', staff, 'Settled on what both sides sent in.', closed_at, 4 FROM quarrel q, scale
    WHERE closed_at IS NOT NULL
) AS entries ORDER BY at, rank;

INSERT INTO disputes_ruling (id, dispute_id, status, resolution, buyer_amount, reason, needs_second, proposed_by_id, created_at)
SELECT pg_temp.id_at(closed_at), q.id, 'made', CASE status WHEN 'released' THEN 'release' WHEN 'refunded' THEN 'refund'
        ELSE 'split' END, buyer_amount, 'Settled on what both sides sent in.', false, staff, closed_at
FROM quarrel q, scale WHERE closed_at IS NOT NULL;

CREATE TEMP TABLE question ON COMMIT DROP AS
SELECT pg_temp.id_at(at) AS id, *,
    CASE WHEN NOT waits THEN 'closed' WHEN luck < 0.5 THEN 'open' WHEN luck < 0.8 THEN 'waiting_staff'
         ELSE 'waiting_user' END AS status
FROM (
    SELECT n, id AS user_id, now, random() AS luck, false AS waits, at + (now - at) * 0.95 * random() AS at
    FROM person, scale WHERE n % 23 = 0
    UNION ALL
    SELECT n, id, now, random(), true, now - interval '30 hours' * random()
    FROM (SELECT * FROM person, scale WHERE at < now - interval '2 days' ORDER BY random() LIMIT (SELECT tickets FROM scale))
        AS waiting
) AS asked
JOIN LATERAL (VALUES
    (0, 'deposit', 'My deposit has not arrived', 'I sent USDT two hours ago and my balance has not changed.'),
    (1, 'verification', 'Why was my document refused?', 'The picture was sharp. What is missing?'),
    (2, 'trade', 'The seller asks me to pay more', 'He says that his bank charges a fee. Do I have to pay it?'),
    (3, 'withdrawal', 'How long does a withdrawal take?', 'It is pending since this morning.'),
    (4, 'security', 'A log-in that was not mine', 'I got a mail about a log-in from a town that I have never been to.'),
    (5, 'account', 'I cannot change my display name', 'The page says that it is too long.')
) AS topic (which, category, subject, body) ON topic.which = n % 6;

INSERT INTO support_ticket (id, user_id, subject, category, status, assignee_id, due_at, closed_by, rating, rating_comment,
    rated_at, created_at, closed_at, version)
SELECT q.id, user_id, subject, category, status, CASE WHEN status IN ('waiting_user', 'closed') THEN helper END,
    CASE WHEN waits THEN q.now + interval '24 hours' * (luck - 0.1) END,
    CASE WHEN waits THEN NULL WHEN luck < 0.5 THEN 'user' ELSE 'staff' END,
    CASE WHEN NOT waits AND luck < 0.4 THEN (ARRAY[5, 5, 4, 5, 2])[1 + n % 5] END, '',
    CASE WHEN NOT waits AND luck < 0.4 THEN at + interval '7 hours' END, at,
    CASE WHEN waits THEN NULL ELSE at + interval '6 hours' END, 1
FROM question q, scale ORDER BY at;

INSERT INTO support_ticketmessage (ticket_id, author_id, from_staff, body, at)
SELECT id, author, from_staff, body, at FROM (
    SELECT id, user_id AS author, false AS from_staff, body, at FROM question
    UNION ALL
    SELECT q.id, helper, true, 'Thank you for writing. We have looked into it, and it is settled now.', at + interval '3 hours'
    FROM question q, scale WHERE status IN ('closed', 'waiting_user')
    UNION ALL
    SELECT id, user_id, false, 'It is still as it was. Please look again.', at + interval '20 minutes'
    FROM question WHERE status = 'waiting_staff'
) AS said ORDER BY at;

INSERT INTO support_cannedanswer (id, title, category, body)
VALUES
    (gen_random_uuid(), 'Deposit: waiting for the network', 'deposit', E'Thank you for writing.\n\nA deposit is credited when the network has confirmed it. Please send us the transaction hash if it has been more than an hour.'),
    (gen_random_uuid(), 'Never pay beyond the trade', 'trade', E'Please pay exactly what the trade says, and nothing more. Bank fees are the payer''s own; a seller may not ask for more. Open a dispute if he does not release.'),
    (gen_random_uuid(), 'Document: send it again', 'verification', E'We could not read your document. Please take the picture in daylight, with all four corners in it.'),
    (gen_random_uuid(), 'Somebody else logged in', 'security', E'Please change your password and switch on the second factor. We have ended all other sessions. Withdrawals are held for a day.')
ON CONFLICT DO NOTHING;

INSERT INTO accounts_flag (id, code, subject_kind, subject_id, user_id, severity, because, status, due_at, note,
    decided_by_id, decided_at, created_at)
SELECT pg_temp.id_at(at), code, kind, CASE kind WHEN 'user' THEN user_id WHEN 'trade' THEN trade_id ELSE withdrawal_id END,
    user_id, severity, because, CASE WHEN waits THEN 'open' WHEN luck < 0.7 THEN 'cleared' ELSE 'confirmed' END,
    CASE WHEN waits THEN now + interval '60 hours' * (luck - 0.06) END, CASE WHEN waits THEN '' ELSE 'Looked into.' END,
    CASE WHEN NOT waits THEN staff END, CASE WHEN NOT waits THEN at + interval '5 hours' END, at
FROM (
    SELECT found.*, scale.now, scale.staff, rank <= flags AS waits, random() AS luck,
        CASE WHEN rank <= flags THEN now - interval '50 hours' * random() ELSE closed_at END AS at
    FROM scale, (
        SELECT row_number() OVER (ORDER BY t.at DESC) AS rank, t.id AS trade_id, coalesce(t.closed_at, t.at) AS closed_at,
            CASE t.j % 2 WHEN 0 THEN s.id ELSE b.id END AS user_id, e.id AS withdrawal_id, rule.*
        FROM trade t JOIN person b ON b.n = buyer JOIN person s ON s.n = seller
        LEFT JOIN LATERAL (SELECT exit.id FROM exit WHERE exit.n = seller LIMIT 1) AS e ON t.j % 50 = 2
        JOIN (VALUES
            (0, 'account_name_mismatch', 'trade', 'high', 'Flagged, because the payment account of this trade is not in the verified name of the seller.'),
            (1, 'receipt_reuse', 'trade', 'high', 'Flagged, because a receipt in this trade was sent in another trade before.'),
            (3, 'fresh_seller', 'user', 'medium', 'Flagged, because this account, 31 hours old, sold 6120.00 USDT within 24 hours.'),
            (4, 'contacts_in_chat', 'user', 'medium', 'Flagged, because of links or contact details in the chats of 4 trades within 24 hours.')
        ) AS rule (which, code, kind, severity, because) ON rule.which = t.j % 50 % 7
        WHERE t.j % 50 < 5 AND t.j % 3 = 0
    ) AS found WHERE rank % 4 = 0 OR rank <= flags
) AS raised ON CONFLICT DO NOTHING;
