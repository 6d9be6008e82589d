"""The use cases of accounts."""

from accounts.families import LoggedIn
from accounts.services.alerts import AlertMail, disown, issue_alert
from accounts.services.codes import Mail, issue_code, purge
from accounts.services.keys import NewKey, create_api_key, revoke_api_key
from accounts.services.passkeys import (
    add_passkey,
    begin_adding_passkey,
    begin_log_in,
    begin_step_up,
    log_in_by_passkey,
    remove_passkey,
    step_up,
)
from accounts.services.passwords import change_password, request_password_reset, reset_password
from accounts.services.payment_accounts import add_payment_account, change_payment_account, delete_payment_account
from accounts.services.registration import choose_mail_word, register, update_profile, verify_email
from accounts.services.second_person import ask_for_role, ask_for_two_factor_reset
from accounts.services.sessions import (
    authenticate_access,
    check_both_factors,
    check_credentials,
    end_session,
    finish_log_in,
    log_in,
    log_out,
    log_out_everywhere,
    prove_second_factor,
    refresh,
    who_has,
)
from accounts.services.staff import (
    create_admin,
    log_out_user,
    reinstate_user,
    review_kyc,
    suspend_user,
)
from accounts.services.two_factor import (
    NewSecret,
    confirm_two_factor,
    disable_two_factor,
    pending_two_factor,
    renew_recovery_codes,
    set_up_two_factor,
)

__all__ = [
    "AlertMail",
    "LoggedIn",
    "Mail",
    "NewKey",
    "NewSecret",
    "add_passkey",
    "add_payment_account",
    "ask_for_role",
    "ask_for_two_factor_reset",
    "authenticate_access",
    "begin_adding_passkey",
    "begin_log_in",
    "begin_step_up",
    "change_password",
    "change_payment_account",
    "check_both_factors",
    "check_credentials",
    "choose_mail_word",
    "confirm_two_factor",
    "create_admin",
    "create_api_key",
    "delete_payment_account",
    "disable_two_factor",
    "disown",
    "end_session",
    "finish_log_in",
    "issue_alert",
    "issue_code",
    "log_in",
    "log_in_by_passkey",
    "log_out",
    "log_out_everywhere",
    "log_out_user",
    "pending_two_factor",
    "prove_second_factor",
    "purge",
    "refresh",
    "register",
    "reinstate_user",
    "remove_passkey",
    "renew_recovery_codes",
    "request_password_reset",
    "reset_password",
    "review_kyc",
    "revoke_api_key",
    "set_up_two_factor",
    "step_up",
    "suspend_user",
    "update_profile",
    "verify_email",
    "who_has",
]
