"""Every address of the site, found by walking the URL patterns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

from khedmat.accounts.enums import Permission

# Packages' pages that neither `@page` nor `@public_page` marks: what they are for, and who guards them.
OF_PACKAGES = {
    "account_login": "anybody signs in; django-allauth throttles it",
    "account_logout": "ends one's own session",
    "account_reauthenticate": "asks the signed-in user for the password again",
    "account_inactive": "says that an account is closed",
    "account_change_password": "one's own password, behind re-authentication",
    "mfa_index": "one's own second factor",
    "mfa_authenticate": "the second step of signing in",
    "mfa_reauthenticate": "asks the signed-in user for a code again",
    "mfa_activate_totp": "one's own second factor",
    "mfa_deactivate_totp": "one's own second factor, behind re-authentication",
    "mfa_generate_recovery_codes": "one's own recovery codes",
    "mfa_view_recovery_codes": "one's own recovery codes, behind re-authentication",
    "mfa_download_recovery_codes": "one's own recovery codes, behind re-authentication",
}
# What packages offer and we do not: by the names that they give it.
NEVER_OFFERED = (
    "account_signup", "account_signup_by_passkey", "account_email", "account_confirm_email",
    "account_email_verification_sent", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "account_set_password",
    "account_request_login_code", "account_confirm_login_code", "account_change_phone", "account_verify_phone",
    "socialaccount_signup", "socialaccount_connections", "socialaccount_login_error", "mfa_list_webauthn",
    "mfa_add_webauthn", "mfa_login_webauthn", "mfa_signup_webauthn", "mfa_trust", "usersessions_list", "admin:index",
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One address, with what guards it."""

    pattern: str
    name: str
    view: Any
    values: dict[str, object]

    @property
    def permission(self) -> Permission | None:
        return getattr(self.view, "khedmat_permission", None)

    @property
    def public_reason(self) -> str:
        return str(getattr(self.view, "khedmat_public", ""))

    @property
    def address(self) -> str:
        """An address that the route answers, with ids that belong to nothing."""
        from django.urls import reverse

        return reverse(self.name, kwargs=self.values)


def all_routes(patterns: Iterable[Any] | None = None) -> list[Route]:
    return list(_walk(get_resolver().url_patterns if patterns is None else patterns, "", ""))


def _walk(patterns: Iterable[Any], prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, pattern, inside)
        elif isinstance(entry, URLPattern):
            values = {name: _value(converter) for name, converter in entry.pattern.converters.items()}
            yield Route(pattern, f"{namespace}{entry.name or ''}", entry.callback, values)


def _value(converter: Any) -> object:
    if isinstance(converter, UUIDConverter):
        return uuid4()
    return 1 if isinstance(converter, IntConverter) else "x"


def unmarked(routes: Iterable[Route]) -> list[str]:
    """Routes that name neither a permission nor a reason to be public, and two-faced ones."""
    found = []
    for route in routes:
        marks = [bool(route.permission), bool(route.public_reason), route.name in OF_PACKAGES]
        if sum(marks) != 1:
            found.append(f"{route.pattern} ({route.name}): {'no mark' if not any(marks) else 'two marks'}")
    return found
