"""Every step of a change request: asked, opened, approved, refused, withdrawn."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from khedmat.accounts.errors import PermissionMissing
from khedmat.audit.actions import Detail, record
from khedmat.changes.applying import apply_change, ground_of, moves_people, require_no_case
from khedmat.changes.enums import ChangeKind, ChangeState
from khedmat.changes.errors import (
    AlreadyAsked,
    DecisionNeedsReason,
    FieldAlreadyAsked,
    NotYoursToDecide,
    OwnRequest,
    PaperMissing,
    RequestAlreadyEnded,
)
from khedmat.changes.models import ChangeItem, ChangeRequest
from khedmat.changes.perms import UNDECIDED, can_ask, can_decide, can_withdraw
from khedmat.changes.rules import decider_of, is_paper_needed
from khedmat.changes.selectors import change_request
from khedmat.changes.wishes import Wish, details_to_text
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.files.actions import store_paper
from khedmat.places.models import Scope
from khedmat.registry.models import Household


@transaction.atomic
def ask_change(
    household: Household,
    wish: Wish,
    *,
    paper: bytes | None = None,
    note: str = "",
    request_id: UUID | None = None,
    by: Actor,
) -> ChangeRequest:
    """Keep what an open family asks for; somebody else decides it. `paper`: a picture or PDF as uploaded.

    A page that chose `request_id` beforehand may be sent twice and asks once. Errors: PermissionMissing, PaperMissing,
    CaseStillOpen, FieldAlreadyAsked, AlreadyAsked, FileRefused, RecordNotVisible.
    """
    if not can_ask(by):
        raise PermissionMissing
    if is_paper_needed(wish.kind) and not paper:
        raise PaperMissing
    if moves_people(wish.kind, wish.other_household_id):
        require_no_case(household.pk, wish.other_household_id)
    request = ChangeRequest(
        id=request_id or uuid4(),
        number=_new_number(by),
        household=household,
        kind=wish.kind,
        decider=decider_of(wish.kind),
        state=ChangeState.AWAITING_OTHER_PROVINCE if wish.kind == ChangeKind.MOVE else ChangeState.OPEN,
        scope_id=by.scope_id,
        asked_by=by.user_id,
        other_household_id=wish.other_household_id,
        other_province_id=wish.other_province_id,
        details=details_to_text(wish.details),
        note=note,
        paper=store_paper(paper, household.pk, by=by, field="paper") if paper else None,
    )
    with _told_apart():
        request.save(force_insert=True)
        ChangeItem.objects.bulk_create(_items_of(request, wish))
    _record("change.asked", request, by=by, details={"kind": wish.kind.value})
    return request


@contextmanager
def _told_apart() -> Iterator[None]:
    """Two requests on one field, and the same page sent twice, as the facts they are."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if violated_constraint(error) == "changes_changerequest_pkey":
            raise AlreadyAsked from error
        if violated_constraint(error) == "one_open_request_on_a_field":
            raise FieldAlreadyAsked from error
        raise


