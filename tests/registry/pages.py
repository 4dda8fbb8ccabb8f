"""What the register's pages are sent: a family as a clerk types it."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from khedmat.common.jalali import to_jalali
from khedmat.registry.actions import register_household
from khedmat.registry.models import Household
from khedmat.registry.rules import DocumentEntry, HouseholdEntry, MemberEntry
from khedmat.vault.context import working_context
from tests.cast import Cast

HEAD_BIRTH = date(1982, 10, 4)


def typed_date(field: str, day: date | None) -> dict[str, str]:
    """The three inputs of a date."""
    if day is None:
        return {f"{field}_{part}": "" for part in ("day", "month", "year")}
    jalali = to_jalali(day)
    return {f"{field}_day": str(jalali.day), f"{field}_month": str(jalali.month), f"{field}_year": str(jalali.year)}


def typed_member(index: int | None = None, **changed: Any) -> dict[str, str]:
    """The fields of one card (of the page for one member where `index` is None)."""
    values: dict[str, Any] = {
        "given_name": "غلام‌سخی",
        "family_name": "رضایی",
        "father_name": "محمد",
        "grandfather_name": "",
        "latin_name": "Ghulam Sakhi Rezai",
        "sex": "male",
        "relation": "head",
        "birth_on": HEAD_BIRTH,
        "kind": "amayesh_card",
        "number": f"17-4411-{830 + (index or 0)}",
        "series": "amayesh-17",
        "issued_on": date(2025, 10, 1),
        "valid_until": date(2026, 9, 30),
    } | changed
    typed: dict[str, str] = {}
    for name, value in values.items():
        is_date = name in {"birth_on", "issued_on", "valid_until"}
        typed |= typed_date(name, value) if is_date else {name: value}
    return typed if index is None else {f"members-{index}-{name}": value for name, value in typed.items()}


def typed_child(index: int | None = None, **changed: Any) -> dict[str, str]:
    """A son of nine months with a birth certificate."""
    return typed_member(
        index,
        **{
            "given_name": "یوسف",
            "latin_name": "Yusuf Rezai",
            "father_name": "غلام‌سخی",
            "relation": "son",
            "birth_on": date(2026, 2, 10),
            "kind": "birth_certificate",
            "number": "ش‌ه ۴۴۱۲۰۷",
            "series": "",
            "issued_on": None,
            "valid_until": None,
        }
        | changed,
    )


def typed_family(*cards: dict[str, str], **changed: str) -> dict[str, str]:
    """A whole page: the cards, how many they are, and contact."""
    typed = {
        "household_id": str(uuid4()),
        "members-TOTAL_FORMS": str(len(cards)),
        "members-INITIAL_FORMS": "0",
        "phone": "۰۹۱۲ ۳۴۵ ۶۷۸۹",
        "postal_code": "3351734567",
        "address": "شهریار، خیابان ولیعصر، پلاک ۷",
    }
    for card in cards:
        typed |= card
    return typed | changed


def entry(number: str = "174411830", *, size: int = 2, given_name: str = "غلام‌سخی") -> HouseholdEntry:
    """A family by action: the head with one document, the rest children without any."""
    head = MemberEntry(
        given_name=given_name,
        family_name="رضایی",
        father_name="محمد",
        latin_name="Ghulam Sakhi Rezai",
        sex="male",
        birth_on=HEAD_BIRTH,
        relation="head",
        documents=(
            DocumentEntry(kind="amayesh_card", number=number, series="amayesh-17", valid_until=date(2026, 9, 30)),
        ),
    )
    children = tuple(
        MemberEntry(
            given_name=f"فرزند {count}",
            family_name="رضایی",
            father_name=given_name,
            sex="female",
            birth_on=date(2015, 5, 5),
            relation="daughter",
        )
        for count in range(1, size)
    )
    return HouseholdEntry(members=(head, *children), phone="+989123456789", address="شهریار، پلاک ۷")


def register(cast: Cast, clerk: str = "narges", **changed: Any) -> UUID:
    """A family in the register of the clerk's province, open to the clerk."""
    with working_context(cast[clerk]):
        household: Household = register_household(entry(**changed), by=cast[clerk])
    return household.pk
