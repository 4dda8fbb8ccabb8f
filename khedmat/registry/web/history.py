"""The story of a family's record, in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db.models import TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from khedmat.accounts.enums import Permission, Purpose, Role
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.accounts.rules import role_may
from khedmat.common.templatetags.khedmat import code, isolate, jalali
from khedmat.places.models import Scope
from khedmat.registry.actions import note_history_read
from khedmat.registry.enums import DocumentKind, Nationality, Relation, Sex, Way
from khedmat.registry.history import Change, Moment, Story, What, story_of
from khedmat.registry.labels import LABELS, field_label
from khedmat.registry.provenance import Writing, last_writings, provenance_of
from khedmat.registry.rules import series_label
from khedmat.registry.selectors import head_of, household_with_members
from khedmat.registry.templatetags.registry import telephone

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# The year 2200: beyond any moment of work, and well inside what PostgreSQL counts.
_LATEST: Final = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


class OlderForm(forms.Form):
    """Where to read on: microseconds since 1970."""

    before = forms.IntegerField(min_value=0, max_value=_LATEST)

    @property
    def moment(self) -> datetime | None:
        """None where nothing readable was sent: the newest are shown then."""
        return _EPOCH + self.cleaned_data["before"] * _MICROSECOND if self.is_valid() else None


@dataclass(frozen=True, slots=True)
class Value:
    """A field's label, what stood there, what stands there since; empty where nothing does."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class Part:
    """What happened to one member, one document or the family as a whole."""

    title: str
    tone: str
    is_sentence: bool
    values: list[Value] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Told:
    """One moment in words. `by` is empty where the register itself was maintained."""

    at: datetime
    by: str
    role: str
    place: str
    way: str
    parts: list[Part]

    @property
    def tone(self) -> str:
        """Of the dot on the line."""
        return self.parts[0].tone if self.parts else "mute"


_Shown = Callable[[Any], SafeString | str]


def _document_kind(value: str) -> str:
    return str(DocumentKind(value).label)


def _sex(value: str) -> str:
    return str(Sex(value).label)


def _country(value: str) -> str:
    return str(Nationality(value).label) if value in Nationality.values else value


def _relation(value: str) -> str:
    return str(Relation(value).label)


def _series(value: str) -> SafeString | str:
    return isolate(series_label(value))


def _telephone(value: str) -> SafeString | str:
    return code(telephone(value))


# What is no plain text of unknown direction.
_SHOWN: Final[Mapping[str, _Shown]] = {
    "phone": _telephone,
    "postal_code": code,
    "code": code,
    "sex": _sex,
    "birth_on": jalali,
    "nationality": _country,
    "relation": _relation,
    "deceased_on": jalali,
    "kind": _document_kind,
    "number": code,
    "series": _series,
    "issued_on": jalali,
    "valid_until": jalali,
}
_SENTENCES: Final[Mapping[What, tuple[str, Promise]]] = {
    What.REGISTERED: ("ok", gettext_lazy("The family was written into the register")),
    What.MEMBER_ADDED: ("ok", gettext_lazy("{name} was added to the family")),
    What.MEMBER_CAME: ("ok", gettext_lazy("{name} came from another family")),
    What.MEMBER_LEFT: ("mute", gettext_lazy("{name} left to another family")),
    What.MEMBER_REMOVED: ("mute", gettext_lazy("{name} was removed from the register")),
    What.DOCUMENT_ADDED: ("ok", gettext_lazy("{document} of {name} was added")),
    What.DOCUMENT_REMOVED: ("mute", gettext_lazy("{document} of {name} was removed")),
}


@page(permission=Permission.READ_FILE, purpose=Purpose.DAILY_WORK)
@require_safe
def history_page(request: StaffRequest, household_id: UUID) -> HttpResponse:
    """What was changed in an open family's record, the newest first; `before` reads on."""
    household = household_with_members(household_id)
    note_history_read(household.pk, by=request.actor)
    before = OlderForm(request.GET).moment
    written = provenance_of(household.pk)
    story = story_of(household, before=before, written=written)
    older = story.older_before
    context = {
        "household": household,
        "head": head_of(household),
        "told": _Teller(story).told(),
        "older": None if older is None else (older - _EPOCH) // _MICROSECOND,
        "is_older_page": before is not None,
        "may_look_up": role_may(request.actor.role, Permission.LOOK_UP),
        "origins": [] if before else [_origin(one, story.names) for one in last_writings(written)],
    }
    return render(request, "registry/history.html", context)