def open_change(request_id: UUID, *, by: Actor) -> ChangeRequest:
    """Open the family of a request to whoever it concerns. Errors: RecordNotVisible, SpentReadBudget."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.open_change(%s)", [request_id])
    return change_request(request_id)


@transaction.atomic
def approve_change(request_id: UUID, expected_version: int, reason: str, *, by: Actor) -> ChangeRequest:
    """Decide that an opened request is granted, and write what it asks for into the register.

    Everybody else's sight of families whose members or province changed ends. Errors: OwnRequest, NotYoursToDecide,
    RequestAlreadyEnded, DecisionNeedsReason, RegisterChangedMeanwhile, CaseStillOpen, OtherRequestsOpen, and those of
    the register.
    """
    request = _to_decide(request_id, expected_version, reason, by=by)
    # The families before the request: two who approve at once queue at the first lock.
    ground = ground_of(request, is_locked=True)
    _lock(request_id, expected_version)
    apply_change(ground, by=by)
    _end(request, ChangeState.APPROVED, reason, by=by)
    if moves_people(request.kind, request.other_household_id):
        _end_grants(request)
    return request


@transaction.atomic
def refuse_change(request_id: UUID, expected_version: int, reason: str, *, by: Actor) -> ChangeRequest:
    """Decide that an opened request is not granted, with the reason for the family. Nothing else is written.

    A province that does not receive a family sees it no longer. Errors: as of `approve_change`.
    """
    request = _to_decide(request_id, expected_version, reason, by=by)
    _lock(request_id, expected_version)
    _end(request, ChangeState.REFUSED, reason, by=by)
    if request.kind == ChangeKind.MOVE:
        _end_grants(request)
    return request


@transaction.atomic
def withdraw_change(request_id: UUID, *, by: Actor) -> ChangeRequest:
    """Take an opened request back for the office that asked. Errors: RequestAlreadyEnded, NotYoursToDecide."""
    request = change_request(request_id)
    if request.state not in UNDECIDED:
        raise RequestAlreadyEnded
    if not can_withdraw(request, by=by):
        raise NotYoursToDecide
    _lock(request_id, request.version)
    request.state = ChangeState.WITHDRAWN
    request.withdrawn_at, request.withdrawn_by = timezone.now(), by.user_id
    request.version += 1
    request.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "version"])
    _close_items(request)
    _record("change.withdrawn", request, by=by)
    return request


def _new_number(by: Actor) -> str:
    place = Scope.objects.get(pk=by.scope_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('changes_number_seq')")
        (serial,) = cursor.fetchone()
    return f"D-{place.code}-{serial:05d}"


def _items_of(request: ChangeRequest, wish: Wish) -> list[ChangeItem]:
    return [
        ChangeItem(
            household_id=request.household_id,
            request=request,
            person_id=item.person_id,
            document_id=item.document_id,
            field=item.field,
            old=item.old,
            new=item.new,
            position=position,
        )
        for position, item in enumerate(wish.items, start=1)
    ]


def _to_decide(request_id: UUID, expected_version: int, reason: str, *, by: Actor) -> ChangeRequest:
    request = change_request(request_id)
    if request.state not in UNDECIDED or request.version != expected_version:
        raise RequestAlreadyEnded
    if request.asked_by == by.user_id:
        raise OwnRequest
    if not can_decide(request, by=by):
        raise NotYoursToDecide
    if not reason.strip():
        raise DecisionNeedsReason
    return request


def _lock(request_id: UUID, expected_version: int) -> None:
    # The policy hides what has ended from writing: whoever comes second finds nothing to lock.
    locked = ChangeRequest.objects.select_for_update(of=("self",)).filter(pk=request_id, version=expected_version)
    if locked.values_list("pk", flat=True).first() is None:
        raise RequestAlreadyEnded


def _end(request: ChangeRequest, state: ChangeState, reason: str, *, by: Actor) -> None:
    request.state, request.reason = state, reason.strip()
    request.decided_at, request.decided_by = timezone.now(), by.user_id
    request.version += 1
    request.save(
        update_fields=["state", "reason", "decided_at", "decided_by", "version", "other_household_id"],
    )
    _close_items(request)
    _record(f"change.{state.value}", request, by=by, details={"kind": request.kind})


def _close_items(request: ChangeRequest) -> None:
    ChangeItem.objects.filter(request=request).update(is_open=False)


def _end_grants(request: ChangeRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.end_grants_of_change(%s)", [request.pk])


def _record(action: str, request: ChangeRequest, *, by: Actor, details: Mapping[str, Detail] | None = None) -> None:
    record(
        action,
        by=by,
        subject="changes.changerequest",
        subject_id=request.pk,
        household_id=request.household_id,
        details={**(details or {}), "number": request.number},
    )
