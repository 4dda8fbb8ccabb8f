"""Who acts at the command line: a member of staff, in a role that they hold today."""

from typing import TYPE_CHECKING

from khedmat.config.platform.errors import PlatformError

if TYPE_CHECKING:
    from khedmat.common.actor import Actor


def acting_as(username: str | None, *, role: str, purpose: str) -> "Actor":
    """The holder of a role. Without a user name, the only one there is. Errors: PlatformError."""
    from django.utils import timezone

    from khedmat.accounts.models import RoleHolding
    from khedmat.common.actor import Actor

    words = role.replace("_", " ")
    holdings = RoleHolding.objects.filter(role=role, user__is_active=True).select_related("user")
    live = [one for one in holdings if one.is_live(timezone.localdate()) and username in {None, one.user.username}]
    if not live:
        raise PlatformError(f"{username!r} is no {words} today" if username else f"nobody is {words} today")
    if len(live) > 1:
        names = ", ".join(sorted(one.user.username for one in live))
        raise PlatformError(f"several could act as {words}: {names}. Say which with --as.")
    return Actor(live[0].user_id, role, live[0].scope_id, purpose)
