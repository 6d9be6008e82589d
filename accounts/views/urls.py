from django.urls import path

from accounts.views import account, api_keys, entry, kyc, payment_accounts, security

urlpatterns = [
    path("login", entry.LoginPage.as_view(), name="login"),
    path("login/code", entry.CodePage.as_view(), name="login-code"),
    path("logout", entry.LogoutPage.as_view(), name="logout"),
    path("register", entry.RegisterPage.as_view(), name="register"),
    path("verify", entry.VerifyPage.as_view(), name="verify"),
    path("password/forgotten", entry.ForgottenPage.as_view(), name="password-forgotten"),
    path("password/new", entry.NewPasswordPage.as_view(), name="password-new"),
    path("not-me", security.NotMePage.as_view(), name="not-me"),
    path("account", account.AccountPage.as_view(), name="account"),
    path("account/profile", account.ProfilePage.as_view(), name="profile"),
    path("account/verification", kyc.KycPage.as_view(), name="kyc"),
    path("account/security", security.SecurityPage.as_view(), name="security"),
    path("account/security/password", security.PasswordPage.as_view(), name="password"),
    path("account/security/second-factor", security.TwoFactorPage.as_view(), name="two-factor"),
    path("account/security/second-factor/off", security.TwoFactorOffPage.as_view(), name="two-factor-off"),
    path("account/security/recovery-codes", security.RecoveryCodesPage.as_view(), name="recovery-codes"),
    path("account/security/mail-word", account.MailWordPage.as_view(), name="mail-word"),
    path("account/sessions", security.SessionsPage.as_view(), name="sessions"),
    path("account/sessions/end", security.EndSessions.as_view(), name="sessions-end"),
    path("account/sessions/<uuid:session_id>/end", security.EndSession.as_view(), name="session-end"),
    path("account/api-keys", api_keys.ApiKeysPage.as_view(), name="api-keys"),
    path("account/api-keys/<uuid:key_id>/revoke", api_keys.RevokeKey.as_view(), name="api-key-revoke"),
    path("account/payment-accounts", payment_accounts.AccountsPage.as_view(), name="payment-accounts"),
    path("account/payment-accounts/new", payment_accounts.MethodsPage.as_view(), name="payment-methods"),
    path(
        "account/payment-accounts/new/<slug:method>",
        payment_accounts.NewAccountPage.as_view(),
        name="payment-account-new",
    ),
    path(
        "account/payment-accounts/<uuid:account_id>",
        payment_accounts.ChangeAccountPage.as_view(),
        name="payment-account",
    ),
    path(
        "account/payment-accounts/<uuid:account_id>/delete",
        payment_accounts.DeleteAccountPage.as_view(),
        name="payment-account-delete",
    ),
]
