"""Which forms there are, in the order in which families need them."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khedmat.changes.rules import kind_of_field
from khedmat.changes.web import family_forms, forms


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form with its address, its words, and whether it is about one member."""

    slug: str
    form_class: type[forms.ChangeForm]
    title: Promise
    words: Promise
    is_of_person: bool = False


SHEETS: Final = (
    Sheet(
        "names",
        forms.NamesForm,
        _("Correction of names"),
        _("Names of a member, of the father or the grandfather, and in Latin letters."),
        is_of_person=True,
    ),
    Sheet(
        "particulars",
        forms.ParticularsForm,
        _("Correction of particulars"),
        _("Birth date and place, sex, nationality, and until when a document is valid."),
        is_of_person=True,
    ),
    Sheet(
        "contact",
        forms.ContactForm,
        _("New telephone or address"),
        _("A colleague of the office may decide it; no paper is needed."),
    ),
    Sheet("birth", forms.BirthForm, _("Birth of a child"), _("With the birth certificate, or the hospital's paper.")),
    Sheet(
        "death",
        forms.DeathForm,
        _("Death of a member"),
        _("With the death certificate. If it was the head, with the next head."),
        is_of_person=True,
    ),
    Sheet(
        "marriage",
        forms.SpouseForm,
        _("Marriage: a spouse who is in no family here"),
        _("With the marriage certificate and the spouse's papers."),
    ),
    Sheet(
        "marriage-registered",
        family_forms.RegisteredSpouseForm,
        _("Marriage: a spouse from another family"),
        _("The spouse leaves the other family and joins this one."),
    ),
    Sheet(
        "divorce",
        family_forms.DivorceForm,
        _("Divorce"),
        _("Head or spouse leaves, with the children who go along, and founds a household."),
    ),
    Sheet(
        "head",
        family_forms.HeadForm,
        _("Change of the head of household"),
        _("Another member answers for the family; everyone's relation is written anew."),
    ),
    Sheet(
        "split",
        family_forms.SplitForm,
        _("Part of the family leaves"),
        _("Some members found a household of their own, with a head among them."),
    ),
    Sheet(
        "join",
        family_forms.JoinForm,
        _("Two families become one"),
        _("All members of this family go to another one, whose head stays."),
    ),
    Sheet(
        "move",
        family_forms.MoveForm,
        _("Move to another province"),
        _("The family declares it; the other province receives it."),
    ),
)
_BY_SLUG: Final = {sheet.slug: sheet for sheet in SHEETS}


def sheet_of(slug: str) -> Sheet | None:
    """The form at an address."""
    return _BY_SLUG.get(slug)


def sheet_of_field(field: str) -> Sheet | None:
    """The form that corrects one field: where a question of an import leads to."""
    kind = kind_of_field(field)
    return _BY_SLUG.get(kind.value) if kind else None
