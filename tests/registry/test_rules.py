"""Rounds, ages, heads; and what the actions refuse."""

from dataclasses import replace

import pytest
from django.utils import translation

from khedmat.registry.actions import add_member, register_household, write_document
from khedmat.registry.errors import (
    DocumentAlreadyKnown,
    HouseholdAlreadyRegistered,
    HouseholdNeedsOneHead,
    HouseholdTooLarge,
    SeriesNotReadable,
)
from khedmat.registry.models import Household, Person, PersonDocument
from khedmat.registry.rules import DocumentEntry, check_household, read_series, series_label
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.registry.pages import entry, register


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("amayesh-17", "amayesh-17"),
        ("Amayesh 17", "amayesh-17"),
        (" آمایش ۱۷ ", "amayesh-17"),
        ("امايش١٧", "amayesh-17"),
        ("هویت-۱۶", "hoviat-16"),
        ("HOVIAT/016", "hoviat-16"),
        ("mosafer-3", "mosafer-3"),
    ],
)
def test_read_series(typed: str, code: str) -> None:
    assert read_series(typed) == code


@pytest.mark.parametrize("typed", ["", "17", "amayesh", "amayesh-", "a-1-2", "آمایش ۱۷؛", "x" * 17 + "-1", "a-1234"])
def test_read_series_of_no_round(typed: str) -> None:
    with pytest.raises(SeriesNotReadable):
        read_series(typed)


@pytest.mark.parametrize(
    ("language", "series", "label"),
    [
        ("fa", "amayesh-17", "آمایش ۱۷"),
        ("en", "hoviat-16", "Hoviat 16"),
        ("en", "mosafer-3", "mosafer-3"),
        ("en", "", ""),
    ],
)
def test_series_label(language: str, series: str, label: str) -> None:
    with translation.override(language):
        assert series_label(series) == label


def test_household_without_head_names_the_field() -> None:
    members = entry(size=3).members
    with pytest.raises(HouseholdNeedsOneHead) as told:
        check_household(members[1:])
    assert told.value.field == "relation"


def test_household_of_twenty_one_is_too_large() -> None:
    with pytest.raises(HouseholdTooLarge):
        check_household(entry(size=21).members)


def test_same_document_twice_for_one_person_is_refused(cast: Cast) -> None:
    register(cast)
    with working_context(cast["narges"]):
        head = Person.objects.get(relation="head")
        same = DocumentEntry(kind="amayesh_card", number="174411830")
        with pytest.raises(DocumentAlreadyKnown) as told:
            write_document(head, same, by=cast["narges"])
        # The transaction goes on: other documents can still be written.
        write_document(head, replace(same, kind="smart_card"), by=cast["narges"])
        assert PersonDocument.objects.count() == 2
    assert told.value.field == "number"


def test_new_member_with_the_same_document_twice_is_not_written(cast: Cast) -> None:
    household_id = register(cast)
    paper = DocumentEntry(kind="tazkira", number="T1")
    child = replace(entry(size=2).members[1], documents=(paper, paper))
    with working_context(cast["narges"]):
        household = Household.objects.get(pk=household_id)
        with pytest.raises(DocumentAlreadyKnown):
            add_member(household, child, by=cast["narges"])
        assert household.members.count() == 2


def test_second_head_is_refused(cast: Cast) -> None:
    household_id = register(cast)
    with working_context(cast["narges"]), pytest.raises(HouseholdNeedsOneHead):
        add_member(Household.objects.get(pk=household_id), entry().members[0], by=cast["narges"])


def test_register_under_a_taken_id_is_refused(cast: Cast) -> None:
    household_id = register(cast)
    with working_context(cast["narges"]):
        with pytest.raises(HouseholdAlreadyRegistered):
            register_household(entry(number="5"), household_id=household_id, by=cast["narges"])
        assert Household.objects.count() == 1
