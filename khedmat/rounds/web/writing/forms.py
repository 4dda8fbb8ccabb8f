"""A form for each part of a version: it reads a row, and shows one."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from khedmat.common.dates_form import JalaliDateField
from khedmat.common.errors import DomainError
from khedmat.common.fields import PlainTextField
from khedmat.payments.rules import FEWEST_PARTS, MAX_AMOUNT_RIAL, MAX_PARTS
from khedmat.registry.enums import DocumentKind
from khedmat.rounds.enums import Certainty, Each, OnUnmet, PaymentOrder, StandardKind
from khedmat.rounds.errors import StepUnknown
from khedmat.rounds.rules import (
    Bilingual,
    BriefingSpec,
    CapacitySpec,
    CohortSpec,
    DocumentSpec,
    ExemptionSpec,
    InstalmentSpec,
    RuleSpec,
    StandardSpec,
    TariffSpec,
    VersionSpec,
    WindowSpec,
)
from khedmat.rounds.rules.dated_faults import MOST_DAYS, MOST_PLACES, WHOLE
from khedmat.rounds.web.writing.fields import SENTENCE, TEXT, TITLE, CodeField, EnumField, ExpressionField, LinesField
from khedmat.rounds.web.writing.fields import NumberField as Number
from khedmat.rounds.web.writing.words import FIELD_WORDS

MOST_MEMBERS, OLDEST, MOST_PEOPLE = 100, 150, 10_000_000
LONGEST_PLACE_CODE, LONGEST_CIRCULAR = 16, 80
LATEST_REVISION = 2**31 - 1


_IN = {"fa": _("{field}, in Persian"), "en": _("{field}, in English")}


def _both(name: str, *, cap: int, multiline: bool = False, required: bool = True) -> dict[str, PlainTextField]:
    """Two fields, `name_fa` and `name_en`."""
    return {
        f"{name}_{language}": PlainTextField(
            max_length=cap,
            multiline=multiline,
            required=required,
            label=format_lazy(_IN[language], field=FIELD_WORDS[name]),
        )
        for language in ("fa", "en")
    }


def _sourced() -> dict[str, forms.Field]:
    return {
        **_both("source", cap=SENTENCE, multiline=True),
        "certainty": EnumField(Certainty, label=FIELD_WORDS["certainty"]),
    }


class RevisionForm(forms.Form):
    """Which state of a draft the writer saw: every form that changes it carries one."""

    revision = forms.IntegerField(min_value=1, max_value=LATEST_REVISION, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A form without its revision says so in words: nobody sees the field itself."""
        values = super().clean() or self.cleaned_data
        if "revision" in self.errors:
            self.add_error(None, StepUnknown.message)
        return values

    @property
    def seen_revision(self) -> int:
        """The draft's revision that the writer saw."""
        return int(self.cleaned_data["revision"])


class RowForm(RevisionForm):
    """One row of a part. Fields named `x_fa` and `x_en` are one text `x` in both languages."""

    spec: ClassVar[Any]
    own: ClassVar[Mapping[str, Any]]
    code_field: ClassVar[str] = "code"

    def __init__(self, data: QueryDict | None = None, *, row: Any = None, **options: Any) -> None:
        super().__init__(data, initial=_as_initial(row) if row is not None else None, **options)
        self.row_before = row
        self.fields |= {name: make() for name, make in self.own.items()}
        for one in self._parts():
            self.fields |= one
        # Rows name each other by their codes, so that a code stays as it was written first.
        if row is not None:
            self.fields[self.code_field].disabled = True

    def _parts(self) -> list[dict[str, Any]]:
        return []

    def row(self) -> Any:
        """The row as written."""
        values = {}
        for one in fields(self.spec):
            if f"{one.name}_fa" in self.fields:
                values[one.name] = Bilingual(self.cleaned_data[f"{one.name}_fa"], self.cleaned_data[f"{one.name}_en"])
            elif one.name in self.fields:
                values[one.name] = self.cleaned_data[one.name]
        return self.spec(**values)

    def refuse(self, error: DomainError) -> None:
        """Put a fact that stopped the change beside its field."""
        field = self.code_field if error.field == "code" else error.field
        self.add_error(field if field in self.fields else None, str(error))


def _as_initial(row: Any) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for one in fields(row):
        value = getattr(row, one.name)
        if isinstance(value, Bilingual):
            initial |= {f"{one.name}_fa": value.fa, f"{one.name}_en": value.en}
        else:
            initial[one.name] = value
    return initial


def _code() -> CodeField:
    return CodeField(label=FIELD_WORDS["code"], help_text=_("Latin letters; other rows name this one by it"))


