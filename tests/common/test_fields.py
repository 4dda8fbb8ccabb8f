from collections.abc import Iterator

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from khedmat.common.fields import DocumentNumberField, NameField, PhoneField, PlainTextField, PostalCodeField
from khedmat.common.text import has_forbidden_characters

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=120)


class PersonForm(forms.Form):
    name = NameField()
    number = DocumentNumberField()
    phone = PhoneField(required=False)
    postal_code = PostalCodeField(required=False)
    note = PlainTextField(max_length=10, required=False)
    story = PlainTextField(max_length=50, multiline=True, required=False)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_fields_normalise_what_is_typed() -> None:
    form = PersonForm(
        {
            "name": " علي\u200c",
            "number": "a-۱۲ ۳",
            "phone": "۰۹۱۲۳۴۵۶۷۸۹",
            "postal_code": "۳۳۵۱۹-۴۷۷۶۱",
            "note": " سلام\u00a0",
            "story": "یک\r\nدو",
        }
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "name": "علی",
        "number": "A123",
        "phone": "+989123456789",
        "postal_code": "3351947761",
        "note": "سلام",
        "story": "یک\nدو",
    }


def test_optional_fields_may_stay_empty_or_blank() -> None:
    form = PersonForm({"name": "علی", "number": "1", "phone": "\u200c ", "note": "\u00a0"})
    assert form.is_valid(), form.errors
    assert [form.cleaned_data[field] for field in ("phone", "postal_code", "note", "story")] == [""] * 4


def test_required_fields_say_what_to_do() -> None:
    form = PersonForm({"name": "\u200c", "number": ""})
    assert form.errors == {
        "name": ["Fill in this field."],
        "number": ["Enter the number as printed on the document."],
    }


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "آ" * 82, "This text is 2 characters too long. It may have 80 characters."),
        ("note", "آ" * 11, "This text is one character too long. It may have 10 characters."),
        ("postal_code", "335194776", "This number is one digit short. It has 10 digits."),
        (
            "phone",
            "021 8877 6655",
            "This is not a mobile number. Enter a mobile number, so that messages arrive.",
        ),
        ("number", "1" * 41, "A document number has at most 40 characters. Enter only the number itself."),
        (
            "name",
            "علی\0",
            "The text holds an invisible character that cannot be kept. Type it here instead of pasting.",
        ),
    ],
)
def test_refusals_name_the_fault(field: str, typed: str, sentence: str) -> None:
    form = PersonForm({"name": "علی", "number": "1", field: typed})
    assert form.errors == {field: [sentence]}


def test_refused_text_is_shown_as_it_was_typed() -> None:
    form = PersonForm({"name": "علی", "number": "1", "phone": "+98912 <b>"})
    assert 'value="+98912 &lt;b&gt;"' in str(form["phone"])


def test_stored_mobile_is_shown_as_people_write_it() -> None:
    with translation.override("fa"):
        form = PersonForm(initial={"phone": "+989123456789"})
        assert 'value="۰۹۱۲۳۴۵۶۷۸۹"' in str(form["phone"])


def test_other_spelling_of_the_stored_value_is_no_change() -> None:
    initial = {"name": "علی", "number": "A123", "phone": "+989123456789", "story": "یک\nدو"}
    typed = {"name": "علي ", "number": "a-۱۲۳", "phone": "۰۹۱۲۳۴۵۶۷۸۹", "story": "یک\r\nدو"}
    assert PersonForm(typed, initial=initial).changed_data == []
    assert PersonForm({**typed, "phone": "0912"}, initial=initial).changed_data == ["phone"]


def test_codes_are_written_left_to_right_at_the_pages_start() -> None:
    html = str(PersonForm()["postal_code"])
    assert 'dir="ltr"' in html
    assert 'inputmode="numeric"' in html
    assert 'class="form-control text-start"' in html


@given(ANY_TEXT)
def test_no_field_fails_on_any_text(typed: str) -> None:
    for field in PersonForm.base_fields.values():
        try:
            shown = field.clean(typed)
        except ValidationError as refusal:
            shown = refusal.messages[0]
        assert not has_forbidden_characters(shown, multiline=True)
