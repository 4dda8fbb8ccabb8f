"""Is a person found by name and birth year, however the name is written, and how soon?

`python -m bench.person_search [--people 1000000] [--queries 300]` makes a database of its own, fills it with
synthetic people, asks `registry.actions.look_up` as a clerk of the person's province does, and the same of a plain
trigram index on the full name. The database's cluster must be there (`khedmat db start`); the database is dropped
at the end. Seeded: the same people and questions each time.

recall@5: the share of questions that have the person's household, or one with a member of the very same name and
birth year, among the five hits: namesakes of one province and year are told apart by the family, not by a search.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg

from bench._transliterations import FAMILY, GIVEN
from khedmat.registry.naming import FIRST_KEY_YEAR, TOKENS_IN_A_YEAR, NameWord, words_of_name

NAMES_FILE: Final = Path(__file__).parent.parent / "khedmat/config/demo/data/first_names_with_gender.json"
ENDINGS: Final = ("ی", "زاده", "پور", "نژاد", "یان", "زی", "خیل")
PERSIAN_LETTERS: Final = "ابپتجچحخدرزسشصطعفقکگلمنوهی"
# What writers take for each other: the dictionary holds both.
SPELLINGS: Final = (("ط", "ت"), ("ص", "س"), ("ض", "ز"), ("ح", "ه"), ("غ", "ق"), ("ائ", "ای"), ("یی", "ئی"))
# Few names have many bearers: the n-th is borne by a share of 1 / (n + offset).
OFFSET_GIVEN, OFFSET_FAMILY, OFFSET_PROVINCE = 12, 60, 3
FIRST_BIRTH, LAST_BIRTH = "1946-03-22", "2026-03-20"
SHARE_WITH_LATIN: Final = 0.6
LOOK_UPS_OF_A_CLERK: Final = 150
SEED: Final = 1405


@dataclass(frozen=True, slots=True)
class Named:
    """A name of the synthetic register with its Latin spellings."""

    name: str
    latin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Someone:
    """A person to look for: known by `given` and `family`, which have numbers in the lists of names."""

    person_id: UUID
    household_id: UUID
    province_id: int
    year: int
    given: Named
    family: Named

    @property
    def full_name(self) -> str:
        return f"{self.given.name} {self.family.name}"


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers to one kind of question: seconds of each, and how many had the person among the five."""

    kind: str
    way: str
    seconds: tuple[float, ...]
    found: int

    def row(self) -> str:
        """A line of the table, times in milliseconds."""
        middle, late = median(self.seconds), quantiles(self.seconds, n=20)[-1]
        return (
            f"| {self.kind} | {self.way} | {len(self.seconds)} | {1000 * middle:.1f} | {1000 * late:.1f} "
            f"| {self.found / len(self.seconds):.3f} |"
        )


def names_to_bear(rng: random.Random) -> tuple[list[Named], list[Named]]:
    """Given and family names, the most borne first; some in a second spelling."""
    listed = sorted(json.loads(NAMES_FILE.read_text(encoding="utf-8")), key=lambda row: (row["rate"], row["id"]))
    plain = list(dict.fromkeys(row["name"].strip() for row in listed if row["name"].strip() not in GIVEN))
    given = [Named(name, latin) for name, latin in GIVEN.items()] + [Named(name) for name in plain]
    made = [Named(stem + ending) for stem in plain for ending in ENDINGS]
    rng.shuffle(made)
    family = [Named(name, latin) for name, latin in FAMILY.items()] + made
    return [*given, *_spelt_otherwise(given)], [*family, *_spelt_otherwise(family)]


def _spelt_otherwise(names: Iterable[Named]) -> list[Named]:
    known = {one.name for one in names}
    other = dict.fromkeys(
        one.name.replace(written, too) for one in names for written, too in SPELLINGS if written in one.name
    )
    return [Named(name) for name in other if name not in known]