class RuleForm(RowForm):
    """A rule of eligibility."""

    spec = RuleSpec
    own: ClassVar = {"code": _code}

    def _parts(self) -> list[dict[str, Any]]:
        hint = _("Facts of one member, such as has_portrait && age_on_round >= 18")
        sentence_hint = _("A fact in braces, such as {age_on_round}, is filled in for each member")
        expressions = {
            "expression": ExpressionField(label=FIELD_WORDS["expression"], help_text=hint),
            "applies_when": ExpressionField(
                label=FIELD_WORDS["applies_when"], required=False, help_text=_("Empty: for every member")
            ),
        }
        sentences = _both("sentence_met", cap=SENTENCE, multiline=True)
        sentences["sentence_met_fa"].help_text = sentence_hint
        return [
            _both("title", cap=TITLE),
            expressions,
            sentences,
            _both("sentence_unmet", cap=SENTENCE, multiline=True),
            _both("remedy", cap=SENTENCE, multiline=True),
            {"on_unmet": EnumField(OnUnmet, label=FIELD_WORDS["on_unmet"])},
            _sourced(),
        ]


class DocumentForm(RowForm):
    """A paper that the round asks for."""

    spec = DocumentSpec
    own: ClassVar = {"code": _code}

    def _parts(self) -> list[dict[str, Any]]:
        return [
            _both("title", cap=TITLE),
            {
                "kind": CodeField(max_length=40, label=FIELD_WORDS["kind"]),
                "each": EnumField(Each, label=FIELD_WORDS["each"]),
                "required_when": ExpressionField(
                    label=FIELD_WORDS["required_when"], required=False, help_text=_("Empty: always; false: never")
                ),
            },
            _sourced(),
        ]


class TariffForm(RowForm):
    """A fee."""

    spec = TariffSpec
    own: ClassVar = {"code": _code}

    def _parts(self) -> list[dict[str, Any]]:
        bounds = {
            "min_members": Number(least=1, most=MOST_MEMBERS, label=FIELD_WORDS["min_members"]),
            "max_members": Number(least=1, most=MOST_MEMBERS, required=False, label=FIELD_WORDS["max_members"]),
            "min_age": Number(most=OLDEST, required=False, label=FIELD_WORDS["min_age"]),
            "max_age": Number(most=OLDEST, required=False, label=FIELD_WORDS["max_age"]),
        }
        return [
            _both("title", cap=TITLE),
            {
                "kind": CodeField(max_length=40, label=FIELD_WORDS["kind"]),
                "each": EnumField(Each, label=FIELD_WORDS["each"]),
                "amount_rial": Number(most=MAX_AMOUNT_RIAL, label=FIELD_WORDS["amount_rial"]),
            },
            bounds,
            _sourced(),
        ]

    def clean(self) -> dict[str, Any]:
        """Bounds in order: the database takes no others."""
        values = super().clean() or self.cleaned_data
        for least, most in (("min_members", "max_members"), ("min_age", "max_age")):
            low, high = values.get(least), values.get(most)
            if low is not None and high is not None and low > high:
                self.add_error(most, _("This is less than the lower bound."))
        return values


class ExemptionForm(RowForm):
    """An exemption from a kind of fee."""

    spec = ExemptionSpec
    own: ClassVar = {"code": _code}

    def _parts(self) -> list[dict[str, Any]]:
        return [
            _both("title", cap=TITLE),
            {
                "tariff_kind": CodeField(max_length=40, label=FIELD_WORDS["tariff_kind"]),
                "percent": Number(least=1, most=WHOLE, label=FIELD_WORDS["percent"]),
                "papers": LinesField(
                    required=False, label=FIELD_WORDS["papers"], help_text=_("Codes of papers, one in a line")
                ),
            },
            _sourced(),
        ]


class InstalmentForm(RowForm):
    """A plan to pay in parts."""

    spec = InstalmentSpec
    own: ClassVar = {"code": _code}

    def _parts(self) -> list[dict[str, Any]]:
        return [
            _both("title", cap=TITLE),
            {
                "least_rial": Number(most=MAX_AMOUNT_RIAL, label=FIELD_WORDS["least_rial"]),
                "count": Number(least=FEWEST_PARTS, most=MAX_PARTS, label=FIELD_WORDS["count"]),
                "interval_days": Number(least=1, most=MOST_DAYS, label=FIELD_WORDS["interval_days"]),
                "first_percent": Number(least=1, most=WHOLE - 1, label=FIELD_WORDS["first_percent"]),
            },
            _sourced(),
        ]


class StandardForm(RowForm):
    """A time of service."""

    spec = StandardSpec
    code_field = "kind"
    own: ClassVar = {"kind": lambda: EnumField(StandardKind, label=FIELD_WORDS["kind"])}

    def _parts(self) -> list[dict[str, Any]]:
        return [{"days": Number(least=1, most=MOST_DAYS, label=FIELD_WORDS["days"])}, _sourced()]


def _province() -> CodeField:
    return CodeField(
        max_length=LONGEST_PLACE_CODE, label=FIELD_WORDS["province"], help_text=_("Code of the province, such as 23")
    )


class WindowForm(RowForm):
    """A province's own dates."""

    spec = WindowSpec
    code_field = "province"
    own: ClassVar = {"province": _province}

    def _parts(self) -> list[dict[str, Any]]:
        days = {name: JalaliDateField(label=FIELD_WORDS[name]) for name in ("opens_on", "closes_on")}
        return [days, _sourced()]

    def clean(self) -> dict[str, Any]:
        """In order: the database takes no other window."""
        values = super().clean() or self.cleaned_data
        refuse_reversed(self, ("opens_on", "closes_on"))
        return values


