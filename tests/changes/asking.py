"""What the tests of change requests do over and over, each in the context of whoever would do it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from khedmat.changes import wishes
from khedmat.changes.actions import approve_change, ask_change, open_change, refuse_change, withdraw_change
from khedmat.changes.enums import ChangeField, ChangeKind
from khedmat.changes.models import ChangeRequest
from khedmat.changes.rules import MemberFacts
from khedmat.changes.selectors import facts_of
from khedmat.common.actor import Actor
from khedmat.registry.models import Household, Person
from khedmat.registry.rules import DocumentEntry, MemberEntry
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.files.samples import pdf
from tests.line import register

REASON = "مدرک دیده شد و با درخواست یکی است."
_PDF: list[bytes] = []


def paper() -> bytes:
    """One small PDF, made once."""
    if not _PDF:
        _PDF.append(pdf())
    return _PDF[0]


def families_of(cast: Cast, clerk: str, *, cards_from: int, size: int = 5) -> Household:
    """A registered family, open to the clerk."""
    return register(cast, clerk, cards_from=cards_from, size=size)


def people(cast: Cast, household: Household, who: str = "narges") -> list[Person]:
    """The members as `who` sees them, in their order."""
    with working_context(cast[who]):
        return list(Person.objects.filter(household_id=household.pk).order_by("position"))


def facts(cast: Cast, household: Household, who: str = "narges") -> dict[UUID, MemberFacts]:
    """The members as the rules read them."""
    return facts_of(people(cast, household, who))


def ask(cast: Cast, household: Household, wish: wishes.Wish, who: str = "narges", **options: Any) -> ChangeRequest:
    """Ask, with a paper where one is needed."""
    with working_context(cast[who]):
        family = Household.objects.get(pk=household.pk)
        return ask_change(family, wish, **{"paper": paper(), **options}, by=cast[who])


def approve(cast: Cast, request: ChangeRequest, who: str = "bahram", reason: str = REASON) -> ChangeRequest:
    """Open and approve."""
    with working_context(cast[who]):
        opened = open_change(request.pk, by=cast[who])
        return approve_change(opened.pk, opened.version, reason, by=cast[who])


def refuse(cast: Cast, request: ChangeRequest, who: str = "bahram", reason: str = REASON) -> ChangeRequest:
    """Open and refuse."""
    with working_context(cast[who]):
        opened = open_change(request.pk, by=cast[who])
        return refuse_change(opened.pk, opened.version, reason, by=cast[who])


def birth_date_wish(person: Person, on: date = date(1982, 11, 5)) -> wishes.Wish:
    """Another birth date for one member."""
    return wishes.correction(
        ChangeKind.PARTICULARS,
        person.pk,
        {ChangeField.BIRTH_ON: person.birth_on.isoformat()},
        {ChangeField.BIRTH_ON: on.isoformat()},
    )


def contact_wish(old: Mapping[str, str], **new: str) -> wishes.Wish:
    """Another telephone or address."""
    return wishes.correction(ChangeKind.CONTACT, None, old, new)


def phone_wish(new: str = "+989351234567") -> wishes.Wish:
    """Another telephone than the one of tests.line.family."""
    return contact_wish({"phone": "+989121234567"}, phone=new)


def newcomer(relation: str = "son", number: str = "ش441207", **changed: Any) -> wishes.Newcomer:
    """A child, unless changed otherwise."""
    values: dict[str, Any] = {
        "given_name": "امید",
        "family_name": "رضایی",
        "father_name": "غلام‌سخی",
        "latin_name": "Omid Rezai",
        "sex": "male",
        "birth_on": date(2025, 3, 1),
        "relation": relation,
        "documents": (DocumentEntry("birth_certificate", number),),
    } | changed
    return wishes.Newcomer(MemberEntry(**values), birth_place="شهریار", nationality="AFG")


def in_every_state(clerk: Actor, officer: Actor, household: Household) -> list[ChangeRequest]:
    """One request approved, one withdrawn and one open, of a family that the clerk has open; every column is filled.

    For worlds in which each table must hold something of each family (tests/consistency, tests/robustness).
    """
    with working_context(clerk):
        family = Household.objects.get(pk=household.pk)
        note = "خانوار خودش گفته است."
        moved = contact_wish({"address": family.address}, address="شهریار، خیابان آزادی، کوچهٔ نمونه")
        approved = ask_change(family, moved, paper=paper(), note=note, by=clerk)
        coded = contact_wish({"postal_code": family.postal_code}, postal_code="3351712345")
        withdrawn = withdraw_change(ask_change(family, coded, note=note, by=clerk).pk, by=clerk)
        child = wishes.birth(newcomer(), father_card_seen=True, mother_card_seen=True)
        waiting = ask_change(family, child, paper=paper(), note=note, by=clerk)
    with working_context(officer):
        opened = open_change(approved.pk, by=officer)
        approved = approve_change(opened.pk, opened.version, REASON, by=officer)
    return [approved, withdrawn, waiting]
