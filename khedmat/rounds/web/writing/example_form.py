"""The form of an example: facts of a made-up member, and what each rule must say about them."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from khedmat.common.dates_form import JalaliDateField
from khedmat.common.errors import DomainError
from khedmat.common.fields import PlainTextField
from khedmat.registry.enums import DocumentKind
from khedmat.rounds.enums import OutcomeState
from khedmat.rounds.rules import Example, MemberFacts, RuleSpec
from khedmat.rounds.web.writing.fields import TITLE, CodeField
from khedmat.rounds.web.writing.fields import NumberField as Number
from khedmat.rounds.web.writing.forms import RevisionForm
from khedmat.rounds.words import FACTS

_DAYS = frozenset({"round_on", "birth_on", "last_card_valid_until"})
_NUMBERS: Mapping[str, int] = {
    "round_number": 999,
    "household_size": 100,
    "age_on_round": 150,
    "last_round_number": 999,
}
_TEXTS = frozenset({"relation"})
_YES_NO = [("yes", _("yes")), ("no", _("no"))]
_KNOWN = {"yes": True, "no": False, "": None}
EXPECTED = "expects-"


class ExampleForm(RevisionForm):
    """Facts as they stand, each by its own kind of field, and an expectation for each rule."""

    def __init__(
        self, data: QueryDict | None = None, *, rules: Sequence[RuleSpec], row: Example | None = None, **options: Any
    ) -> None:
        super().__init__(data, initial=_initial(row) if row else None, **options)
        self.fields["title"] = PlainTextField(max_length=TITLE, label=_("What the example shows"))
        self.fields |= {one.name: _field_of(one.name, one.default) for one in fields(MemberFacts)}
        self.rules = rules
        for rule in rules:
            self.fields[EXPECTED + rule.code] = forms.ChoiceField(
                choices=[("", _("Does not apply")), *OutcomeState.choices], required=False, label=rule.code
            )

    @property
    def fact_fields(self) -> list[forms.BoundField]:
        """The facts, for drawing them together."""
        return [self[one.name] for one in fields(MemberFacts)]

    @property
    def expected_fields(self) -> list[forms.BoundField]:
        """The expectations, one for each rule."""
        return [self[EXPECTED + rule.code] for rule in self.rules]

    def row(self) -> Example:
        """The example as written."""
        cleaned = self.cleaned_data
        expected = {
            rule.code: OutcomeState(cleaned[EXPECTED + rule.code])
            for rule in self.rules
            if cleaned[EXPECTED + rule.code]
        }
        facts = {one.name: _value(one.name, cleaned[one.name]) for one in fields(MemberFacts)}
        return Example(title=cleaned["title"], facts=MemberFacts(**facts), expected=expected)

    def refuse(self, error: DomainError) -> None:
        """Put a fact that stopped the change beside its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def _field_of(name: str, default: Any) -> forms.Field:
    label, required = format_lazy("{}", FACTS[name]), default is MISSING
    if name in _DAYS:
        return JalaliDateField(label=label, required=required)
    if name in _NUMBERS:
        return Number(most=_NUMBERS[name], label=label, required=required)
    if name in _TEXTS:
        return CodeField(max_length=20, label=label)
    if name == "document_kinds":
        return forms.MultipleChoiceField(
            choices=DocumentKind.choices, widget=forms.CheckboxSelectMultiple, label=label, required=False
        )
    # A plain yes or no stands at no; where it may be unknown, nothing chosen means that.
    choices = [("", _("not known")), *_YES_NO] if default is None else _YES_NO
    return forms.ChoiceField(choices=choices, label=label, required=default is not None)


def _value(name: str, cleaned: Any) -> Any:
    if name == "document_kinds":
        return tuple(cleaned)
    if name in _DAYS or name in _NUMBERS or name in _TEXTS:
        return cleaned
    return _KNOWN[cleaned]


def _initial(row: Example) -> dict[str, Any]:
    initial: dict[str, Any] = {"title": row.title}
    for one in fields(MemberFacts):
        value = getattr(row.facts, one.name)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        initial[one.name] = list(value) if isinstance(value, tuple) else value
    return initial | {EXPECTED + code: state.value for code, state in row.expected.items()}
