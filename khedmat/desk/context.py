"""What every staff page shows: the parts one may open, and role, place, purpose and reads of today."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.gate import Working
from khedmat.accounts.rules import role_may
from khedmat.accounts.selectors import reads_today

# (permission, route name, label): in the order of the work.
PARTS = (
    (Permission.SEE_DESK, "desk:home", gettext_noop("Desk")),
    (Permission.BOOK_APPOINTMENT, "service:reception", gettext_noop("Reception")),
    (Permission.CALL_CLIENTS, "service:counter", gettext_noop("My counter")),
    (Permission.LOOK_UP, "registry:look-up", gettext_noop("Look-up")),
    (Permission.TAKE_PAYMENT, "payments:queue", gettext_noop("Payments")),
    (Permission.COUNT_CASH, "payments:day", gettext_noop("My takings")),
    (Permission.DECIDE_EXEMPTION, "rounds:relief-queue", gettext_noop("Exemptions")),
    (Permission.PAY_REFUND, "payments:refunds", gettext_noop("Refunds")),
    (Permission.CONFIRM_CASH, "payments:days", gettext_noop("Cashiers' days")),
    (Permission.REVIEW_CASE, "rounds:review-queue", gettext_noop("Review")),
    (Permission.DECIDE_APPEAL, "rounds:appeals", gettext_noop("Appeals")),
    (Permission.REFER_CASE, "rounds:referrals", gettext_noop("Referrals")),
    (Permission.DECIDE_CHANGE, "changes:queue", gettext_noop("Change requests")),
    (Permission.PRINT_CARDS, "cards:print-queue", gettext_noop("Printing")),
    (Permission.HAND_OVER_CARD, "cards:hand-over", gettext_noop("Hand-over")),
    (Permission.COMPARE_DUPLICATES, "duplicates:queue", gettext_noop("Duplicates")),
    (Permission.OVERSEE_READS, "desk:oversight", gettext_noop("Oversight")),
    (Permission.IMPORT_REGISTER, "imports:list", gettext_noop("Bringing in files")),
    (Permission.RUN_OFFICE, "service:days", gettext_noop("Office days")),
    (Permission.RUN_OFFICE, "service:hall", gettext_noop("Counters")),
    (Permission.SEE_ROUND, "rounds:list", gettext_noop("Rounds")),
    (Permission.KEEP_CALENDAR, "rounds:calendar", gettext_noop("Free days")),
    (Permission.SEE_OUTBOX, "notices:outbox", gettext_noop("Outbox")),
)

# What is opened seldom stands in the bar's menu 'More' where the bar would be crowded, then whatever is too much.
SELDOM = frozenset(
    {
        "rounds:list",
        "rounds:calendar",
        "notices:outbox",
        "service:hall",
        "rounds:referrals",
        "imports:list",
        "changes:queue",
    }
)
MOST_IN_BAR = 6


def working_line(request: HttpRequest) -> dict[str, object]:
    """Variables `nav` (all parts), `nav_bar` and `nav_more`, `lookup_url`, `working`; empty on public pages."""
    working: Working | None = getattr(request, "working", None)
    if working is None:
        return {"nav": [], "nav_bar": [], "nav_more": [], "lookup_url": "", "working": None}
    role = working.holding.role
    parts = _parts(role, request.path)
    bar = _calm(parts)
    return {
        "nav": parts,
        "nav_bar": bar,
        "nav_more": [part for part in parts if part not in bar],
        "lookup_url": reverse("registry:look-up") if role_may(role, Permission.LOOK_UP) else "",
        "working": SimpleLazyObject(lambda: _line(working)),
    }


def _parts(role: str, path: str) -> list[dict[str, object]]:
    parts = [(route, reverse(route), label) for permission, route, label in PARTS if role_may(role, permission)]
    # The desk's address begins that of the oversight: the longest one that fits is where one stands.
    current = max((url for _route, url, _label in parts if path.startswith(url)), key=len, default="")
    return [{"route": route, "url": url, "label": _(label), "current": url == current} for route, url, label in parts]


def _calm(parts: list[dict[str, object]]) -> list[dict[str, object]]:
    """The parts that stand in the bar itself: all, where they are few."""
    if len(parts) <= MOST_IN_BAR:
        return parts
    by_use = sorted(parts, key=lambda part: part["route"] in SELDOM)
    kept = by_use[: MOST_IN_BAR - 1]
    return [part for part in parts if part in kept]


def _line(working: Working) -> dict[str, object]:
    reads = reads_today(working.holding.role)
    return {
        "role": Role(working.holding.role).label,
        "place": working.holding.scope.name,
        "purpose": working.purpose.label,
        "reads_used": reads.used,
        "reads_limit": reads.allowed,
        "switch_url": reverse("desk:roles") if working.has_other_roles else "",
    }
