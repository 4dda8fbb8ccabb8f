import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from khedmat.common.dates_form import JalaliDateField, TypedDate
from khedmat.common.jalali import from_jalali, to_jalali

EARLIEST = from_jalali(1300, 1, 1)
LATEST = from_jalali(1405, 8, 30)


class BirthForm(forms.Form):
    birth = JalaliDateField(label="Birth", min_date=EARLIEST, max_date=lambda: LATEST)
    death = JalaliDateField(label="Death", required=False)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def birth_form(day: str, month: str, year: str, initial: dt.date | None = None) -> BirthForm:
    data = {"birth_day": day, "birth_month": month, "birth_year": year}
    return BirthForm(data, initial={"birth": initial})


def test_typed_parts_become_a_date() -> None:
    form = birth_form(" ۱۲ ", "7", "١٣٦١")
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"birth": dt.date(1982, 10, 4), "death": None}


@pytest.mark.parametrize(
    ("parts", "sentences"),
    [
        (("", "", ""), ["Enter the day, the month and the year."]),
        (("", "", "1361"), ["Enter the day.", "Choose the month."]),
        (("12", "7", ""), ["Enter the year."]),
        (("x", "7", "1361"), ["The day is a number from 1 to 31. Correct the day."]),
        (("32", "7", "1361"), ["The day is a number from 1 to 31. Correct the day."]),
        (("12", "13", "1361"), ["Choose the month."]),
        (("12", "7", "61"), ["Enter the year of the Iranian calendar in four digits, such as 1365."]),
        (("12", "7", "1982"), ["Enter the year of the Iranian calendar in four digits, such as 1365."]),
        (("30", "12", "1404"), ["Esfand 1404 has 29 days. Correct the day."]),
        (
            ("1", "9", "1405"),
            ["This date is too late. Enter 21 November 2026 (30 Aban 1405) or an earlier day."],
        ),
        (
            ("29", "12", "1299"),
            ["This date is too early. Enter 21 March 1921 (1 Farvardin 1300) or a later day."],
        ),
    ],
)
def test_refusals_name_the_part_and_what_to_do(parts: tuple[str, str, str], sentences: list[str]) -> None:
    assert birth_form(*parts).errors == {"birth": sentences}


def test_limits_are_inclusive() -> None:
    assert birth_form("30", "8", "1405").is_valid()
    assert birth_form("1", "1", "1300").is_valid()


def test_invalid_parts_keep_what_was_typed_and_only_they_are_marked() -> None:
    html = str(birth_form('3<"', "7", "۱۳۶۱")["birth"])
    assert 'value="3&lt;&quot;"' in html
    assert 'value="۱۳۶۱"' in html
    assert '<option value="7" selected>Mehr</option>' in html
    assert html.count('aria-invalid="true"') == 1
    assert re.search(r'name="birth_day"[^>]*aria-invalid="true"', html)


def test_each_part_has_its_own_label_and_the_group_a_legend() -> None:
    field = BirthForm()["birth"]
    html = field.as_field_group()
    assert "<fieldset" in html
    assert "<legend>" in html
    for part in ("day", "month", "year"):
        assert f'<label for="id_birth_{part}"' in html
        assert f'id="id_birth_{part}"' in html


def test_stored_date_is_shown_in_the_readers_digits_and_months() -> None:
    with translation.override("fa"):
        html = str(BirthForm(initial={"birth": dt.date(1982, 10, 4)})["birth"])
    assert 'value="۱۲"' in html
    assert 'value="۱۳۶۱"' in html
    assert '<option value="7" selected>مهر</option>' in html


def test_has_changed_compares_days_not_spellings() -> None:
    stored = dt.date(1982, 10, 4)
    assert birth_form("۱۲", "7", "1361", initial=stored).changed_data == []
    assert birth_form("13", "7", "1361", initial=stored).changed_data == ["birth"]
    assert birth_form("99", "7", "1361", initial=stored).changed_data == ["birth"]


@given(st.dates(from_jalali(1200, 1, 1), from_jalali(1500, 12, 29)))
def test_every_day_can_be_typed(day: dt.date) -> None:
    jalali = to_jalali(day)
    typed = TypedDate(str(jalali.day), str(jalali.month), str(jalali.year))
    assert JalaliDateField().clean(typed) == day


PART = st.one_of(st.text(max_size=8), st.integers(0, 2000).map(str))


@given(PART, PART, PART)
def test_no_typed_parts_break_the_field(day: str, month: str, year: str) -> None:
    form = birth_form(day, month, year)
    if form.is_valid():
        jalali = to_jalali(form.cleaned_data["birth"])
        assert (jalali.day, jalali.month, jalali.year) == (int(day), int(month), int(year))
    else:
        assert all(form.errors["birth"])
    assert 'name="birth_year"' in str(form["birth"])


def test_required_is_refused_for_a_missing_value() -> None:
    with pytest.raises(ValidationError) as caught:
        JalaliDateField().clean(None)
    assert caught.value.messages == ["Enter the day, the month and the year."]
