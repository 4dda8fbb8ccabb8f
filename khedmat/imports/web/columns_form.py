"""Saying which column holds which field, and how dates are to be read that can be read in two ways."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khedmat.common.text import localise_digits
from khedmat.imports.checking import Preview
from khedmat.imports.dates import order_of, parts_of
from khedmat.imports.enums import DateOrder
from khedmat.imports.headings import fold_heading
from khedmat.imports.kinds import ImportKind
from khedmat.imports.models import Run
from khedmat.imports.reading import Cell
from khedmat.imports.reasons import shown_value
from khedmat.imports.run_errors import ColumnTakenTwice
from khedmat.imports.schema import REASON_HEADING, ROW_HEADING

SAMPLES: Final = 3
_ROWS_SAMPLED: Final = 200
_OWN: Final = frozenset({fold_heading(ROW_HEADING), fold_heading(REASON_HEADING)})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file as the page shows it. `is_known`: its heading says what it holds."""

    number: int
    heading: str
    samples: tuple[str, ...]
    is_known: bool
    is_doubtful: bool
    is_remembered: bool


@dataclass(frozen=True, slots=True)
class Dates:
    """How the dates of a column are written; `example` is the first that can be read both ways, if any."""

    order: DateOrder
    example: Cell

    @property
    def needs_choice(self) -> bool:
        """Whether somebody has to say how they are read."""
        return self.example is not None and self.order == DateOrder.AMBIGUOUS

    @property
    def may_choose(self) -> bool:
        """Whether some date is refused unless somebody says how it is read."""
        return self.example is not None and self.order in {DateOrder.AMBIGUOUS, DateOrder.MIXED}


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One line of the page: the column, what it holds, and for dates how they are read."""

    column: Column
    field: BoundField
    order_field: BoundField | None
    dates: Dates | None


class ColumnsForm(forms.Form):
    """`column_<n>` says what column n holds (empty: left out), `order_<n>` how its dates are read, where asked."""

    use_required_attribute = False

    def __init__(self, *args: Any, run: Run, kind: ImportKind, preview: Preview, sheet: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind, self.preview, self.run, self.sheet = kind, preview, run, sheet
        self.columns = [self._column(number) for number in range(len(preview.found.headings)) if self._is_shown(number)]
        self.dates: dict[int, Dates] = {}
        named = self._named_before()
        choices = [("", _("— leave out —")), *((field.code, str(field.label)) for field in kind.schema.fields)]
        for column in self.columns:
            initial = named.get(column.number, "")
            self.fields[f"column_{column.number}"] = forms.ChoiceField(
                choices=choices,
                required=False,
                label=column.heading or _nameless(column.number),
                error_messages={"invalid_choice": _("Choose one of the list.")},
                initial=initial,
            )
            code = str(self.data.get(f"column_{column.number}", "")) if self.is_bound else initial
            if code in kind.date_fields:
                self._ask_order(column.number, code)

    def _is_shown(self, number: int) -> bool:
        heading = self.preview.found.headings[number]
        if heading:
            return fold_heading(heading) not in _OWN
        return any(shown_value(cell) for cell in islice(self._cells(number), _ROWS_SAMPLED))

    def _column(self, number: int) -> Column:
        found, heading = self.preview.found, self.preview.found.headings[number]
        shown = (shown_value(cell) for cell in islice(self._cells(number), _ROWS_SAMPLED))
        remembered = self.run.source.columns.get(fold_heading(heading)) if heading else None
        return Column(
            number,
            heading,
            tuple(dict.fromkeys(value for value in shown if value))[:SAMPLES],
            is_known=number in found.guesses,
            is_doubtful=number in found.doubtful,
            is_remembered=remembered is not None and remembered == found.guesses.get(number, ""),
        )

    def _named_before(self) -> dict[int, str]:
        if self.run.columns and self.run.sheet == self.sheet:
            return {int(column): str(code) for column, code in self.run.columns.items()}
        return dict(self.preview.found.guesses)

    def _cells(self, number: int) -> Iterator[Cell]:
        rows, first = self.preview.table.rows, self.preview.found.first_data_row
        return (rows[index][number] for index in range(first, len(rows)))

    def _ask_order(self, number: int, code: str) -> None:
        """A choice of both readings, where some date of the column can be read in two ways."""
        dates = self.dates[number] = self._dates_of(number)
        parts = parts_of(dates.example)
        if not dates.may_choose or parts is None:
            return
        language = get_language() or "fa"
        values = {
            "value": shown_value(dates.example),
            "first": localise_digits(parts.first, language),
            "month": localise_digits(parts.month, language),
            "last": localise_digits(parts.last, language),
        }
        self.fields[f"order_{number}"] = forms.ChoiceField(
            choices=[
                ("", _("— choose —") if dates.needs_choice else _("Refuse rows whose date can be read in two ways")),
                (DateOrder.YEAR_FIRST.value, _("Year %(first)s, month %(month)s, day %(last)s") % values),
                (DateOrder.DAY_FIRST.value, _("Day %(first)s, month %(month)s, year %(last)s") % values),
            ],
            required=dates.needs_choice,
            label=_("How to read %(value)s") % values,
            error_messages={
                "required": _("These dates can be read in two ways. Choose which one is right."),
                "invalid_choice": _("Choose one of the list."),
            },
            initial={**self.run.source.date_orders, **self.run.date_orders}.get(code, ""),
        )

    def _dates_of(self, number: int) -> Dates:
        shown: set[DateOrder] = set()
        example: Cell = None
        for cell in self._cells(number):
            parts = parts_of(cell)
            if parts is None:
                continue
            own = order_of(parts)
            if own == DateOrder.AMBIGUOUS and example is None:
                example = cell
            shown.add(own)
        decided = shown & {DateOrder.YEAR_FIRST, DateOrder.DAY_FIRST}
        if len(decided) > 1:
            return Dates(DateOrder.MIXED, example)
        return Dates(decided.pop() if decided else DateOrder.AMBIGUOUS, example)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        named: set[str] = set()
        for column in self.columns:
            code = cleaned.get(f"column_{column.number}", "")
            if code and code in named:
                self.add_error(f"column_{column.number}", ColumnTakenTwice.message)
            named.add(code)
        missing = [code for code in self.kind.schema.required() if code not in named]
        if missing:
            said = _("No column is named for: %(fields)s. Say which column holds it.")
            raise ValidationError(said % {"fields": self.labels(missing)}, code="columns-missing")
        return cleaned

    def labels(self, codes: Sequence[str]) -> str:
        """The fields' names in one line."""
        return _(", ").join(self.kind.schema.label(code) for code in codes)

    def named(self) -> dict[int, str]:
        """Column → field code, empty for one that is left out."""
        return {one.number: str(self.cleaned_data.get(f"column_{one.number}", "")) for one in self.columns}

    def date_orders(self) -> dict[str, str]:
        """Field code → the order that was chosen."""
        chosen = {code: self.cleaned_data.get(f"order_{number}", "") for number, code in self.named().items()}
        return {code: str(order) for code, order in chosen.items() if code and order}

    def rows(self) -> list[ColumnRow]:
        """The lines of the page."""
        return [
            ColumnRow(
                one,
                self[f"column_{one.number}"],
                self[f"order_{one.number}"] if f"order_{one.number}" in self.fields else None,
                self.dates.get(one.number),
            )
            for one in self.columns
        ]


def _nameless(number: int) -> str:
    shown = localise_digits(str(number + 1), get_language() or "fa")
    return _("Column %(number)s, without a heading") % {"number": shown}
