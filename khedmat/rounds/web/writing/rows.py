"""How the rows of each part are listed, and how many problems stand where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.rounds.enums import Certainty, TextKind, TextLanguage
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.rules import Problem, VersionSpec
from khedmat.rounds.web.writing.words import FIELD_WORDS, PART_TITLES, number, shown

CERTAINTY_TONES = {
    Certainty.SOURCE: "ok",
    Certainty.INFERRED: "info",
    Certainty.CONFLICTING: "warn",
    Certainty.DEMO: "mute",
}
# First word of a problem's place → the part where it is mended.
_PARTS_OF_PLACES: Mapping[str, str] = {
    "rule": "rules",
    "rules": "rules",
    "document": "documents",
    "tariff": "tariff",
    "exemption": "exemptions",
    "instalment": "instalments",
    "standard": "standards",
    "window": "windows",
    "cohort": "cohort",
    "capacity": "capacity",
    "briefing": "briefing",
    "text": "texts",
    "example": "examples",
}


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of a part as its page lists it; `tone` and `mark` say how sure its source is."""

    code: str
    title: str
    lines: Sequence[str]
    tone: str = ""
    mark: str = ""


def listed(content: VersionSpec, part: str) -> list[ListedRow]:
    """The rows of a part, each in a few words."""
    if part == "examples":
        return [ListedRow(str(place), one.title, ()) for place, one in enumerate(content.examples, start=1)]
    if part == "texts":
        return _listed_texts(content)
    places = _place_names(content, part)
    return [_listed(row, places) for row in getattr(content, part)]


def parts_of(version: RoundVersion, content: VersionSpec, problems: Sequence[Problem]) -> list[dict[str, object]]:
    """Each part with its address, how many rows it has and how many problems."""
    faulty = [part_of(problem) for problem in problems]
    return [
        {
            "title": title,
            "url": reverse("rounds:write-part", args=[version.pk, part]),
            "count": number(len(getattr(content, part))),
            "problems": _counted(faulty.count(part)),
        }
        for part, title in PART_TITLES.items()
    ]


def _counted(problems: int) -> str:
    words = ngettext("%(shown)s problem", "%(shown)s problems", problems) % {"shown": number(problems)}
    return words if problems else ""


def part_of(problem: Problem) -> str:
    """The part in which a problem is mended; 'basics' for the version's own fields."""
    return _PARTS_OF_PLACES.get(problem.where.split(" ", 1)[0], "basics")


def mend_url(version: RoundVersion, problem: Problem) -> str:
    """Where a problem is mended: the row itself where its place names one."""
    part = part_of(problem)
    if part == "basics":
        return reverse("rounds:write-basics", args=[version.pk])
    return reverse("rounds:write-part", args=[version.pk, part])


def text_code(kind: TextKind, code: str) -> str:
    """How an address names the texts of a rule or paper."""
    return f"{kind}-{code}"


def _listed(row: Any, places: Mapping[str, str]) -> ListedRow:
    title = getattr(row, "title", None)
    certainty = getattr(row, "certainty", None)
    return ListedRow(
        code=row.code,
        title=shown("title", title) if title is not None else places.get(row.code, shown("kind", _kind_of(row))),
        lines=[f"{FIELD_WORDS[name]}: {shown(name, getattr(row, name))}" for name in _LINES[type(row).__name__]],
        tone=CERTAINTY_TONES[certainty] if certainty else "",
        mark=str(certainty.label) if certainty else "",
    )


def _kind_of(row: Any) -> Any:
    return getattr(row, "kind", row.code)


# The fields of a row that its list shows, beside the title.
_LINES: Mapping[str, Sequence[str]] = {
    "RuleSpec": ("sentence_unmet", "on_unmet"),
    "DocumentSpec": ("each",),
    "TariffSpec": ("each", "amount_rial"),
    "ExemptionSpec": ("tariff_kind", "percent"),
    "InstalmentSpec": ("least_rial", "count"),
    "StandardSpec": ("days",),
    "WindowSpec": ("opens_on", "closes_on"),
    "CohortSpec": ("households", "members"),
    "CapacitySpec": ("places",),
    "BriefingSpec": ("text",),
}


def _place_names(content: VersionSpec, part: str) -> dict[str, str]:
    kinds = {"windows": ScopeKind.PROVINCE, "cohort": ScopeKind.PROVINCE, "capacity": ScopeKind.OFFICE}
    if part not in kinds:
        return {}
    codes = [row.code for row in getattr(content, part)]
    return {place.code: place.name for place in Scope.objects.filter(kind=kinds[part], code__in=codes)}


def _listed_texts(content: VersionSpec) -> list[ListedRow]:
    rows = [(TextKind.RULE, one.code, one.title, 4) for one in content.rules]
    rows += [(TextKind.DOCUMENT, one.code, one.title, 1) for one in content.documents]
    found = []
    for kind, code, title, each in rows:
        kinds = {kind} if kind == TextKind.DOCUMENT else {TextKind.RULE, TextKind.REMEDY}
        own = [one for one in content.texts if one.code == code and one.kind in kinds]
        missing = each * len(TextLanguage) - len(own)
        unread = sum(not one.is_reviewed for one in own)
        tone, mark = ("ok", _("reviewed")) if not missing and not unread else ("info", _("not reviewed"))
        if missing:
            words = ngettext("%(shown)s text is missing", "%(shown)s texts are missing", missing)
            tone, mark = "warn", words % {"shown": number(missing)}
        found.append(ListedRow(text_code(kind, code), shown("title", title), [str(kind.label)], tone, mark))
    return found
