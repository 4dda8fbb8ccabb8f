"""How django-allauth behaves here: no self sign-up, and second factors sealed at rest."""

import base64

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from khedmat.accounts.models import User
from khedmat.vault.crypto import open_sealed, seal

MFA_AAD = b"mfa_authenticator.secret"


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Staff are added by their office's administrator; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        # allauth saves the whole user; a page may write no more than the password.
        user.set_password(password)
        user.save(update_fields=["password"])


class SealedMfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps TOTP secrets and recovery seeds sealed in the database."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text.encode(), MFA_AAD)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return open_sealed(base64.b64decode(encrypted_text), MFA_AAD).decode()
