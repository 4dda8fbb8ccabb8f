"""Sealed columns: never in the clear, bound to table, column and record."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from khedmat.registry.actions import register_household
from khedmat.registry.models import Household, HouseholdHistory
from khedmat.vault.context import working_context
from khedmat.vault.crypto import SealBroken
from khedmat.vault.fields import Sealed, SealedTextField
from tests import line
from tests.cast import Cast
from tests.factories import family

pytestmark = pytest.mark.django_db
PHONE, ADDRESS = "phone", "address"


def _stored(household: Household, column: str) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM registry_household WHERE id = %s", [household.pk])
        (value,) = cursor.fetchone()
    return None if value is None else bytes(value)


def _put(household: Household, column: str, value: bytes | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE registry_household SET {column} = %s WHERE id = %s", [value, household.pk])
        assert cursor.rowcount == 1


def test_sealed_text_comes_back(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        read = Household.objects.get(pk=household.pk)
        assert read.phone.startswith("0912")
        assert read.address == "خیابان آزمون، کوچهٔ نمونه"


def test_stored_bytes_hold_no_text(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        stored = _stored(household, PHONE)
        assert stored is not None
        assert household.phone.encode() not in stored
        assert stored[0] == 1


def test_empty_text_is_null(cast: Cast) -> None:
    household = family(cast["narges"])
    household.postal_code = ""
    with working_context(cast["narges"]):
        household.save(update_fields=["postal_code"])
        assert _stored(household, "postal_code") is None
        assert Household.objects.get(pk=household.pk).postal_code == ""


def test_text_of_another_record_does_not_open(cast: Cast) -> None:
    first, second = family(cast["narges"]), family(cast["narges"])
    with working_context(cast["narges"]):
        mine, other = _stored(first, PHONE), _stored(second, PHONE)
        _put(first, PHONE, other)
        _put(second, PHONE, mine)
        for household in (first, second):
            with pytest.raises(SealBroken):
                _ = Household.objects.get(pk=household.pk).phone


def test_text_of_another_column_does_not_open(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        _put(household, ADDRESS, _stored(household, PHONE))
        with pytest.raises(SealBroken):
            _ = Household.objects.get(pk=household.pk).address


def test_plain_text_in_the_column_does_not_open(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        _put(household, ADDRESS, b"written past the field, long enough for a seal")
        with pytest.raises(SealBroken):
            _ = Household.objects.get(pk=household.pk).address


def test_saving_an_unread_value_keeps_its_bytes(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        before = _stored(household, ADDRESS)
        read = Household.objects.get(pk=household.pk)
        read.save(update_fields=["address"])
        assert _stored(household, ADDRESS) == before


def test_changed_value_is_sealed_anew(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        before = _stored(household, ADDRESS)
        read = Household.objects.get(pk=household.pk)
        read.address = "نشانی نو"
        read.save(update_fields=["address"])
        assert _stored(household, ADDRESS) != before
        assert Household.objects.get(pk=household.pk).address == "نشانی نو"


def test_too_long_text_is_refused(cast: Cast) -> None:
    household = family(cast["narges"])
    household.address = "x" * 401
    with working_context(cast["narges"]), pytest.raises(ValueError, match="longer than 400"):
        household.save(update_fields=["address"])


@pytest.mark.parametrize("lookup", ["phone", "phone__contains", "phone__startswith", "address__in", "phone__gt"])
def test_sealed_column_cannot_be_searched(cast: Cast, lookup: str) -> None:
    with working_context(cast["narges"]), pytest.raises((FieldError, TypeError)):
        list(Household.objects.filter(**{lookup: "0912"}))


def test_whether_a_value_is_there_can_be_asked(cast: Cast) -> None:
    family(cast["narges"])
    with working_context(cast["narges"]):
        assert Household.objects.filter(postal_code__isnull=True).count() == 0
        assert Household.objects.filter(postal_code__isnull=False).count() == 1


@pytest.mark.parametrize("way", ["update", "bulk_update"])
def test_text_is_never_written_unsealed_past_save(cast: Cast, way: str) -> None:
    """`update` knows no record to bind to: it must refuse, not write the text as it is."""
    household = family(cast["narges"])
    household.address = "CANARY"
    ways = {
        "update": lambda: Household.objects.filter(pk=household.pk).update(address="CANARY"),
        "bulk_update": lambda: Household.objects.bulk_update([household], ["address"]),
    }
    with pytest.raises(TypeError), working_context(cast["narges"]):
        ways[way]()


def test_deferred_column_is_fetched_and_not_taken_for_empty(cast: Cast) -> None:
    narges = cast["narges"]
    with working_context(narges):
        household = register_household(line.family(size=1), by=narges)
        deferred = Household.objects.defer("phone").get(pk=household.pk)
        assert deferred.phone == line.family(size=1).phone


def test_grant_of_one_role_opens_nothing_in_another(cast: Cast) -> None:
    narges = cast["narges"]
    with working_context(narges):
        household = register_household(line.family(size=1), by=narges)
    with working_context(replace(narges, role="cashier")):
        assert not Household.objects.filter(pk=household.pk).exists()


def _by_values(cast: Cast, household: Household) -> Any:
    with working_context(cast["narges"]):
        value: Any = Household.objects.values_list("address", flat=True).get(pk=household.pk)
    assert isinstance(value, Sealed)
    return value


def test_values_list_shows_nothing_of_a_sealed_value(cast: Cast) -> None:
    value = _by_values(cast, family(cast["narges"]))
    assert f"{[value]}" == "[<sealed>]"
    assert value not in ("", b"", value.stored)


@pytest.mark.parametrize("as_text", [str, format, "{}".format, lambda value: f"{value}", json.dumps, "".join])
def test_values_list_is_no_text(cast: Cast, as_text: Any) -> None:
    value = _by_values(cast, family(cast["narges"]))
    with pytest.raises(TypeError):
        as_text(value)


def test_sealed_value_of_another_row_is_not_saved(cast: Cast) -> None:
    first, second = family(cast["narges"]), family(cast["narges"])
    second.address = _by_values(cast, first)
    with working_context(cast["narges"]), pytest.raises(SealBroken):
        second.save(update_fields=["address"])


def test_saving_the_text_that_was_read_keeps_its_bytes(cast: Cast) -> None:
    """Sealed anew it would look like a change."""
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        before = _stored(household, ADDRESS)
        read = Household.objects.get(pk=household.pk)
        read.address = read.address + ""
        read.save()
        assert _stored(household, ADDRESS) == before


def test_text_read_of_one_record_is_sealed_anew_for_another(cast: Cast) -> None:
    first, second = family(cast["narges"]), family(cast["narges"])
    with working_context(cast["narges"]):
        read = Household.objects.get(pk=first.pk)
        text = read.address
        assert read.phone
        read.pk = second.pk
        read.save(update_fields=["address"])
        assert _stored(second, ADDRESS) != _stored(first, ADDRESS)
        assert Household.objects.get(pk=second.pk).address == text


def test_text_changed_and_changed_back_is_the_old_text(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        read = Household.objects.get(pk=household.pk)
        text = read.address
        for one in ("نشانی نو", text):
            read.address = one
            read.save(update_fields=["address"])
            assert Household.objects.get(pk=household.pk).address == one


def _copied(household: Household) -> HouseholdHistory:
    household.address = "نشانی نو"
    household.save(update_fields=["address"])
    return HouseholdHistory.objects.get()


def test_copy_in_another_table_opens_as_it_was_sealed(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        before = (household.phone, household.address, _stored(household, PHONE))
        copy = _copied(household)
        assert (copy.phone, copy.address) == before[:2]
        with connection.cursor() as cursor:
            cursor.execute("SELECT phone FROM registry_household_history")
            assert bytes(cursor.fetchone()[0]) == before[2]


def test_copy_that_names_another_record_does_not_open(cast: Cast) -> None:
    first, second = family(cast["narges"]), family(cast["narges"])
    with working_context(cast["narges"]):
        copy = _copied(first)
        copy.record_id = second.pk
        with pytest.raises(SealBroken):
            _ = copy.phone


def test_where_a_copy_was_sealed_stands_in_its_migration() -> None:
    plain: Any = Household._meta.get_field(PHONE)
    copy: Any = HouseholdHistory._meta.get_field(PHONE)
    assert not {"sealed_in", "sealed_for"} & set(plain.deconstruct()[3])
    _name, _path, args, kwargs = copy.deconstruct()
    again = SealedTextField(*args, **kwargs)
    assert (again.sealed_in, again.sealed_for) == ("registry_household", "record_id")
