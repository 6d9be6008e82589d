from django.urls import path

from accounts.views import entry

urlpatterns = [
    path("login", entry.LoginPage.as_view(), name="login"),
    path("login/code", entry.CodePage.as_view(), name="login-code"),
    path("logout", entry.LogoutPage.as_view(), name="logout"),
    path("register", entry.RegisterPage.as_view(), name="register"),
    path("verify", entry.VerifyPage.as_view(), name="verify"),
    path("password/forgotten", entry.ForgottenPage.as_view(), name="password-forgotten"),
    path("password/new", entry.NewPasswordPage.as_view(), name="password-new"),
]