@dataclass(frozen=True, slots=True)
class ToldOrigin:
    """Where some values come from, in words. `row` is of the file, None where no file gave them."""

    whose: str
    fields: str
    way: str
    source: str
    row: int | None
    at: datetime


def _origin(writing: Writing, names: Mapping[UUID, str]) -> ToldOrigin:
    written = writing.provenance
    comma = pgettext("between parts of a line", ", ")
    return ToldOrigin(
        whose=names.get(written.person_id, "") if written.person_id else str(_("Family")),
        fields=comma.join(dict.fromkeys(field_label(name) for name in writing.fields)),
        way=str(Way(written.way).label),
        source=written.source,
        row=written.row,
        at=written.at,
    )


class _Teller:
    """Turns a story into words, with the names of staff and places it speaks of."""

    def __init__(self, story: Story) -> None:
        self.story = story
        moments = story.moments
        of_fields = {
            value
            for change in _all_changes(moments)
            if change.field in {"province_id", "county_id"}
            for value in (change.before, change.after)
        }
        self.staff, self.places = _staff_and_places(
            [one.actor_id for one in moments if one.actor_id],
            [place for place in {one.scope_id for one in moments} | of_fields if place is not None],
        )

    def told(self) -> list[Told]:
        return [self._told(moment) for moment in self.story.moments]

    def _told(self, moment: Moment) -> Told:
        user = self.staff.get(moment.actor_id) if moment.actor_id else None
        return Told(
            at=moment.at,
            by=user.name if user else "",
            role=str(Role(moment.role).label) if moment.role in Role.values else "",
            place=self._place(moment.scope_id),
            way=str(Way(moment.way).label) if moment.way in Way.values else "",
            parts=self._parts(moment),
        )

    def _place(self, scope_id: int | None) -> str:
        place = self.places.get(scope_id) if scope_id is not None else None
        return place.name if place else ""

    def _parts(self, moment: Moment) -> list[Part]:
        parts: list[Part] = []
        last = None
        for change in moment.changes:
            subject = (change.person_id, change.document_id)
            if change.what != What.FIELD:
                tone, sentence = _SENTENCES[change.what]
                parts.append(Part(self._sentence(str(sentence), change), tone, is_sentence=True))
                last = None
                continue
            if subject != last:
                parts.append(Part(self._title(change), "accent", is_sentence=False))
            parts[-1].values.append(self._value(change))
            last = subject
        return parts

    def _name(self, change: Change) -> SafeString | str:
        return isolate(self.story.names.get(change.person_id, "")) if change.person_id else ""

    def _sentence(self, sentence: str, change: Change) -> SafeString:
        return format_html(sentence, name=self._name(change), document=_named(change))

    def _title(self, change: Change) -> SafeString | str:
        if change.person_id is None:
            return _("Family")
        if change.document is None:
            return self._name(change)
        return format_html(_("{document} of {name}"), name=self._name(change), document=_named(change))

    def _value(self, change: Change) -> Value:
        return Value(
            str(LABELS[change.field]),
            self._shown(change.field, change.before),
            self._shown(change.field, change.after),
        )

    def _shown(self, name: str, value: Any) -> SafeString | str:
        if value in (None, ""):
            return ""
        if name in {"province_id", "county_id"}:
            return isolate(self._place(value))
        if name == "person_id":
            return isolate(self.story.names.get(value, ""))
        return _SHOWN.get(name, isolate)(value)


def _staff_and_places(staff: list[UUID], places: list[int]) -> tuple[dict[UUID, User], dict[int, Scope]]:
    """Both by their ids, with nothing but their names: one query."""
    users = User.objects.filter(pk__in=staff).values_list(Cast("pk", TextField()), "name_fa", "name_en", Constant(True))
    scopes = Scope.objects.filter(pk__in=places).values_list(
        Cast("pk", TextField()), "name_fa", "name_en", Constant(False)
    )
    found = list(users.order_by().union(scopes.order_by(), all=True))
    return (
        {UUID(key): User(pk=UUID(key), name_fa=fa, name_en=en) for key, fa, en, is_user in found if is_user},
        {int(key): Scope(pk=int(key), name_fa=fa, name_en=en) for key, fa, en, is_user in found if not is_user},
    )


def _named(change: Change) -> SafeString | str:
    if change.document is None:
        return ""
    return format_html("{} {}", _document_kind(change.document.kind), code(change.document.number))


def _all_changes(moments: Iterable[Moment]) -> Iterable[Change]:
    return (change for moment in moments for change in moment.changes)
