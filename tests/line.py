"""One family's way through the line, by actions: for tests that need a case at some step."""

from datetime import date, timedelta

from django.utils import timezone

from khedmat.casework.models import Case
from khedmat.config.demo import line as demo_line
from khedmat.config.demo.families import portrait
from khedmat.config.demo.line import (
    REASON,
    ROUND,
    decide_all,
    give_cards,
    open_round,
    pay,
    print_cards,
    submit,
    take_application,
)
from khedmat.registry.models import Household
from khedmat.registry.rules import DocumentEntry, HouseholdEntry, MemberEntry
from khedmat.rounds.enrolment import start_enrolment
from khedmat.vault.context import working_context
from tests.cast import Cast

__all__ = [
    "REASON",
    "ROUND",
    "arrived",
    "decide_all",
    "family",
    "give_cards",
    "open_round",
    "pay",
    "portrait",
    "print_cards",
    "register",
    "submit",
    "take_application",
    "whole_line",
]


def family(*, cards_from: int = 4411830, size: int = 5, series: str = "amayesh-17") -> HouseholdEntry:
    """A family with last round's cards in hand; card numbers count up from `cards_from`."""
    people = [
        ("غلام‌سخی", "Ghulam Sakhi Rezai", "male", date(1982, 10, 4), "head"),
        ("زهرا", "Zahra Rezai", "female", date(1986, 4, 19), "spouse"),
        ("معصومه", "Masuma Rezai", "female", date(2011, 11, 26), "daughter"),
        ("علی‌رضا", "Alireza Rezai", "male", date(2016, 2, 10), "son"),
        ("یوسف", "Yusuf Rezai", "male", date(2020, 7, 10), "son"),
    ]
    members = tuple(
        MemberEntry(
            given_name=given,
            family_name="رضایی",
            father_name="محمد" if relation in {"head", "spouse"} else "غلام‌سخی",
            latin_name=latin,
            sex=sex,
            birth_on=birth,
            relation=relation,
            documents=(
                DocumentEntry(
                    kind="amayesh_card",
                    number=f"17{cards_from + index}",
                    series=series,
                    issued_on=timezone.localdate() - timedelta(days=400),
                    valid_until=timezone.localdate() - timedelta(days=30),
                ),
            ),
        )
        for index, (given, latin, sex, birth, relation) in enumerate(people[:size])
    )
    return HouseholdEntry(members=members, phone="+989121234567", address="شهریار، خیابان ولیعصر، پلاک ۷")


def register(cast: Cast, clerk: str = "narges", *, cards_from: int = 4411830, size: int = 5) -> Household:
    """A family in the register of the clerk's province."""
    return demo_line.register(cast, family(cards_from=cards_from, size=size), clerk)


def arrived(cast: Cast, *, size: int = 5) -> Case:
    """A family whose case was just begun at narges's counter, in the round that is opened here."""
    open_round(cast)
    household = register(cast, size=size)
    with working_context(cast["narges"]):
        return start_enrolment(household.pk, ROUND, by=cast["narges"])


def whole_line(cast: Cast, *, cards_from: int = 4411830, receipt: str = "1001") -> Case:
    """A family of five, from the register to five cards in their hands."""
    case = take_application(cast, register(cast, cards_from=cards_from))
    pay(cast, case, receipt=receipt)
    submit(cast, case.pk)
    decide_all(cast, case.pk)
    print_cards(cast)
    give_cards(cast, case.pk)
    with working_context(cast["narges"]):
        return Case.objects.get(pk=case.pk)
