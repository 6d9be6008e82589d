"""Every page, by who looks at it, with the number of its queries: with little to show, and with much.

What is proven of all pages goes through this table: their costs, that they shut nobody out, and the pictures of them.
A name in braces stands for something that was made before (`{trade}` is paid, `{new}` waits for the payment).
"""

from typing import Final

PART: Final = "?part="

PAGES: Final[dict[str, dict[str, int]]] = {
    "stranger": {
        "/": 4,
        "/login": 1,
        "/register": 1,
        "/password/forgotten": 1,
        "/password/new": 1,
        "/verify": 1,
        "/not-me": 1,
        "/offline": 0,
        "/markets/{market}": 10,
        "/markets/{market}?part=book": 3,
        "/markets/{market}?part=offers": 4,
        "/offers/{offer}": 4,
        "/traders/{seller}": 7,
        "/help": 1,
        "/help/escrow": 1,
        "/help/scams": 1,
        "/help/fees": 4,
    },
    "buyer": {
        "/": 8,
        "/markets/{market}": 16,
        "/markets/{market}?part=book": 3,
        "/markets/{market}?part=mine": 6,
        "/markets/{market}/order": 8,
        "/offers/{offer}": 8,
        "/orders": 6,
        "/trades": 6,
        "/trades/{new}": 9,
        "/trades/{trade}": 9,
        "/trades/{trade}?part=state": 5,
        "/trades/{trade}/dispute": 6,
        "/trades/{done}": 10,
        "/trades/{disputed}": 9,
        "/receipts": 6,
        "/receipts/{receipt}": 6,
        "/traders/{seller}": 12,
        "/people": 6,
        "/wallet": 9,
        "/wallet?part=balance": 4,
        "/wallet/statement": 6,
        "/wallet/deposit": 7,
        "/wallet/withdraw": 8,
        "/wallet/addresses": 7,
        "/disputes": 8,
        "/disputes/{dispute}": 8,
        "/support": 8,
        "/support/new": 6,
        "/support/{ticket}": 8,
        "/account": 8,
        "/account/profile": 5,
        "/account/verification": 6,
        "/account/security": 8,
        "/account/security/password": 5,
        "/account/security/second-factor": 6,
        "/account/security/passkeys": 6,
        "/account/security/mail-word": 5,
        "/account/sessions": 6,
        "/account/api-keys": 6,
        "/account/payment-accounts": 6,
        "/account/payment-accounts/new": 6,
        "/account/payment-accounts/new/sepa": 6,
        "/account/payment-accounts/{account}": 7,
        "/account/payment-accounts/{account}/delete": 7,
        "/account/notices": 7,
        "/account/notices/phone": 5,
        "/account/notices/phone/code": 5,
        "/account/webhooks": 6,
        "/account/webhooks/{webhook}": 7,
        "/notices": 8,
        "/help": 5,
        "/help/fees": 8,
    },
    "seller": {
        "/trades/{new}": 10,
        "/trades/{trade}": 9,
        "/trades/{trade}/release": 6,
        "/wallet": 9,
    },
    "guarded": {
        "/account/security/second-factor/app": 6,
        "/account/security/second-factor": 6,
        "/account/security/second-factor/off": 6,
        "/account/security/recovery-codes": 6,
        "/account/security/passkeys/{passkey}/remove": 7,
        "/wallet/withdraw": 8,
    },
}


def whole_pages(who: str) -> list[str]:
    return [address for address in PAGES[who] if PART not in address]
