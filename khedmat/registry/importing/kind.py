"""The people register as a kind of import: what a row means, whose it is, what it changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khedmat.common.text import localise_digits
from khedmat.imports import cells as cell_reading
from khedmat.imports.kinds import Against, Brief, ReadRow, Settled, Terms, Waiting
from khedmat.imports.reading import Cell
from khedmat.imports.reasons import Problem
from khedmat.registry.enums import DocumentKind, Relation
from khedmat.registry.importing.families import REASONS, judge_file
from khedmat.registry.importing.people import PEOPLE
from khedmat.registry.importing.rows import DATE_FIELDS, PersonRow, read_row
from khedmat.registry.importing.settling import settle_families
from khedmat.registry.importing.words import RELATIONS, word_key
from khedmat.registry.models import document_index
from khedmat.registry.rules import series_label
from khedmat.vault.crypto import blind_index

SERIES: Final = "series"
_WRITTEN_FIELDS: Final = tuple(field.name for field in fields(PersonRow) if field.name not in {"notes", "province"})


class PeopleImport:
    """Rows of people, grouped by household code. `options_form` asks for `series`, the round of the file's cards."""

    code = PEOPLE.code
    schema = PEOPLE
    date_fields = frozenset(DATE_FIELDS)

    def __init__(self, options_form: type[forms.Form]) -> None:
        self.options_form = options_form

    def shown_options(self, options: Mapping[str, str]) -> Sequence[tuple[str, str]]:
        """The round in the reader's words."""
        return [(_("Round of the cards"), series_label(options.get(SERIES, "")))]

    def read_row(self, cells: Mapping[str, Cell], terms: Terms) -> ReadRow:
        """A person, or every reason why not; also of a refused row it says which family's it is, if it can."""
        read = read_row(
            cells,
            series=terms.options.get(SERIES, ""),
            date_orders=terms.date_orders,
            today=terms.today,
            province=terms.place_code,
        )
        household_code = cell_reading.code(cells.get("household_code"), "household_code")
        group = None if isinstance(household_code, Problem) else household_code.value or None
        group_key = blind_index("household", group) if group else None
        if not isinstance(read, PersonRow):
            return ReadRow({}, tuple(read), group=group, group_key=group_key, leads=_says_head(cells.get("relation")))
        return ReadRow(
            _values(read, terms),
            notes=read.notes,
            group=group,
            group_key=group_key,
            keys=tuple(_keys(read)),
            leads=read.relation == Relation.HEAD,
        )

    def judge_together(self, briefs: Sequence[Brief]) -> Mapping[int, Against]:
        """See `families.judge_file`."""
        return judge_file(briefs)

    def settle(self, run_id: UUID, rows: Sequence[Waiting], *, is_written: bool) -> Iterable[Settled]:
        """See `settling.settle_families`."""
        return settle_families(run_id, rows, is_written=is_written)

    def reason_against(self, against: Against) -> str:
        """The sentence of `families.REASONS`, with the rows concerned."""
        rows = localise_digits("، ".join(map(str, against.rows)), get_language() or "fa")
        return str(REASONS[against.problem]) % {"rows": rows}


def _says_head(cell: Cell) -> bool:
    return isinstance(cell, str) and RELATIONS.get(word_key(cell)) == Relation.HEAD


def _keys(row: PersonRow) -> Iterable[tuple[str, bytes]]:
    if row.document_number:
        yield row.document_kind, document_index(row.document_number)
    if row.fida_code:
        yield DocumentKind.FIDA_CODE.value, document_index(row.fida_code)


def _values(row: PersonRow, terms: Terms) -> dict[str, Any]:
    values = {field: getattr(row, field) for field in _WRITTEN_FIELDS}
    for field in DATE_FIELDS:
        values[field] = values[field].isoformat() if values[field] else None
    values["series"] = terms.options.get(SERIES, "")
    return values