@contextmanager
def own_database() -> Iterator[None]:
    """A migrated database of this measurement's own, with keys of its own; dropped at the end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khedmat.config.settings")
    os.environ.setdefault("KHEDMAT_DEMO", "1")
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    from khedmat.config.platform.database import admin_url, connection_settings
    from khedmat.config.platform.roles import create_database, drop_database
    from khedmat.vault.context import rotate_context_key
    from khedmat.vault.keyring import ensure_keys

    name = f"bench_{connection_settings().app.name}_{os.getpid()}"
    create_database(admin_url(), connection_settings().roles, name)
    try:
        with tempfile.TemporaryDirectory() as keys:
            ensure_keys(Path(keys))
            settings.KHEDMAT_KEYS_DIR = Path(keys)
            for alias in connections:
                connections[alias].settings_dict["NAME"] = name
                settings.DATABASES[alias]["NAME"] = name
            call_command("migrate", database="migrator", verbosity=0)
            rotate_context_key()
            yield
    finally:
        connections.close_all()
        drop_database(admin_url(), name)


def owner() -> psycopg.Connection[Any]:
    """A connection of the database's owner, who may write people without opening each."""
    from django.db import connection

    from khedmat.config.platform.database import connection_settings

    name = str(connection.settings_dict["NAME"])
    return psycopg.connect(connection_settings().migrator.url(database=name), autocommit=True)


def forget() -> None:
    """Drop what `fill` made beside the register's own tables."""
    with owner() as connection:
        connection.execute("DROP TABLE IF EXISTS bench_given, bench_family, bench_household, bench_drawn, bench_person")


def fill(people: int, given: Sequence[Named], family: Sequence[Named]) -> None:
    """Write `people` synthetic people in households of about five, set-wise."""
    with owner() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.1405)")
        _write_names(cursor, "bench_given", given)
        _write_names(cursor, "bench_family", family)
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'registry_keys'")
        (index,) = cursor.fetchone() or ("",)
        cursor.execute("DROP INDEX registry_keys")
        for statement in _people_statements(people, len(given), len(family)):
            cursor.execute(statement.encode())
        cursor.execute(index.encode())
        cursor.execute("CREATE INDEX bench_plain ON bench_person USING gin (full_name gin_trgm_ops)")
        cursor.execute("VACUUM ANALYZE registry_person, registry_household, registry_nametoken, bench_person")


def _write_names(cursor: psycopg.Cursor[Any], table: str, names: Sequence[Named]) -> None:
    cursor.execute(f"CREATE TABLE {table} (n int, spelling int, name text, latin text, ids int[])".encode())
    rows = [(n, 0, one.name, "", words_of_name(one.name)) for n, one in enumerate(names)]
    rows += [
        (n, spelling, one.name, latin, words_of_name(one.name, latin_name=latin))
        for n, one in enumerate(names)
        for spelling, latin in enumerate(one.latin, start=1)
    ]
    ids = _ids_of({word for row in rows for word in row[4]}, cursor)
    with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for n, spelling, name, latin, words in rows:
            copy.write_row((n, spelling, name, latin, [ids[word] for word in words]))
    cursor.execute(f"CREATE UNIQUE INDEX ON {table} (n, spelling)".encode())
    cursor.execute(f"ANALYZE {table}".encode())


def _ids_of(words: Iterable[NameWord], cursor: psycopg.Cursor[Any]) -> dict[NameWord, int]:
    asked = list(words)
    cursor.execute(
        "SELECT guard.keep_name_tokens(%s::text[], %s::text[])",
        [[word.token for word in asked], [word.sound for word in asked]],
    )
    (ids,) = cursor.fetchone() or ([],)
    return dict(zip(asked, ids, strict=True))


def _share(names: int, offset: int) -> str:
    """SQL for the number of a name of which the n-th is borne by a share of 1 / (n + offset)."""
    drawn = f"{offset} * power(({names} + {offset})::float8 / {offset}, random()) - {offset}"
    return f"least({names - 1}, floor({drawn}))::int"


