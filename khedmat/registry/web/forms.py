"""Forms of the register. What they hold becomes the entries of `registry.rules`."""

import re
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khedmat.common.dates_form import JalaliDateField
from khedmat.common.errors import DomainError
from khedmat.common.fields import (
    NOTHING_CHOSEN,
    ChoiceOfList,
    DocumentNumberField,
    NameField,
    PhoneField,
    PlainTextField,
    PostalCodeField,
)
from khedmat.common.jalali import LAST_YEAR, to_jalali
from khedmat.common.text import localise_digits, to_ascii_digits, trim
from khedmat.registry.enums import DocumentKind, Relation, Sex
from khedmat.registry.rules import EARLIEST_BIRTH, PROGRAMMES, DocumentEntry, MemberEntry, read_series, series_label
from khedmat.registry.scans import LONGEST_SCANNED, number_scanned

# Rounds that families still hold cards of; any other is typed.
_OFFERED_ROUNDS: Final = range(18, 12, -1)


class SeriesInput(forms.TextInput):
    """A code to type, with the last rounds to choose from."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        final_attrs = self.build_attrs(self.attrs, attrs)
        list_id = f"{final_attrs.get('id', name)}_offered"
        offered = [f"{programme}-{number}" for programme in PROGRAMMES for number in _OFFERED_ROUNDS]
        options = format_html_join(
            "", '<option value="{}">{}</option>', ((code, series_label(code)) for code in offered)
        )
        shown = {"type": "text", "name": name, "list": list_id, **final_attrs}
        if value:
            shown["value"] = str(value)
        return format_html('<input{}><datalist id="{}">{}</datalist>', flatatt(shown), list_id, options)


class SeriesField(forms.CharField):
    """The round that issued a document; the value is its code, as `amayesh-17`."""

    widget = SeriesInput

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if not typed:
            return ""
        try:
            return read_series(typed)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            **super().widget_attrs(widget),
            "class": "form-control",
            "dir": "auto",
            "autocomplete": "off",
            "spellcheck": "false",
        }


class PresentedNumberField(DocumentNumberField):
    """The number of a presented document, or the text of a card's code as a scanner types it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest_typed=LONGEST_SCANNED, **options)

    def to_python(self, value: Any) -> str:
        scanned = self._scanned(value)
        return super().to_python(value if scanned is None else scanned)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown again: the number out of a code, never the code itself."""
        try:
            scanned = self._scanned(data)
        except ValidationError:
            return ""
        return data if scanned is None else scanned

    def _scanned(self, value: Any) -> str | None:
        if not isinstance(value, str) or len(value) > self.longest_typed:
            return None
        try:
            return number_scanned(value)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error


class DocumentLookUpForm(forms.Form):
    """By the number of a document that lies on the counter, or the code on the back of a card."""

    number = PresentedNumberField(
        label=_("Number of the presented document"),
        help_text=_("As printed on it; spaces and hyphens do not matter. A scanner types a card's code here too."),
    )


class BirthYearField(forms.CharField):
    """A year typed in four digits of any script; the value is the years of the Iranian calendar that it means.

    A year from 1880 on is taken for a Gregorian one, which begins in one Iranian year and ends in the next.
    """

    default_error_messages = {"required": _("Enter the birth year.")}

    def clean(self, value: Any) -> tuple[int, ...]:
        typed = trim(to_ascii_digits(super().clean(value)))
        today = timezone.localdate()
        if re.fullmatch(r"[0-9]{2}", typed):
            raise ValidationError(
                _("Write the year in full, in four digits: %(year)s, for instance.")
                % {"year": localise_digits(f"13{typed}", get_language() or "fa")},
                code="year-not-whole",
            )
        year = int(typed) if re.fullmatch(r"[0-9]{4}", typed) else 0
        is_gregorian = year >= EARLIEST_BIRTH.year
        if not (is_gregorian and year <= LAST_YEAR + 621) and not to_jalali(EARLIEST_BIRTH).year <= year <= LAST_YEAR:
            raise ValidationError(_("Write the birth year in four digits, as on the papers."), code="year-wrong")
        if year > (today.year if is_gregorian else to_jalali(today).year):
            raise ValidationError(_("This year has not begun yet. Correct the birth year."), code="year-to-come")
        return (year - 622, year - 621) if is_gregorian else (year,)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            **super().widget_attrs(widget),
            "class": "form-control text-start",
            "dir": "ltr",
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": "20",
        }


class NameLookUpForm(forms.Form):
    """By the name and the birth year of one member."""

    name = NameField(
        label=_("Name of one member"),
        cap=160,
        help_text=_("Given and family name, in Persian or Latin letters; the spelling need not be exact."),
    )
    birth_years = BirthYearField(
        label=_("Birth year of the same member"),
        help_text=_("Such as 1370; a year of a passport, such as 1991, works too."),
    )


class MemberForm(forms.Form):
    """One member with one identity document. A document is given whole or not at all."""

    given_name = NameField(label=_("Given name"))
    family_name = NameField(label=_("Family name"), required=False)
    father_name = NameField(label=_("Father's name"))
    grandfather_name = NameField(label=_("Grandfather's name"), required=False)
    latin_name = NameField(label=_("Name in Latin letters"), cap=120, required=False)
    sex = ChoiceOfList(label=_("Sex"), of=Sex.choices)
    relation = ChoiceOfList(label=_("Relation to the head"), of=Relation.choices)
    birth_on = JalaliDateField(label=_("Birth date"), min_date=EARLIEST_BIRTH, max_date=timezone.localdate)
    kind = ChoiceOfList(label=_("Kind of document"), of=DocumentKind.choices, required=False)
    number = DocumentNumberField(label=_("Document number"), required=False)
    series = SeriesField(label=_("Round"), required=False)
    issued_on = JalaliDateField(label=_("Issued on"), required=False, max_date=timezone.localdate)
    valid_until = JalaliDateField(label=_("Valid until"), required=False)

    name_fields = ("given_name", "family_name", "father_name", "grandfather_name")
    person_fields = ("latin_name", "sex", "relation")
    document_fields = ("kind", "number", "series")
    document_dates = ("issued_on", "valid_until")

    use_required_attribute = False

    def clean_latin_name(self) -> str:
        name: str = self.cleaned_data["latin_name"]
        if any(character.isalpha() and not "a" <= character.lower() <= "z" for character in name):
            raise ValidationError(_("Write this name in Latin letters only, as in a passport."), code="not-latin")
        return name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self._check_document_is_whole(given)
        issued, ends = given.get("issued_on"), given.get("valid_until")
        if issued and ends and ends < issued:
            self.add_error(
                "valid_until",
                ValidationError(
                    _("The document ends before it was issued. Correct one of the dates."), code="ends-first"
                ),
            )
        return given

    def _check_document_is_whole(self, given: dict[str, Any]) -> None:
        """A field that failed on its own is absent from `given`, and says so itself."""
        names = (*self.document_fields, *self.document_dates)
        if not any(given.get(name) for name in names):
            return
        if not given.get("kind", "failed"):
            self.add_error("kind", ValidationError(_("Choose what kind of document it is."), code="kind-missing"))
        if not given.get("number", "failed"):
            self.add_error(
                "number", ValidationError(_("Enter the number as printed on the document."), code="number-missing")
            )

    def entry(self) -> MemberEntry:
        """What a valid form holds."""
        given = self.cleaned_data
        return MemberEntry(
            **{name: given[name] for name in (*self.name_fields, *self.person_fields, "birth_on")},
            documents=(self._document(),) if given["number"] else (),
        )

    def _document(self) -> DocumentEntry:
        names = (*self.document_fields, *self.document_dates)
        return DocumentEntry(**{name: self.cleaned_data[name] for name in names})


class NewMemberForm(MemberForm):
    """A member who comes to a family that has its head; a paper shows who it is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        relation = cast(forms.ChoiceField, self.fields["relation"])
        relation.choices = [NOTHING_CHOSEN, *(choice for choice in Relation.choices if choice[0] != Relation.HEAD)]
        for name in ("kind", "number"):
            self.fields[name].required = True


class ContactForm(forms.Form):
    """How the family is reached."""

    phone = PhoneField(
        label=_("Mobile telephone of the head"),
        required=False,
        help_text=_("For appointments and news of the case."),
    )
    postal_code = PostalCodeField(label=_("Postal code"), required=False, help_text=_("Ten digits."))
    address = PlainTextField(
        label=_("Address"),
        max_length=400,
        multiline=True,
        required=False,
        help_text=_("For letters to the family."),
    )

    use_required_attribute = False


class WrittenOnceForm(forms.Form):
    """The id that the family will have: a page sent twice is written once."""

    household_id = forms.UUIDField(widget=forms.HiddenInput)
