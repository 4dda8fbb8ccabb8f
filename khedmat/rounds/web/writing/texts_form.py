"""The texts of one rule or paper for clients, in five languages side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError
from khedmat.common.fields import PlainTextField
from khedmat.rounds.enums import TextKind, TextLanguage
from khedmat.rounds.rules import Bilingual, ClientTextSpec, VersionSpec
from khedmat.rounds.web.writing.fields import SENTENCE
from khedmat.rounds.web.writing.forms import RevisionForm


@dataclass(frozen=True, slots=True)
class Wanted:
    """One text that clients read: where it belongs, and what it says in Persian and English."""

    kind: TextKind
    code: str
    field: str
    label: str
    own: Bilingual


def wanted_of(content: VersionSpec, kind: TextKind, code: str) -> list[Wanted]:
    """The texts of a rule (with its remedy) or of a paper; empty where there is no such row."""
    if kind == TextKind.DOCUMENT:
        papers = (one for one in content.documents if one.code == code)
        return [Wanted(kind, code, "title", str(_("Title")), paper.title) for paper in papers]
    for rule in content.rules:
        if rule.code == code:
            return [
                Wanted(TextKind.RULE, code, "title", str(_("Title")), rule.title),
                Wanted(TextKind.RULE, code, "met", str(_("Sentence when met")), rule.sentence_met),
                Wanted(TextKind.RULE, code, "unmet", str(_("Sentence when not met")), rule.sentence_unmet),
                Wanted(TextKind.REMEDY, code, "text", str(_("What the family can do")), rule.remedy),
            ]
    return []


class TextsForm(RevisionForm):
    """One field for each text and language; a tick for each language whose texts were reviewed."""

    def __init__(
        self, data: QueryDict | None = None, *, wanted: Sequence[Wanted], content: VersionSpec, **options: Any
    ) -> None:
        self.wanted = wanted
        present = {(one.kind, one.code, one.field, one.language): one for one in content.texts}
        super().__init__(data, **options)
        for language in TextLanguage:
            own = []
            for one in wanted:
                text = present.get((one.kind, one.code, one.field, language))
                own.append(text is not None and text.is_reviewed)
                self.fields[_name(one, language)] = PlainTextField(
                    max_length=SENTENCE,
                    multiline=one.field != "title",
                    required=False,
                    label=_("%(text)s, in %(language)s") % {"text": one.label, "language": language.label},
                    initial=text.text if text else "",
                )
                self.fields[_name(one, language)].widget.attrs |= {"rows": 2, "dir": "rtl", "lang": language.value}
            self.fields[f"is_reviewed-{language}"] = forms.BooleanField(
                required=False, label=_("Reviewed by somebody who speaks it"), initial=all(own)
            )

    @property
    def rows(self) -> list[tuple[Wanted, list[forms.BoundField]]]:
        """Each text with its fields in the three languages."""
        return [(one, [self[_name(one, language)] for language in TextLanguage]) for one in self.wanted]

    @property
    def ticks(self) -> list[tuple[str, forms.BoundField]]:
        """The language and its tick."""
        return [(str(language.label), self[f"is_reviewed-{language}"]) for language in TextLanguage]

    def texts(self) -> list[ClientTextSpec]:
        """The texts as written."""
        return [
            ClientTextSpec(
                kind=one.kind,
                code=one.code,
                field=one.field,
                language=language,
                text=self.cleaned_data[_name(one, language)],
                is_reviewed=self.cleaned_data[f"is_reviewed-{language}"],
            )
            for language in TextLanguage
            for one in self.wanted
        ]

    def refuse(self, error: DomainError) -> None:
        """A fact that stopped the change."""
        self.add_error(None, str(error))


def _name(one: Wanted, language: TextLanguage) -> str:
    return f"{one.kind}-{one.field}-{language}"