def _people_statements(people: int, given: int, family: int) -> list[str]:
    households = max(1, people // 5)
    return [
        f"""CREATE TABLE bench_household AS SELECT n, gen_random_uuid() AS id,
              {_share(family, OFFSET_FAMILY)} AS family, {_share(31, OFFSET_PROVINCE)} AS province
            FROM generate_series(0, {households - 1}) AS n""",
        "ANALYZE bench_household",
        """INSERT INTO registry_household (id, province_id, version, created_by)
           SELECT h.id, p.id, 1, gen_random_uuid() FROM bench_household h
           JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM places_scope WHERE kind = 'province') p
             ON p.n = h.province""",
        f"""CREATE TABLE bench_drawn AS SELECT n, gen_random_uuid() AS id, n % {households} AS household,
              {_share(given, OFFSET_GIVEN)} AS given, random() < 0.4 AS is_wed_in,
              {_share(family, OFFSET_FAMILY)} AS born_family,
              CASE WHEN random() < {SHARE_WITH_LATIN} THEN random() END AS spelling,
              date '{FIRST_BIRTH}' + floor((date '{LAST_BIRTH}' - date '{FIRST_BIRTH}') * sqrt(random()))::int
                AS birth_on FROM generate_series(0, {people - 1}) AS n""",
        "ANALYZE bench_drawn",
        """CREATE TABLE bench_person AS
           SELECT d.n, d.id, h.id AS household_id, guard.jalali_year(d.birth_on) AS year, d.birth_on, d.given,
             CASE WHEN d.is_wed_in AND d.n >= (SELECT count(*) FROM bench_household) THEN d.born_family
               ELSE h.family END AS family, d.spelling
           FROM bench_drawn d JOIN bench_household h ON h.n = d.household""",
        "ANALYZE bench_person",
        f"""INSERT INTO registry_person (id, household_id, given_name, family_name, latin_name, father_name,
              grandfather_name, search_keys, sex, birth_on, relation, position, version, created_by)
            SELECT p.id, p.household_id, g.name, f.name, trim(coalesce(gl.latin, '') || ' ' || coalesce(fl.latin, '')),
              'احمد', '', (SELECT array_agg(DISTINCT (p.year - {FIRST_KEY_YEAR}) * {TOKENS_IN_A_YEAR} + id)
                FROM unnest(coalesce(gl.ids, g.ids) || coalesce(fl.ids, f.ids)) AS id),
              'male', p.birth_on, CASE WHEN p.n < (SELECT count(*) FROM bench_household) THEN 'head' ELSE 'other' END,
              p.n / (SELECT count(*) FROM bench_household) + 1, 1, gen_random_uuid()
            FROM bench_person p JOIN bench_given g ON g.n = p.given AND g.spelling = 0
            JOIN bench_family f ON f.n = p.family AND f.spelling = 0
            LEFT JOIN bench_given gl ON gl.n = p.given AND gl.spelling = 1 + floor(4 * p.spelling)::int
            LEFT JOIN bench_family fl ON fl.n = p.family AND fl.spelling = 1 + floor(3 * p.spelling)::int""",
        "ANALYZE registry_person, registry_household",
        "ALTER TABLE bench_person ADD COLUMN full_name text, ADD COLUMN province_id int",
        """UPDATE bench_person b SET full_name = p.given_name || ' ' || p.family_name, province_id = h.province_id
           FROM registry_person p JOIN registry_household h ON h.id = p.household_id WHERE p.id = b.id""",
        "CREATE INDEX ON bench_person (full_name, year, province_id)",
    ]


def people_to_seek(
    given: Sequence[Named], family: Sequence[Named], *, transliterated: bool, most: int
) -> list[Someone]:
    """People chosen evenly from all; with `transliterated`, of those whose names have Latin spellings."""
    having = "given = ANY (%(given)s) AND family = ANY (%(family)s)" if transliterated else "true"
    with owner() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, household_id, province_id, year, given, family FROM bench_person WHERE "
            f"{having} ORDER BY md5(n::text) LIMIT {most}".encode(),
            {"given": list(range(len(GIVEN))), "family": list(range(len(FAMILY)))},
        )
        return [
            Someone(person_id, household_id, province_id, year, given[given_n], family[family_n])
            for person_id, household_id, province_id, year, given_n, family_n in cursor.fetchall()
        ]


def exactly(one: Someone, rng: random.Random) -> str:
    """As the papers name the person."""
    return one.full_name


def with_a_slip(one: Someone, rng: random.Random) -> str:
    """One letter of one word left out, put in, replaced, or changed with its neighbour."""
    words = [one.given.name, one.family.name]
    which = rng.randrange(2)
    word = words[which]
    place = rng.randrange(len(word))
    letter = rng.choice(PERSIAN_LETTERS)
    slips = [word[:place] + letter + word[place:], word[:place] + letter + word[place + 1 :]]
    if len(word) > 2:
        slips.append(word[:place] + word[place + 1 :])
    if place + 1 < len(word):
        slips.append(word[:place] + word[place + 1] + word[place] + word[place + 2 :])
    words[which] = rng.choice(slips)
    return " ".join(words)


def in_latin(one: Someone, rng: random.Random) -> str:
    """In one of the Latin spellings that the names are known by."""
    return f"{rng.choice(one.given.latin)} {rng.choice(one.family.latin)}"


