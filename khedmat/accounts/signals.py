"""Sign-in and second factors leave an audit row too, in the transaction of the change."""

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from khedmat.accounts.enums import Purpose
from khedmat.accounts.models import User
from khedmat.accounts.selectors import live_holdings
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.vault.context import working_context

_ACTS = {
    user_logged_in: "user.signed-in",
    user_logged_out: "user.signed-out",
    password_changed: "user.password-changed",
    authenticator_added: "user.second-factor-added",
    authenticator_removed: "user.second-factor-removed",
}


@receiver(list(_ACTS))
def note_account_change(signal: Any, user: User | None = None, **kwargs: Any) -> None:
    """One row for each. Somebody who holds no role today works nowhere, and leaves none."""
    if user is None:
        return
    holding = next(iter(live_holdings(user.pk)), None)
    if holding is None:
        return
    actor = Actor(user.pk, holding.role, holding.scope_id, Purpose.DAILY_WORK.value)
    with working_context(actor):
        record(_ACTS[signal], by=actor, subject="accounts.user", subject_id=user.pk)
