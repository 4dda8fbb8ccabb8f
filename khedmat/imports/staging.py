"""Rows while they wait: sealed in, opened again by chunks of whole groups."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from django.db import connection

from khedmat.imports.enums import RowOutcome
from khedmat.imports.kinds import Against, Settled, Waiting
from khedmat.imports.reasons import Note, Problem
from khedmat.vault.crypto import open_sealed, seal

# Enough to make round trips rare, few enough to keep a transaction short.
ROWS_A_CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class StagedLine:
    """A row about to be staged: its original cells as text, what was read, and what stands against it."""

    number: int
    group: int
    group_key: bytes | None
    keys: tuple[tuple[str, bytes], ...]
    leads: bool
    cells: tuple[str, ...]
    values: dict[str, Any]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class OpenedLine:
    """A staged row as the result page and the refused sheet need it."""

    number: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]
    against: Against | None
    notes: tuple[Note, ...] = ()


def stage(run_id: UUID, scope_id: int, lines: Iterable[StagedLine]) -> None:
    """Write rows in one round trip; refused at first are those with problems of their own."""
    rows = [
        (
            run_id,
            line.number,
            scope_id,
            line.group,
            line.group_key,
            [key for _kind, key in line.keys],
            [kind for kind, _key in line.keys],
            line.leads,
            _sealed(run_id, line),
            RowOutcome.REFUSED.value if line.problems else RowOutcome.UNCHANGED.value,
        )
        for line in lines
    ]
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.executemany(
            "INSERT INTO imports_stagedrow (run_id, number, scope_id, group_number, group_key, keys, key_kinds, "
            "is_leading, payload, outcome, problem, problem_rows) "
            "VALUES (%s, %s, %s, %s, %s, %s::bytea[], %s, %s, %s, %s, '', '{}')",
            rows,
        )


def clear(run_id: UUID) -> None:
    """Delete the rows of a run that is being checked anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.clear_staged(%s)", [run_id])


def refuse(run_id: UUID, against: dict[int, Against]) -> None:
    """Refuse rows for what other rows of the file do to them."""
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.executemany(
            "UPDATE imports_stagedrow SET outcome = 'refused', problem = %s, problem_rows = %s "
            "WHERE run_id = %s AND number = %s AND outcome <> 'refused'",
            [(one.problem, list(one.rows), run_id, number) for number, one in against.items()],
        )


def chunk(run_id: UUID, after_group: int) -> tuple[list[Waiting], int]:
    """The next rows that are not refused, whole groups only, and the last group they reach."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(group_number), %s) FROM (SELECT group_number FROM imports_stagedrow WHERE run_id = %s "
            "AND group_number > %s ORDER BY group_number LIMIT %s) AS next_rows",
            [after_group, run_id, after_group, ROWS_A_CHUNK],
        )
        (last_group,) = cursor.fetchone()
    return waiting(run_id, after_group + 1, last_group), int(last_group)


def waiting(run_id: UUID, first_group: int, last_group: int) -> list[Waiting]:
    """The rows of these groups that are not refused, opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, group_number, group_key, keys, key_kinds, is_leading, payload FROM imports_stagedrow "
            "WHERE run_id = %s AND group_number BETWEEN %s AND %s AND outcome <> 'refused' "
            "ORDER BY group_number, number",
            [run_id, first_group, last_group],
        )
        return [
            Waiting(
                number,
                group,
                bytes(group_key) if group_key is not None else None,
                tuple(zip(kinds, map(bytes, keys), strict=True)),
                leads,
                _opened(run_id, number, payload)["values"],
            )
            for number, group, group_key, keys, kinds, leads, payload in cursor.fetchall()
        ]


def refused_heads(run_id: UUID, groups: Sequence[int]) -> dict[int, list[int]]:
    """The refused rows of these groups' heads, by group."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT group_number, array_agg(number ORDER BY number) FROM imports_stagedrow WHERE run_id = %s "
            "AND group_number = ANY (%s) AND is_leading AND outcome = 'refused' GROUP BY group_number",
            [run_id, list(groups)],
        )
        return dict(cursor.fetchall())


def write_outcomes(run_id: UUID, settled: Sequence[Settled]) -> None:
    """Keep what became of each row; a row of which the same was said before is not written again."""
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "UPDATE imports_stagedrow s SET outcome = said.outcome, problem = said.problem, "
            "problem_rows = said.rows::int[] "
            "FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS said (number, outcome, problem, rows) "
            "WHERE s.run_id = %s AND s.number = said.number AND (s.outcome, s.problem) <> (said.outcome, said.problem)",
            [
                [one.number for one in settled],
                [one.outcome.value for one in settled],
                [one.against.problem if one.against else "" for one in settled],
                ["{" + ",".join(map(str, one.against.rows if one.against else ())) + "}" for one in settled],
                run_id,
            ],
        )


def outcomes(run_id: UUID, numbers: Sequence[int]) -> dict[int, RowOutcome]:
    """What was said of these rows last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, outcome FROM imports_stagedrow WHERE run_id = %s AND number = ANY (%s)",
            [run_id, list(numbers)],
        )
        return {number: RowOutcome(outcome) for number, outcome in cursor.fetchall()}


def refused_lines(run_id: UUID) -> Iterable[OpenedLine]:
    """The refused rows in the file's order, with their cells and what stands against each."""
    return _lines("run_id = %s AND outcome = 'refused'", [run_id], run_id)


def lines(run_id: UUID, numbers: Sequence[int]) -> Iterable[OpenedLine]:
    """These rows in the file's order, whatever became of them."""
    return _lines("run_id = %s AND number = ANY (%s)", [run_id, list(numbers)], run_id)


def _lines(which: LiteralString, values: Sequence[Any], run_id: UUID) -> Iterable[OpenedLine]:
    with connection.cursor() as cursor:
        columns: LiteralString = "SELECT number, payload, problem, problem_rows FROM imports_stagedrow WHERE "
        cursor.execute(columns + which + " ORDER BY number", values)
        for number, payload, problem, rows in cursor.fetchall():
            opened = _opened(run_id, number, payload)
            yield OpenedLine(
                number,
                tuple(opened["cells"]),
                tuple(Problem.from_json(one) for one in opened["problems"]),
                Against(problem, tuple(rows)) if problem else None,
                tuple(Note.from_json(one) for one in opened["notes"]),
            )


def _associated_data(run_id: UUID, number: int) -> bytes:
    return f"imports_stagedrow.payload:{run_id}:{number}".encode()


def _sealed(run_id: UUID, line: StagedLine) -> bytes:
    payload = {
        "cells": line.cells,
        "values": line.values,
        "problems": [problem.as_json() for problem in line.problems],
        "notes": [note.as_json() for note in line.notes],
    }
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return seal(text.encode("utf-8", "surrogatepass"), _associated_data(run_id, line.number))


def _opened(run_id: UUID, number: int, payload: bytes) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(open_sealed(bytes(payload), _associated_data(run_id, number)))
    return opened
