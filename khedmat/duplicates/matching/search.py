"""Finds the pairs: Splink on DuckDB, wholly in memory.

DuckDB is given no folder to spill to: where memory does not suffice it fails, and leaves nothing on the disk.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from khedmat.duplicates.matching.model import (
    BY_FREQUENCY,
    COMPARISON_OF,
    COMPARISONS,
    LEAST_PEOPLE,
    STRONG_FROM,
    THRESHOLD,
    VERY_STRONG_FROM,
    settings,
)
from khedmat.duplicates.matching.pairs import Pair
from khedmat.duplicates.matching.traits import Person, Traits, compared_digest, traits_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow  # type: ignore[import-untyped]

MEMORY_LIMIT: Final = "3GB"
THREADS: Final = 2
_ALIKE: Final = frozenset({"same", "sounds", "near", "short", "part"})


def find_pairs(people: Sequence[Person], *, threshold: float = THRESHOLD) -> list[Pair]:
    """Every likely pair, strongest first. The same people in any order give the same pairs.

    Errors: duckdb.OutOfMemoryException beyond MEMORY_LIMIT.
    """
    ordered = sorted(people)
    if len(ordered) < 2:  # noqa: PLR2004
        return []
    traits = traits_of(ordered)
    connection = open_memory()
    try:
        rows = scored_rows(connection, traits, threshold)
    finally:
        connection.close()
    pairs = [pair for row in rows if (pair := _pair(ordered, traits, row)) is not None]
    return sorted(pairs, key=lambda pair: (-pair.weight, pair.person_a, pair.person_b))


def open_memory() -> "duckdb.DuckDBPyConnection":
    """A DuckDB in memory that can reach neither disk nor network."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute(f"SET threads = {THREADS}")
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute("SET temp_directory = ''")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def scored_rows(
    connection: "duckdb.DuckDBPyConnection", traits: Sequence[Traits], threshold: float
) -> list[tuple[Any, ...]]:
    """(person, person, weight, one gamma for each comparison) of the pairs above the threshold."""
    import logging

    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    people = api.register(as_table(traits), dataset_display_name="people")
    linker = Linker(people, settings(len(traits)), log_level=None, validate_settings=False)
    for column in BY_FREQUENCY:
        linker.table_management.register_term_frequency_lookup(
            api.register(_frequencies(connection, column, people.physical_name)), column
        )
    found = linker.inference.predict(threshold_match_weight=threshold, warning_mode="never")
    gammas = ", ".join(f"gamma_{comparison.trait}" for comparison in COMPARISONS)
    query = f"SELECT person_l, person_r, match_weight, {gammas} FROM {found.physical_name}"  # noqa: S608 - our own names
    return connection.execute(query).fetchall()


def _frequencies(connection: "duckdb.DuckDBPyConnection", column: str, people: str) -> "pyarrow.Table":
    """How often each value stands there, as a share; of few people as if they were LEAST_PEOPLE."""
    return connection.sql(
        f"SELECT {column}, count(*) / greatest(sum(count(*)) OVER (), {LEAST_PEOPLE}) AS tf_{column} "  # noqa: S608
        f"FROM {people} WHERE {column} IS NOT NULL GROUP BY {column}"
    ).to_arrow_table()


def as_table(traits: Sequence[Traits]) -> "pyarrow.Table":
    """Arrow columns, for DuckDB to read where they stand."""
    import pyarrow

    kinds = {"documents": pyarrow.list_(pyarrow.int64()), "person": pyarrow.int32(), "birth_year": pyarrow.int16()}
    columns = zip(*traits, strict=True)
    return pyarrow.table(
        {
            name: pyarrow.array(list(values), type=kinds.get(name))
            for name, values in zip(Traits._fields, columns, strict=True)
        }
    )


def _pair(people: Sequence[Person], traits: Sequence[Traits], row: tuple[Any, ...]) -> Pair | None:
    left, right, weight, *gammas = row
    codes = {comparison.trait: comparison.code_of(gamma) for comparison, gamma in zip(COMPARISONS, gammas, strict=True)}
    if not _may_be_one(traits[left], traits[right], codes):
        return None
    ids = sorted((people[left].person_id, people[right].person_id))
    return Pair(
        person_a=ids[0],
        person_b=ids[1],
        weight=round(float(weight), 1),
        strength=strength_of(float(weight)),
        likenesses=tuple(f"{trait}:{codes[trait]}" for trait in COMPARISON_OF),
        compared=compared_digest(traits[left], traits[right]),
    )


def _may_be_one(left: Traits, right: Traits, codes: dict[str, str]) -> bool:
    """What no sum of other likenesses makes good: traits of a family are not independent, as the model takes them."""
    if codes["given"] not in _ALIKE and codes["document"] != "same":
        # Twins, sisters and brothers agree in all but this.
        return False
    if left.household == right.household:
        # One family gives no two children one name; near names in it are brothers and sisters.
        return codes["given"] in {"same", "sounds"} and codes["birth"] in {"same", "swapped", "digit"}
    return True


def strength_of(weight: float) -> str:
    """Words for the bits of evidence."""
    if weight >= VERY_STRONG_FROM:
        return "very_strong"
    return "strong" if weight >= STRONG_FROM else "fair"
