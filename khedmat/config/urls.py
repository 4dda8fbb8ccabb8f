"""Every route of the site. Staff pages stand behind `@page`, public ones are marked `@public_page`."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from khedmat.accounts.gate import public_page

# Only what staff use of allauth: no sign-up, no e-mail, no reset by mail.
sign_in: list[URLPattern] = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("sign-in/again/", account.reauthenticate, name="account_reauthenticate"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/", account.password_change, name="account_change_password"),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/totp/on/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/totp/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/recovery/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/recovery/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/recovery/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("khedmat.portal.web.urls")),
    path("", include("khedmat.desk.web.urls")),
    path("", include("khedmat.files.web.urls")),
    path("verify/", include("khedmat.cards.web.verify_urls")),
    path("account/", include(sign_in)),
    path("language/", public_page(reason="everyone chooses their language")(set_language), name="set_language"),
    path("", include("khedmat.imports.web.urls")),
    path("", include("khedmat.notices.web.urls")),
    path("", include("khedmat.registry.web.urls")),
    path("", include("khedmat.payments.web.urls")),
    path("", include("khedmat.changes.web.urls")),
    path("", include("khedmat.duplicates.web.urls")),
    path("", include("khedmat.cards.web.urls")),
    path("", include("khedmat.service.web.urls")),
    path("", include("khedmat.rounds.web.urls")),
]

handler400 = "khedmat.config.error_pages.bad_request"
handler403 = "khedmat.config.error_pages.permission_denied"
handler404 = "khedmat.config.error_pages.page_not_found"
handler500 = "khedmat.config.error_pages.server_error"
