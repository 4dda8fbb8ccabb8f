"""The queue of those who decide, a request's page, the decision and the withdrawal."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.changes.actions import approve_change, open_change, refuse_change, withdraw_change
from khedmat.changes.applying import Ground, ground_of, has_changed_meanwhile, moves_people
from khedmat.changes.enums import ChangeField, ChangeKind, ChangeState, Decider
from khedmat.changes.errors import NotYoursToDecide, OwnRequest, RequestAlreadyEnded
from khedmat.changes.models import ChangeRequest
from khedmat.changes.perms import UNDECIDED, can_decide, can_withdraw
from khedmat.changes.selectors import QueuedChange, changes_in_reach, has_open_case, open_changes_about
from khedmat.changes.web.forms import DecisionForm
from khedmat.changes.web.panel import request_rows
from khedmat.changes.web.words import EFFECTS, STATE_TONES, decider_words, item_rows, value_words
from khedmat.changes.wishes import Newcomer, newcomer_from_json, newcomer_to_json
from khedmat.common.errors import DomainError
from khedmat.files.enums import MediaType
from khedmat.places.models import Scope
from khedmat.registry.actions import note_household_read

DECIDES = page(permission=Permission.DECIDE_CHANGE, purpose=Purpose.CHANGE_RECORD)
WITHDRAWS = page(permission=Permission.REQUEST_CHANGE, purpose=Purpose.CHANGE_RECORD)
_ENDED_BEFORE = (RequestAlreadyEnded, OwnRequest, NotYoursToDecide)


@DECIDES
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Requests by number, the longest waiting first; names come with the opened one alone."""
    reach = changes_in_reach()
    offices = Scope.objects.in_bulk({one.scope_id for one in reach})

    def rows(chosen: list[QueuedChange]) -> list[tuple[QueuedChange, str, str, str]]:
        return [(one, offices[one.scope_id].name, STATE_TONES[one.state], decider_words(one.decider)) for one in chosen]

    waiting = [one for one in reach if one.ended_at is None]
    context = {
        "to_decide": rows([one for one in waiting if one.is_to_decide]),
        "elsewhere": rows([one for one in waiting if not one.is_to_decide]),
        "ended": rows([one for one in reach if one.ended_at is not None]),
    }
    return render(request, "changes/queue.html", context)


@DECIDES
@require_safe
def request_page(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """One request: what stands, what is asked, the paper, and the decision where it is this reader's."""
    return _show(request, open_change(request_id, by=request.actor), None)


@DECIDES
@require_POST
def decide(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """Approve or refuse, with a reason."""
    change = open_change(request_id, by=request.actor)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, change, form)
    given = form.cleaned_data
    act = approve_change if given["outcome"] == "approve" else refuse_change
    try:
        change = act(request_id, given["version"], given["reason"], by=request.actor)
    except _ENDED_BEFORE:
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _show(request, change, form)
    said = _("Request %(number)s: %(state)s.")
    messages.success(request, said % {"number": change.number, "state": ChangeState(change.state).label})
    # A family that was not received is out of sight again.
    is_gone = change.decider == Decider.OTHER_PROVINCE and change.state == ChangeState.REFUSED
    return redirect("changes:queue") if is_gone else redirect("changes:request", change.pk)


@WITHDRAWS
@require_POST
def withdraw(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """The office that asked takes the request back."""
    open_change(request_id, by=request.actor)
    change = withdraw_change(request_id, by=request.actor)
    messages.success(request, _("Request %(number)s is withdrawn.") % {"number": change.number})
    return redirect("changes:request", change.pk)


def _show(request: StaffRequest, change: ChangeRequest, form: DecisionForm | None) -> HttpResponse:
    note_household_read(change.household_id, by=request.actor)
    ground = ground_of(change, is_locked=False)
    is_waiting = change.state in UNDECIDED
    may_decide = can_decide(change, by=request.actor)
    if form is None and may_decide:
        form = DecisionForm(initial={"version": change.version})
    staff = User.objects.in_bulk(
        [one for one in (change.asked_by, change.decided_by, change.withdrawn_by) if one is not None]
    )
    context = {
        "change": change,
        "kind": ChangeKind(change.kind).label,
        "state": ChangeState(change.state).label,
        "tone": STATE_TONES[change.state],
        "decider": decider_words(change.decider),
        "effect": EFFECTS[change.kind],
        "is_waiting": is_waiting,
        "is_own": change.asked_by == request.actor.user_id,
        "form": form if may_decide else None,
        "may_withdraw": can_withdraw(change, by=request.actor),
        "is_pdf": change.paper is not None and change.paper.media_type == MediaType.PDF,
        "asker": staff.get(change.asked_by),
        "ender": staff.get(change.decided_by or change.withdrawn_by),
        "members": list(ground.members.values()),
        "head": next((one for one in ground.members.values() if one.relation == "head"), None),
        "other_members": list(ground.other_members.values()),
        **_contents(ground, is_waiting=is_waiting),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.is_bound else HTTPStatus.OK
    return render(request, "changes/request.html", context, status=status)


def _contents(ground: Ground, *, is_waiting: bool) -> dict[str, object]:
    """What is asked, and what stands in its way."""
    change, details = ground.request, ground.details
    newcomer = newcomer_from_json(details["newcomer"]) if "newcomer" in details else None
    joining = ground.other_members.get(UUID(details["person"])) if "person" in details else None
    ids = [one for one in (change.household_id, change.other_household_id) if one is not None]
    others = open_changes_about(ids).exclude(pk=change.pk).order_by("asked_at") if is_waiting else []
    moves = is_waiting and moves_people(change.kind, change.other_household_id)
    return {
        "rows": item_rows(ground, is_waiting=is_waiting),
        "newcomer": newcomer,
        "newcomer_facts": _newcomer_facts(newcomer) if newcomer else [],
        "is_card_unseen": is_waiting
        and "father_card_seen" in details
        and not (details["father_card_seen"] and details["mother_card_seen"]),
        "joining": joining,
        "joining_relation": value_words("relation", details["relation"]) if "person" in details else "",
        "has_changed": is_waiting and has_changed_meanwhile(ground),
        "other_rows": request_rows(others, [*ground.members.values(), *ground.other_members.values()]),
        "has_case": moves and any(has_open_case(one) for one in ids if one in _visible(ground)),
    }


def _visible(ground: Ground) -> set[UUID]:
    return {one.pk for one in (ground.household, ground.other) if one is not None}


def _newcomer_facts(newcomer: Newcomer) -> list[tuple[str, str]]:
    kept = newcomer_to_json(newcomer)
    return [(str(field.label), value_words(field, kept[field])) for field in ChangeField if field in kept]