def sought_in_register(queries: Sequence[tuple[Someone, str]]) -> tuple[list[float], list[list[UUID]]]:
    """The whole look-up at a counter, counted and recorded; a new clerk comes before the day's budget is spent."""
    from django.db import connection

    from khedmat.common.actor import Actor
    from khedmat.registry.actions import look_up
    from khedmat.vault.context import working_context

    seconds, answers = [], []
    clerk = uuid4()
    for number, (one, text) in enumerate(queries):
        clerk = uuid4() if number % LOOK_UPS_OF_A_CLERK == 0 else clerk
        actor = Actor(clerk, "clerk", one.province_id, "take_application")
        with working_context(actor):
            began = time.perf_counter()
            found = look_up(name=text, birth_years=[one.year], by=actor)
            seconds.append(time.perf_counter() - began)
            assert len(found.hits) <= 5
            with connection.cursor() as cursor:
                cursor.execute("SELECT households FROM registry_lookup WHERE id = %s", [found.look_up_id])
                answers.append(cursor.fetchone()[0])
    return seconds, answers


def sought_by_trigrams(queries: Sequence[tuple[Someone, str]]) -> tuple[list[float], list[list[UUID]]]:
    """The likest full names of the year and province, by a trigram index on the full name."""
    seconds, answers = [], []
    with owner() as connection, connection.cursor() as cursor:
        for one, text in queries:
            began = time.perf_counter()
            cursor.execute(
                "SELECT household_id FROM bench_person WHERE full_name %% %(text)s AND year = %(year)s "
                "AND province_id = %(province)s ORDER BY similarity(full_name, %(text)s) DESC LIMIT 5",
                {"text": text, "year": one.year, "province": one.province_id},
            )
            answers.append([household for (household,) in cursor.fetchall()])
            seconds.append(time.perf_counter() - began)
    return seconds, answers


WAYS: Final = {"Khedmat": sought_in_register, "plain trigrams": sought_by_trigrams}
KINDS: Final[dict[str, Callable[[Someone, random.Random], str]]] = {
    "exact": exactly,
    "one slip": with_a_slip,
    "transliterated": in_latin,
}


def measure(given: Sequence[Named], family: Sequence[Named], queries: int) -> list[Measured]:
    """Every kind of question in every way, after questions about other people that warm the caches."""
    outcomes = []
    others = people_to_seek(given, family, transliterated=False, most=2 * queries)[queries:]
    for seek in WAYS.values():
        seek([(one, one.full_name) for one in others])
    for kind, written in KINDS.items():
        rng = random.Random(SEED)
        people = people_to_seek(given, family, transliterated=kind == "transliterated", most=queries)
        asked = [(one, written(one, rng)) for one in people]
        namesakes = _namesakes(people)
        for way, seek in WAYS.items():
            seconds, answers = seek(asked)
            found = sum(
                bool(namesakes[one.person_id] & set(answer))
                for (one, _text), answer in zip(asked, answers, strict=True)
            )
            outcomes.append(Measured(kind, way, tuple(seconds), found))
    return outcomes


def _namesakes(people: Iterable[Someone]) -> dict[UUID, set[UUID]]:
    """The households of each person and of those of the same name, year and province."""
    with owner() as connection, connection.cursor() as cursor:
        households = {}
        for one in people:
            cursor.execute(
                "SELECT household_id FROM bench_person WHERE full_name = %s AND year = %s AND province_id = %s",
                (one.full_name, one.year, one.province_id),
            )
            households[one.person_id] = {household for (household,) in cursor.fetchall()}
    return households


def table(outcomes: Iterable[Measured], people: int, tokens: int) -> Iterator[str]:
    """The lines of the printed table."""
    yield f"{people:,} people, a dictionary of {tokens:,} words"
    yield "| question | way | asked | p50 ms | p95 ms | recall@5 |"
    yield "|---|---|---|---|---|---|"
    yield from (outcome.row() for outcome in outcomes)


def words_known() -> int:
    """How many words the dictionary holds."""
    with owner() as connection:
        row = connection.execute("SELECT count(*) FROM registry_nametoken").fetchone()
        return int(row[0]) if row else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=400, help="questions of each kind")
    chosen = parser.parse_args()
    given, family = names_to_bear(random.Random(SEED))
    with own_database():
        fill(chosen.people, given, family)
        outcomes = measure(given, family, chosen.queries)
        for line in table(outcomes, chosen.people, words_known()):
            print(line)


if __name__ == "__main__":
    main()
