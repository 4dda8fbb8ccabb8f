"""The process that searches: `python -m khedmat.duplicates.matching`, told on its standard input where and as whom.

It knows one address, that of the matcher's database role, and one signed context. It writes the pairs to its standard
output, and of an error its kind alone: the words of an error may quote a person's data.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from khedmat.duplicates.matching.traits import Person

ROWS_AT_ONCE: Final = 5_000


def read_people(url: str, setting: str, token: str) -> list[Person]:
    """Everybody whom the token's province shows to the matcher. Names that many bear are kept once in memory."""
    seen: dict[str, str] = {}

    def once(text: str) -> str:
        return seen.setdefault(text, text)

    with psycopg.connect(url) as connection:
        # Bound by the server, so that the token stands in no statement that others could see.
        connection.execute("SELECT set_config(%s, %s, true)", [setting, token])
        return [
            Person(
                str(person), once(str(household)), once(given), once(family), once(father), once(sex), born, documents
            )
            for person, household, given, family, father, sex, born, documents in _rows(connection)
        ]


def _rows(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor(name="people") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute("SELECT * FROM guard.people_to_match()")
        yield from cursor


def main() -> int:
    """Read the order, look, answer."""
    try:
        order = json.load(sys.stdin)
        people = read_people(order["url"], order["setting"], order["token"])
        # Imported late: they are heavy, and a province without people needs neither.
        from khedmat.duplicates.matching.search import find_pairs

        pairs = [pair._asdict() for pair in find_pairs(people)]
    except Exception as error:
        sys.stderr.write(type(error).__name__)
        return 1
    json.dump({"people": len(people), "pairs": pairs}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
