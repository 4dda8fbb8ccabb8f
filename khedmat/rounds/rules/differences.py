"""What one version says otherwise than another: rows more, less and changed, field by field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from khedmat.rounds.enums import ChangeKind
from khedmat.rounds.rules.specs import VersionSpec

# In the order of the pages; texts for clients and examples are told by their number alone.
PARTS = (
    "rules", "documents", "tariff", "exemptions", "instalments", "standards", "windows", "cohort", "capacity",
    "briefing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: its name and its values before and after, as the specs hold them."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is new, gone, changed or stands elsewhere. `row` is the later one; of one gone, the earlier."""

    part: str
    code: str
    kind: ChangeKind
    row: Any
    changes: tuple[FieldChange, ...] = ()


def differences(before: VersionSpec, after: VersionSpec) -> list[Difference]:
    """What `after` says otherwise than `before`, part by part in reading order."""
    found: list[Difference] = []
    own = _fields_changed(before, after, skipped={*PARTS, "texts", "examples"})
    if own:
        found.append(Difference("version", "", ChangeKind.CHANGED, after, own))
    for part in PARTS:
        found.extend(_of_part(part, getattr(before, part), getattr(after, part)))
    return found


def texts_changed(before: VersionSpec, after: VersionSpec) -> int:
    """How many texts for clients are new, gone or written otherwise."""
    return len(set(before.texts) ^ set(after.texts)) - _pairs(before, after)


def _pairs(before: VersionSpec, after: VersionSpec) -> int:
    """Texts that stand in both, written otherwise: each counts once."""

    def places(content: VersionSpec) -> dict[tuple[str, str, str, str], object]:
        return {(one.kind, one.code, one.field, one.language): one for one in content.texts}

    old, new = places(before), places(after)
    return sum(old[place] != new[place] for place in old.keys() & new.keys())


def _of_part(part: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    old, new = {row.code: row for row in before}, {row.code: row for row in after}
    for code, row in new.items():
        if code not in old:
            yield Difference(part, code, ChangeKind.ADDED, row)
        elif changes := _fields_changed(old[code], row):
            yield Difference(part, code, ChangeKind.CHANGED, row, changes)
    for code, row in old.items():
        if code not in new:
            yield Difference(part, code, ChangeKind.REMOVED, row)
    if [code for code in old if code in new] != [code for code in new if code in old]:
        yield Difference(part, "", ChangeKind.MOVED, None)


def _fields_changed(before: Any, after: Any, skipped: set[str] | None = None) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(one.name, getattr(before, one.name), getattr(after, one.name))
        for one in fields(after)
        if one.name not in (skipped or ()) and getattr(before, one.name) != getattr(after, one.name)
    )