class CohortForm(RowForm):
    """How many a province expects."""

    spec = CohortSpec
    code_field = "province"
    own: ClassVar = {"province": _province}

    def _parts(self) -> list[dict[str, Any]]:
        numbers = {name: Number(most=MOST_PEOPLE, label=FIELD_WORDS[name]) for name in ("households", "members")}
        return [numbers, _sourced()]

    def clean(self) -> dict[str, Any]:
        """A household has a member at least."""
        values = super().clean() or self.cleaned_data
        if values.get("members") is not None and (values.get("households") or 0) > values["members"]:
            self.add_error("members", _("There are fewer members than households."))
        return values


class CapacityForm(RowForm):
    """An office's own number of places."""

    spec = CapacitySpec
    code_field = "office"
    own: ClassVar = {
        "office": lambda: CodeField(
            max_length=LONGEST_PLACE_CODE, label=FIELD_WORDS["office"], help_text=_("Code of the office, such as 042")
        )
    }

    def _parts(self) -> list[dict[str, Any]]:
        return [{"places": Number(least=1, most=MOST_PLACES, label=FIELD_WORDS["places"])}]


class BriefingForm(RowForm):
    """A paragraph of the instructions."""

    spec = BriefingSpec
    own: ClassVar = {"code": _code}

    def _parts(self) -> list[dict[str, Any]]:
        return [_both("title", cap=TITLE), _both("text", cap=TEXT, multiline=True)]


FORMS: Mapping[str, type[RowForm]] = {
    "rules": RuleForm,
    "documents": DocumentForm,
    "tariff": TariffForm,
    "exemptions": ExemptionForm,
    "instalments": InstalmentForm,
    "standards": StandardForm,
    "windows": WindowForm,
    "cohort": CohortForm,
    "capacity": CapacityForm,
    "briefing": BriefingForm,
}


class BasicsForm(RevisionForm):
    """Dates, circular, what is renewed, how a counter and a payment go."""

    def __init__(self, data: QueryDict | None = None, *, content: VersionSpec, **options: Any) -> None:
        super().__init__(data, initial=_as_initial(content), **options)
        days = ("opens_on", "closes_on", "card_valid_from", "card_valid_until")
        self.fields |= {name: JalaliDateField(label=FIELD_WORDS[name]) for name in days}
        self.fields |= {
            "circular_number": PlainTextField(
                max_length=LONGEST_CIRCULAR, required=False, label=FIELD_WORDS["circular_number"]
            ),
            "circular_on": JalaliDateField(
                required=False, max_date=timezone.localdate, label=FIELD_WORDS["circular_on"]
            ),
            **_both("circular_source", cap=SENTENCE, multiline=True),
            "renews": forms.MultipleChoiceField(
                choices=DocumentKind.choices,
                widget=forms.CheckboxSelectMultiple,
                label=format_lazy("{}", FIELD_WORDS["renews"]),
                error_messages={"required": _("Choose one at least."), "invalid_choice": _("Choose from the list.")},
            ),
            "places_per_counter_day": Number(least=1, most=MOST_PLACES, label=FIELD_WORDS["places_per_counter_day"]),
            "payment_order": EnumField(PaymentOrder, label=FIELD_WORDS["payment_order"]),
        }

    def clean(self) -> dict[str, Any]:
        """Days in order: the database takes no others."""
        values = super().clean() or self.cleaned_data
        pairs = (("opens_on", "closes_on"), ("card_valid_from", "card_valid_until"), ("opens_on", "card_valid_until"))
        for pair in pairs:
            refuse_reversed(self, pair)
        return values

    def values(self) -> dict[str, Any]:
        """The fields of a VersionSpec that stand on this page."""
        cleaned = self.cleaned_data
        plain = {
            name: value for name, value in cleaned.items() if name != "revision" and name[-3:] not in {"_fa", "_en"}
        }
        source = Bilingual(cleaned["circular_source_fa"], cleaned["circular_source_en"])
        return {**plain, "circular_source": source, "renews": tuple(cleaned["renews"])}


def refuse_reversed(form: forms.Form, pair: tuple[str, str]) -> None:
    """An error at the second day where it lies before the first."""
    first, last = (form.cleaned_data.get(name) for name in pair)
    if first is not None and last is not None and first > last and pair[1] not in form.errors:
        form.add_error(pair[1], _("This day lies before the first one."))


class CloneForm(forms.Form):
    """A new version from an old one."""

    number = Number(
        least=1, most=999, label=_("Number of the round"), help_text=_("The same number: a new version of it")
    )
    title_fa = PlainTextField(max_length=120, label=_("Name of the round, in Persian"))
    title_en = PlainTextField(max_length=120, label=_("Name of the round, in English"))
    opens_on = JalaliDateField(label=_("Opens"), help_text=_("All other dates move along"))

    def refuse(self, error: DomainError) -> None:
        """Put a fact that stopped the change beside its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
