#!/usr/bin/env bash
# Alice sells 100 USDT to Bob on USDT-USD, by curl alone. It needs the demo data: `make run`, then this in another shell.
# Usage: docs/examples/trade.sh [address of the server, by default http://127.0.0.1:8000]
set -euo pipefail

API="${1:-http://127.0.0.1:8000}/api/v1"

# field <name...>: that member of the JSON on standard input; `field trades 0 id` is trades[0].id.
field() {
    python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
    value = value[int(name) if isinstance(value, list) else name]
print(value)' "$@"
}

# call <method> <path> <token> [body]: prints the answer; fails, and shows it, if it is a problem. Each POST has an
# Idempotency-Key: repeated with the same one, after a time-out say, it would give the first answer and do nothing twice.
call() {
    local answer request=(--request "$1" --header 'Content-Type: application/json')
    [[ -z "$3" ]] || request+=(--header "Authorization: Bearer $3")
    [[ "$1" != POST ]] || request+=(--header "Idempotency-Key: $(python3 -c 'import uuid; print(uuid.uuid4())')")
    [[ -z "${4:-}" ]] || request+=(--data "$4")
    answer=$(curl --silent --show-error --fail-with-body "${request[@]}" "$API$2") || { echo "$answer" >&2; return 1; }
    echo "$answer"
}

log_in() {
    local answer
    answer=$(call POST /auth/login '' '{"email": "'"$1"'@iqx.example", "password": "demo-pass-2026"}') || return 1
    field access <<<"$answer"
}

show_balances() {
    show_balance Alice "$alice"
    show_balance Bob "$bob"
}

show_balance() {
    local wallet
    wallet=$(call GET /wallet "$2")
    printf '   %-5s %s available, %s locked\n' "$1" "$(field available <<<"$wallet")" "$(field locked <<<"$wallet")"
}

echo '1. Alice and Bob log in.'
alice=$(log_in alice)
bob=$(log_in bob)
show_balances

echo '2. Alice offers 100 USDT at 1.00 dollar; the order reserves what it sells.'
sale=$(call POST /orders "$alice" '{"market": "USDT-USD", "side": "sell", "price": "1.00", "amount": "100",
                                    "payment_methods": ["wise", "zelle"]}')
echo "   order $(field order id <<<"$sale"): $(field order status <<<"$sale")"
show_balances

echo '3. Bob would pay up to 1.01 by Wise. He is matched at once, at the price that was there first.'
purchase=$(call POST /orders "$bob" '{"market": "USDT-USD", "side": "buy", "price": "1.01", "amount": "100",
                                      "payment_methods": ["wise"]}')
trade=$(field trades 0 id <<<"$purchase")
echo "   trade $trade: $(field trades 0 status <<<"$purchase")"
echo "   Bob owes $(field trades 0 total <<<"$purchase") $(field trades 0 quote <<<"$purchase")" \
    "by $(field trades 0 payment_method <<<"$purchase"), reference $(field trades 0 reference <<<"$purchase")"
show_balances

echo '4. Bob pays, outside of IQX, and says so.'
paid=$(call POST "/trades/$trade/paid" "$bob")
echo "   trade: $(field status <<<"$paid")"
show_balances

echo '5. Alice finds the money in her account and releases the USDT.'
released=$(call POST "/trades/$trade/release" "$alice")
echo "   trade: $(field status <<<"$released")"
show_balances

echo '6. Both have the receipt.'
receipt=$(call GET '/transactions?limit=1' "$bob")
echo "   $(field results 0 id <<<"$receipt"): $(field results 0 amount <<<"$receipt") USDT" \
    "for $(field results 0 total <<<"$receipt") USD, from $(field results 0 seller display_name <<<"$receipt")" \
    "to $(field results 0 buyer display_name <<<"$receipt")"
