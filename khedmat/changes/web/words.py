"""Requests in the reader's words: kinds and their effect, fields and values."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from khedmat.changes.applying import Ground, stands_now
from khedmat.changes.enums import ChangeField, ChangeKind, ChangeState, Decider
from khedmat.changes.models import ChangeItem
from khedmat.changes.wishes import NEW_HOUSEHOLD
from khedmat.common.jalali import format_date
from khedmat.common.text import localise_digits
from khedmat.places.models import Scope
from khedmat.registry.enums import Nationality, Relation, Sex
from khedmat.registry.models import Person

STATE_TONES: Final[Mapping[str, str]] = {
    ChangeState.OPEN: "info",
    ChangeState.AWAITING_OTHER_PROVINCE: "accent",
    ChangeState.APPROVED: "ok",
    ChangeState.REFUSED: "warn",
    ChangeState.WITHDRAWN: "mute",
}
EFFECTS: Final[Mapping[str, Promise]] = {
    ChangeKind.NAMES: gettext_lazy(
        "The names are written as asked. Cards already made keep the old names until the next ones."
    ),
    ChangeKind.PARTICULARS: gettext_lazy(
        "The particulars are written as asked. What stood before stays in the history."
    ),
    ChangeKind.CONTACT: gettext_lazy("Letters and messages go to the new telephone and address."),
    ChangeKind.BIRTH: gettext_lazy("The child becomes a member of this family."),
    ChangeKind.DEATH: gettext_lazy(
        "The day of death is written, the person's cards end, and nobody takes them into a round any more."
    ),
    ChangeKind.MARRIAGE: gettext_lazy(
        "The spouse becomes a member of this family. Whoever comes from another family leaves it."
    ),
    ChangeKind.DIVORCE: gettext_lazy("Those who leave become a household of their own, in the same province."),
    ChangeKind.HEAD: gettext_lazy("The family has another head, and each member the relation written here."),
    ChangeKind.SPLIT: gettext_lazy("Those who leave become a household of their own, in the same province."),
    ChangeKind.JOIN: gettext_lazy("All members go to the other family, whose head stays."),
    ChangeKind.MOVE: gettext_lazy(
        "The family belongs to your province from now on. The province that it leaves sees it no longer."
    ),
}
_LABELS: Final[Mapping[str, Mapping[str, Promise | str]]] = {
    ChangeField.SEX: dict(Sex.choices),
    ChangeField.NATIONALITY: dict(Nationality.choices),
    ChangeField.RELATION: dict(Relation.choices),
}
_DATES: Final = frozenset({ChangeField.BIRTH_ON, ChangeField.DECEASED_ON, ChangeField.VALID_UNTIL})
_CODES: Final = frozenset({ChangeField.PHONE, ChangeField.POSTAL_CODE})


def value_words(field: str, value: str) -> str:
    """An item's value as readers write it; a dash for nothing."""
    if not value:
        return "—"
    if field in _LABELS:
        return str(_LABELS[field].get(value, value))
    if field in _DATES:
        return format_date(date.fromisoformat(value), get_language() or "fa", "long")
    if field in _CODES:
        return localise_digits(_as_dialled(value), get_language() or "fa")
    return _place_words(field, value)


def _place_words(field: str, value: str) -> str:
    """A household or a province; any other text as it is."""
    if field == ChangeField.HOUSEHOLD:
        return _("a household of their own") if value == NEW_HOUSEHOLD else _("the other family")
    if field == ChangeField.PROVINCE:
        place = Scope.objects.filter(pk=int(value)).first()
        return place.name if place else value
    return value


def _as_dialled(number: str) -> str:
    return f"0{number.removeprefix('+98')}" if number.startswith("+98") else number


def decider_words(decider: str) -> str:
    """Whose work the decision is."""
    return str(Decider(decider).label)


class ItemRow:
    """One field of a request: whose, what, as it stood when it was asked, as it is asked, and as it stands now."""

    def __init__(self, item: ChangeItem, person: Person | None, now: str | None) -> None:
        self.whose = person.full_name if person else ""
        self.label = str(ChangeField(item.field).label)
        is_mover = item.field == ChangeField.HOUSEHOLD
        self.before = _("this family") if is_mover else value_words(item.field, item.old)
        self.after = value_words(item.field, item.new)
        self.is_changed_meanwhile = now != item.old
        self.now = _("no longer in this family") if now is None else value_words(item.field, now)


def item_rows(ground: Ground, *, is_waiting: bool) -> list[ItemRow]:
    """The fields of a request in its order; what stands now counts only while a decision is awaited."""
    people: Mapping[UUID, Person] = {**ground.other_members, **ground.members}
    rows = []
    for item in ground.items:
        now = stands_now(ground, item) if is_waiting else item.old
        rows.append(ItemRow(item, people.get(item.person_id) if item.person_id else None, now))
    return rows
