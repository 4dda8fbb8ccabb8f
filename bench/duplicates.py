"""Likely duplicates: how many of those planted are found, how many found are none, in what time and memory.

`python -m bench.duplicates [--people 200000] [--planted 4000]` prints the figures of docs/adr/0009 and fails below
a precision of 0.995 or a recall of 0.93; `--train` prints the numbers of khedmat/duplicates/matching/model.py as
counted on people of another seed.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from random import Random
from typing import Final

from bench._doubles import Town, make_town
from khedmat.duplicates.matching.model import COMPARISONS, Comparison
from khedmat.duplicates.matching.pairs import Pair
from khedmat.duplicates.matching.search import as_table, find_pairs, open_memory
from khedmat.duplicates.matching.traits import traits_of

PRECISION_FLOOR: Final = 0.995
RECALL_FLOOR: Final = 0.93
MEASURED_SEED, TRAINING_SEED = 1405, 1404
RANDOM_PAIRS: Final = 4_000_000
SMALLEST_SHARE: Final = 0.002


def measured(town: Town, pairs: list[Pair]) -> tuple[float, float]:
    """Precision and recall of the pairs found."""
    found = {(pair.person_a, pair.person_b) for pair in pairs}
    right = len(found & town.planted)
    return right / max(1, len(found)), right / max(1, len(town.planted))


def report(people: int, planted: int) -> Iterator[str]:
    """The lines of the measurement; the last says whether the floors hold."""
    town = make_town(people, planted, MEASURED_SEED)
    start = time.perf_counter()
    pairs = find_pairs(town.people)
    took = time.perf_counter() - start
    precision, recall = measured(town, pairs)
    yield f"{people:,} people, {planted:,} of them planted: {len(pairs):,} pairs found"
    yield f"precision {precision:.4f} (at least {PRECISION_FLOOR}), recall {recall:.4f} (at least {RECALL_FLOOR})"
    yield f"{took:.1f} s, peak memory {_peak_megabytes():.0f} MB with the people themselves"
    for strength in ("very_strong", "strong", "fair"):
        of_strength = [pair for pair in pairs if pair.strength == strength]
        share, _recall = measured(town, of_strength)
        yield f"  {strength}: {len(of_strength):,} pairs, precision {share:.4f}"
    yield "holds" if precision >= PRECISION_FLOOR and recall >= RECALL_FLOOR else "FAILS"


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def trained(people: int, planted: int) -> Iterator[str]:
    """For each level how often it holds between two writings of one person (m), and between any two people (u)."""
    town = make_town(people, planted, TRAINING_SEED)
    ordered = sorted(town.people)
    place_of = {person.person_id: place for place, person in enumerate(ordered)}
    random = Random(TRAINING_SEED)
    connection = open_memory()
    table = as_table(traits_of(ordered))
    connection.register("people", table)
    connection.execute("CREATE TABLE same AS SELECT * FROM (SELECT unnest(?) AS l, unnest(?) AS r)", [
        [place_of[one] for one, _ in sorted(town.planted)], [place_of[two] for _, two in sorted(town.planted)]
    ])  # fmt: skip
    connection.execute(f"SELECT setseed({random.random()})")
    connection.execute(
        f"CREATE TABLE anyone AS SELECT (random() * {people - 1})::int AS l, (random() * {people - 1})::int AS r "
        f"FROM range({RANDOM_PAIRS})"
    )
    for comparison in COMPARISONS:
        of_one, of_any = _shares(connection, comparison, "same"), _shares(connection, comparison, "anyone")
        for level in comparison.levels:
            yield f"{comparison.trait:9} {level.code:8} m={of_one[level.code]:.4f} u={of_any[level.code]:.8f}"


def _shares(connection: object, comparison: Comparison, pairs: str) -> dict[str, float]:
    """Each level's share of the pairs in which the trait is there on both sides."""
    import duckdb

    assert isinstance(connection, duckdb.DuckDBPyConnection)
    columns = [row[0] for row in connection.execute("DESCRIBE people").fetchall()]
    sides = ", ".join(f"{side}.{column} AS {column}_{side}" for side in "lr" for column in columns)
    cases = " ".join(f"WHEN {level.sql} THEN '{level.code}'" for level in comparison.levels if level.sql != "ELSE")
    rows = connection.execute(
        f"WITH pairs AS (SELECT {sides} FROM {pairs} p JOIN people l ON l.person = p.l JOIN people r ON r.person = p.r "
        f"WHERE p.l <> p.r) SELECT CASE WHEN {comparison.missing} THEN 'missing' {cases} ELSE 'other' END AS level, "
        "count(*) FROM pairs GROUP BY 1"
    ).fetchall()
    counts = dict(rows)
    total = sum(count for code, count in rows if code != "missing") + 1
    return {level.code: (counts.get(level.code, 0) + 0.5) / total for level in comparison.levels}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--planted", type=int, default=4_000)
    parser.add_argument("--train", action="store_true", help="print the model's numbers instead")
    given = parser.parse_args()
    line = ""
    for line in (trained if given.train else report)(given.people, given.planted):
        print(line, flush=True)
    return int(line == "FAILS")


if __name__ == "__main__":
    sys.exit(main())
