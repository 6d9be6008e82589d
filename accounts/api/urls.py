"""`auth_urlpatterns` are mounted at /api/v1/auth/ and, under its old name, at /api/auth/."""

from django.urls import URLPattern, path

from accounts.api import keys, kyc, passkeys, payments, trust, two_factor, views

auth_urlpatterns: list[URLPattern] = [
    path("register", views.RegisterView.as_view(), name="register"),
    path("login", views.LoginView.as_view(), name="login"),
    path("refresh", views.RefreshView.as_view(), name="refresh"),
    path("logout", views.LogoutView.as_view(), name="logout"),
    path("logout-all", views.LogoutAllView.as_view(), name="logout-all"),
    path("me", views.MeView.as_view(), name="me"),
    path("password/change", views.PasswordChangeView.as_view(), name="password-change"),
    path("password/reset", views.PasswordResetView.as_view(), name="password-reset"),
    path("password/reset/confirm", views.PasswordResetConfirmView.as_view(), name="password-reset-confirm"),
    path("not-me", views.NotMeView.as_view(), name="not-me"),
    path("email/verify", views.EmailVerifyView.as_view(), name="email-verify"),
    path("2fa/setup", two_factor.SetupView.as_view(), name="2fa-setup"),
    path("2fa/confirm", two_factor.ConfirmView.as_view(), name="2fa-confirm"),
    path("2fa/recovery-codes", two_factor.RecoveryCodesView.as_view(), name="2fa-recovery-codes"),
    path("2fa/disable", two_factor.DisableView.as_view(), name="2fa-disable"),
    path("passkeys", passkeys.PasskeysView.as_view(), name="passkeys"),
    path("passkeys/options", passkeys.PasskeyOptionsView.as_view(), name="passkey-options"),
    path("passkeys/step-up/options", passkeys.StepUpOptionsView.as_view(), name="passkey-step-up-options"),
    path("passkeys/step-up", passkeys.StepUpView.as_view(), name="passkey-step-up"),
    path("passkeys/<uuid:passkey_id>", passkeys.PasskeyView.as_view(), name="passkey"),
    path("login/passkey/options", passkeys.PasskeyLoginOptionsView.as_view(), name="passkey-login-options"),
    path("login/passkey", passkeys.PasskeyLoginView.as_view(), name="passkey-login"),
    path("api-keys", keys.ApiKeysView.as_view(), name="api-keys"),
    path("api-keys/<uuid:key_id>", keys.ApiKeyView.as_view(), name="api-key"),
    path("sessions", views.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>", views.SessionView.as_view(), name="session"),
    path("kyc", kyc.KycView.as_view(), name="kyc"),
    path("blocks", trust.BlocksView.as_view(), name="blocks"),
    path("blocks/<uuid:blocked_id>", trust.BlockView.as_view(), name="block"),
    path("favourites", trust.FavouritesView.as_view(), name="favourites"),
    path("favourites/<uuid:favourite_id>", trust.FavouriteView.as_view(), name="favourite"),
    path("payment-accounts", payments.PaymentAccountsView.as_view(), name="payment-accounts"),
    path("payment-accounts/<uuid:account_id>", payments.PaymentAccountView.as_view(), name="payment-account"),
]

urlpatterns: list[URLPattern] = [
    path("payment-methods", payments.PaymentMethodsView.as_view(), name="payment-methods"),
    path("limits", trust.LimitsView.as_view(), name="limits"),
]
