"""Rows while they wait: sealed in, opened again by chunks of whole groups."""

import json
from collections import Counter
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
ROWS_A_CHUNK: Final = 2_000


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
    rows = list(lines)
    with psycopg.Cursor(connection.connection) as cursor:
        # One statement for all: the policy asks once who writes, not once a row.
        cursor.execute(
            "INSERT INTO imports_stagedrow (run_id, number, scope_id, group_number, group_key, keys, key_kinds, "
            "is_leading, payload, outcome, problem, problem_rows) "
            "SELECT %s, number, %s, group_number, group_key, keys::bytea[], key_kinds::text[], is_leading, payload, "
            "outcome, '', '{}' FROM unnest(%b::int[], %b::int[], %b::bytea[], %t::text[], %t::text[], %b::bool[], "
            "%b::bytea[], %t::text[]) "
            "AS given (number, group_number, group_key, keys, key_kinds, is_leading, payload, outcome)",
            [
                run_id,
                scope_id,
                [line.number for line in rows],
                [line.group for line in rows],
                [line.group_key for line in rows],
                [_array(f'"\\\\x{key.hex()}"' for _kind, key in line.keys) for line in rows],
                [_array(kind for kind, _key in line.keys) for line in rows],
                [line.leads for line in rows],
                [_sealed(run_id, line) for line in rows],
                [RowOutcome.REFUSED.value if line.problems else RowOutcome.UNCHANGED.value for line in rows],
            ],
        )


def clear(run_id: UUID) -> None:
    """Delete the rows of a run that is being checked anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.clear_staged(%s)", [run_id])


def make_known() -> None:
    """Tell the planner of the rows that were staged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.know_staged()")


def look_up_by_key() -> None:
    """Have this transaction, its keys' checks at the end too, find each row by an index.

    An import makes the tables grow from nothing within seconds: what the server plans while they are empty, to
    read them whole, it goes on doing until it looks at their sizes again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, 'off', true) "
            "FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']) AS name"
        )


def refuse(run_id: UUID, against: dict[int, Against]) -> None:
    """Refuse rows for what other rows of the file do to them."""
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "UPDATE imports_stagedrow s SET outcome = 'refused', problem = said.problem, "
            "problem_rows = said.rows::int[] "
            "FROM unnest(%s::int[], %s::text[], %s::text[]) AS said (number, problem, rows) "
            "WHERE s.run_id = %s AND s.number = said.number AND s.outcome <> 'refused'",
            [
                list(against),
                [one.problem for one in against.values()],
                [_array(one.rows) for one in against.values()],
                run_id,
            ],
        )


def chunk(run_id: UUID, after_group: int) -> tuple[list[Waiting], int]:
    """The next rows that are not refused, whole groups only, and the last group they reach."""
    with connection.cursor() as cursor:
        cursor.execute(
            # So many rows reach no further than so many groups; without that bound, all that is left would be sorted.
            "SELECT coalesce(max(group_number), %s) FROM (SELECT group_number FROM imports_stagedrow WHERE run_id = %s "
            "AND group_number BETWEEN %s AND %s ORDER BY group_number LIMIT %s) AS next_rows",
            [after_group, run_id, after_group + 1, after_group + ROWS_A_CHUNK, ROWS_A_CHUNK],
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


def write_outcomes(run_id: UUID, settled: Sequence[Settled]) -> Counter[RowOutcome]:
    """Keep what became of each row; a row of which the same was said before is not written again.

    Answers by how many rows each outcome has more than before, or fewer.
    """
    more: Counter[RowOutcome] = Counter()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "UPDATE imports_stagedrow s SET outcome = said.outcome, problem = said.problem, "
            "problem_rows = said.rows::int[] "
            "FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS said (number, outcome, problem, rows) "
            "JOIN imports_stagedrow before ON before.run_id = %s AND before.number = said.number "
            "WHERE s.run_id = before.run_id AND s.number = before.number "
            "AND (before.outcome, before.problem) <> (said.outcome, said.problem) "
            "RETURNING before.outcome, said.outcome",
            [
                [one.number for one in settled],
                [one.outcome.value for one in settled],
                [one.against.problem if one.against else "" for one in settled],
                [_array(one.against.rows if one.against else ()) for one in settled],
                run_id,
            ],
        )
        for before, after in cursor:
            more[RowOutcome(before)] -= 1
            more[RowOutcome(after)] += 1
    return more


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


def _array(elements: Iterable[str | int]) -> str:
    """An array within an array, whose rows PostgreSQL would have of one length."""
    return "{" + ",".join(map(str, elements)) + "}"


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
