"""Reading runs of the working place. No row of a file is read here but refused ones, opened for their keeper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from khedmat.common.errors import DomainError
from khedmat.common.text import fold_for_search
from khedmat.imports.enums import RunState
from khedmat.imports.kinds import kind_of
from khedmat.imports.models import Run, Source
from khedmat.imports.reasons import Finding, reason_text
from khedmat.imports.run_errors import RowsExpired, RunNotThere
from khedmat.imports.staging import OpenedLine, lines, refused_lines

LATEST = 50
# As guard.expire_imports says it.
UNTOUCHED: Final = "untouched"


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A refused row as it is shown: where it stands, what it holds, why it stays out."""

    number: int
    cells: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """One kind of problem or remark in a file: how many rows, and the first of them."""

    code: str
    field: str
    rows: int
    examples: tuple[int, ...]
    refuses: bool


def run_of(run_id: UUID) -> Run:
    """Errors: RunNotThere (or another province's: the same answer)."""
    run = Run.objects.select_related("source", "scope").filter(pk=run_id).first()
    if run is None:
        raise RunNotThere
    return run


def latest_runs() -> list[Run]:
    """The newest runs of the working place."""
    return list(Run.objects.select_related("source").order_by("-created_at")[:LATEST])


def sources(kind: str) -> list[Source]:
    """The sources of a kind, by name."""
    return list(Source.objects.filter(kind=kind).order_by("name"))


def source_named(name: str, kind: str) -> Source | None:
    """The working place's source of that name, however it is spelled."""
    return Source.objects.filter(kind=kind, name_key=fold_for_search(name)[:80]).first()


def unfinished_run(source: Source, file_digest: bytes) -> Run | None:
    """The run of this very file that was begun and not ended, if any."""
    open_states = [RunState.UPLOADED, RunState.CHECKING, RunState.CHECKED, RunState.IMPORTING, RunState.PAUSED]
    return Run.objects.filter(source=source, file_digest=file_digest, state__in=open_states).first()


def tallies(run: Run) -> list[Tally]:
    """What the check noticed, refusals first, the most frequent first."""
    found = [
        Tally(one["code"], one["field"], one["rows"], tuple(one["examples"]), one["refuses"])
        for one in run.notes.get("findings", [])
    ]
    return sorted(found, key=lambda one: (not one.refuses, -one.rows, one.code, one.field))


def examples_of(run: Run, found: Sequence[Tally]) -> dict[Tally, list[tuple[int, str]]]:
    """For each tally its example rows with the sentence of each; none once the rows are deleted."""
    numbers = sorted({number for one in found for number in one.examples})
    opened = {line.number: line for line in lines(run.pk, numbers)} if numbers else {}
    return {
        one: [(number, text) for number in one.examples for text in _sentences(opened.get(number), one, run.kind)]
        for one in found
    }


def _sentences(line: OpenedLine | None, tally: Tally, kind: str) -> list[str]:
    if line is None:
        return []
    if tally.refuses and line.against and line.against.problem == tally.code:
        return [kind_of(kind).reason_against(line.against)]
    findings: Sequence[Finding] = line.problems if tally.refuses else line.notes
    fitting = (one for one in findings if one.code == tally.code and one.field == tally.field)
    return [reason_text(one, kind_of(kind).schema) for one in fitting][:1]


def failure_words(run: Run) -> str:
    """Why a run stopped, in the active language; empty where it did not."""
    if not run.failure:
        return ""
    if run.failure == UNTOUCHED:
        return _("Nobody touched this import for thirty days, so it was cancelled and its rows were deleted.")
    known = {one.code: one.message for one in _errors_beneath(DomainError)}
    fault = _(
        "Something went wrong on our side. Nothing of the file is lost; try again, and tell the person who looks "
        "after the system if it stops a second time."
    )
    return str(known.get(run.failure, fault))


def _errors_beneath(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in error.__subclasses__():
        yield one
        yield from _errors_beneath(one)


def refused_rows(run: Run) -> Iterator[RefusedRow]:
    """Refused rows with their reasons in the active language. Errors: RowsExpired."""
    if run.rows_refused and not run.staged.exists():
        raise RowsExpired
    for line in refused_lines(run.pk):
        yield RefusedRow(line.number, line.cells, tuple(reasons_of(line, run.kind)))


def reasons_of(line: OpenedLine, kind: str) -> list[str]:
    """Why a row stays out, in the active language: every problem of its own, and what others do to it."""
    schema = kind_of(kind).schema
    reasons = [reason_text(problem, schema) for problem in line.problems]
    if line.against:
        reasons.append(kind_of(kind).reason_against(line.against))
    return reasons
