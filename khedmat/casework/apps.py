"""The generic case: one household, one request, its members, papers and decisions."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """An engine: it never knows which programme uses it."""

    name = "khedmat.casework"
    label = "casework"

    def ready(self) -> None:
        """What a family withdraws, it withdraws with everything that hangs on it."""
        from khedmat.casework.appeals import withdraw_appeals_of
        from khedmat.casework.listeners import on_withdrawn
        from khedmat.casework.referrals import revoke_referral_of

        on_withdrawn(withdraw_appeals_of)
        on_withdrawn(revoke_referral_of)
