"""What change requests show on a family's page: those that wait, those that ended lately, and where to ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from khedmat.accounts.enums import Permission
from khedmat.accounts.gate import StaffRequest
from khedmat.accounts.rules import role_may
from khedmat.changes.enums import ChangeField, ChangeKind, ChangeState
from khedmat.changes.models import ChangeRequest
from khedmat.changes.perms import UNDECIDED
from khedmat.changes.selectors import changes_of_family
from khedmat.changes.web.words import STATE_TONES, decider_words
from khedmat.registry.models import Household, Person

SHOWN = 6


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list of its family's: what it asks for, about whom, where it stands."""

    request: ChangeRequest
    kind: str
    whose: str
    fields: str
    state: str
    tone: str
    is_waiting: bool
    decider: str


def request_rows(requests: Iterable[ChangeRequest], members: Sequence[Person]) -> list[RequestRow]:
    """Rows for requests of an open family; `members` give the names."""
    names = {one.pk: one.full_name for one in members}
    return [_row(one, names) for one in requests]


def changes_panel(request: StaffRequest, household: Household) -> SafeString | None:
    """The panel of a family's page. Two queries."""
    may_ask = role_may(request.actor.role, Permission.REQUEST_CHANGE)
    rows = request_rows(islice(changes_of_family(household.pk), SHOWN), list(household.members.all()))
    if not rows and not may_ask:
        return None
    context = {"household": household, "rows": rows, "may_ask": may_ask}
    return render_to_string("changes/panel.html", context, request=request)


def _row(request: ChangeRequest, names: dict[UUID, str]) -> RequestRow:
    items = list(request.items.all())
    whose = list(dict.fromkeys(names[item.person_id] for item in items if item.person_id in names))
    fields = list(dict.fromkeys(str(ChangeField(item.field).label) for item in items))
    comma = "، " if (get_language() or "fa").startswith("fa") else ", "
    return RequestRow(
        request,
        str(ChangeKind(request.kind).label),
        whose[0] if len(whose) == 1 else "",
        comma.join(fields[:3]),
        str(ChangeState(request.state).label),
        STATE_TONES[request.state],
        request.state in UNDECIDED,
        decider_words(request.decider),
    )
