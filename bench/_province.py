"""A province at work, for measuring: 16 of its staff with cases of their own, and as many more cases as are asked for.

`python -m bench._province 200000` fills the database of the site in whose environment it is started, and prints who
works there with the addresses of what they work on, as JSON. The cases that are opened are made by the actions that
the pages call; the others are the same rows under other ids, written by the tables' owner: nobody opens those, they
fill the queues and the indexes.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import psycopg

CLERKS, OFFICERS, CASES_EACH, MEMBERS = 8, 8, 4, 3
AT_ONCE = 20_000
# In the order of their keys. What points from one to another points to the row of the same copy.
COPIED = (
    "registry_household",
    "registry_person",
    "registry_membership",
    "registry_persondocument",
    "casework_case",
    "casework_casemember",
    "casework_papercheck",
    "casework_milestone",
    "payments_charge",
    "payments_instalment",
)
# Columns that must be another in each copy, though no key.
OTHER = {
    "registry_household.code_index": "decode(md5(t.code_index::text || g::text), 'hex')",
    "registry_persondocument.number_index": "decode(md5(t.number_index::text || g::text), 'hex')",
    # Pictures are not copied: nobody opens a copy.
    "casework_casemember.portrait_id": "NULL",
    "casework_papercheck.file_id": "NULL",
    "casework_case.number": "t.number || '-' || g::text",
    "payments_charge.subject_number": "t.subject_number || '-' || g::text",
}
POINTING = frozenset(
    {"id", "household_id", "person_id", "case_id", "member_id", "subject_id", "charge_id", "case_member_id"}
)


def main(cases: int) -> None:
    """Make the staff and their cases, then the copies; print the addresses."""
    from khedmat.config.platform.site import load_django

    load_django()
    from django.db import connection

    from khedmat.config.platform.database import connection_settings

    people = list(_people())
    with psycopg.connect(connection_settings().migrator.url()) as owner:
        _copy(owner, cases)
        owner.commit()
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE")
    connection.close()
    json.dump(people, sys.stdout)


def _people() -> Iterator[dict[str, Any]]:
    """Who works, and on what."""
    from khedmat.accounts.enums import Role
    from khedmat.config.demo.line import ROUND
    from khedmat.places.models import Scope
    from tests import line
    from tests.cast import Cast
    from tests.factories import staff

    province = Scope.objects.get(kind="province", code="23")
    offices = list(Scope.objects.filter(kind="office", path__startswith=province.path).order_by("code"))
    cast = Cast({}, {"tehran": province})
    for number, office in enumerate(offices):
        cast.actors[f"till-{number}"] = staff(f"load-cashier-{number}", Role.CASHIER, office)
    serial = 0
    for number in range(CLERKS):
        name, place = f"load-clerk-{number}", number % len(offices)
        cast.actors[name] = staff(name, Role.CLERK, offices[place])
        own = []
        for _case in range(CASES_EACH):
            serial += 1
            household = line.register(cast, name, cards_from=60_000_000 + serial * 10, size=MEMBERS)
            own.append(f"/cases/{line.take_application(cast, household, name).pk}/")
        yield {"name": name, "kind": "clerk", "pages": ["/desk/", f"/rounds/{ROUND}/", *own, "/hand-over/"]}
    for number in range(OFFICERS):
        name, clerk = f"load-officer-{number}", f"load-clerk-{number % CLERKS}"
        cast.actors[name] = staff(name, Role.CASE_OFFICER, province)
        own = []
        for _case in range(CASES_EACH):
            serial += 1
            household = line.register(cast, clerk, cards_from=60_000_000 + serial * 10, size=MEMBERS)
            case = line.take_application(cast, household, clerk)
            line.pay(cast, case, f"till-{number % CLERKS % len(offices)}", receipt=f"L{serial}")
            line.submit(cast, case.pk, clerk)
            own.append(f"/review/{case.pk}/")
        pages = ["/desk/", "/review/", "/review/?step=submitted&page=20", *own, "/review/?step=submitted"]
        yield {"name": name, "kind": "officer", "pages": pages}


def _copy(owner: psycopg.Connection[Any], cases: int) -> None:
    """So many cases in all, in portions: each portion copies every case that was there at first."""
    (templates,) = _one(owner, "SELECT count(*) FROM casework_case")
    owner.execute("CREATE TEMPORARY TABLE template AS SELECT id, household_id FROM casework_case")
    for table in COPIED:
        # What triggers note of a change, or check at commit, was noted and checked with the rows that are copied.
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    rounds, step = max(0, cases // templates - 1), max(1, AT_ONCE // templates)
    for begin in range(1, rounds + 1, step):
        for table in COPIED:
            owner.execute(_statement(owner, table), {"first": begin, "last": min(begin + step - 1, rounds)})
        owner.commit()
    for table in COPIED:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


def _statement(owner: psycopg.Connection[Any], table: str) -> bytes:
    described = owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
        "AND table_name = %s AND is_identity = 'NO' AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    kinds = dict(described.fetchall())
    columns = list(kinds)
    values = []
    for column in columns:
        other = OTHER.get(f"{table}.{column}")
        if other is None and column in POINTING and kinds[column] == "uuid":
            other = f"md5(t.{column}::text || g::text)::uuid"
        values.append(other or f"t.{column}")
    family = {
        "registry_household": "t.id IN (SELECT household_id FROM template)",
        "registry_person": "t.household_id IN (SELECT household_id FROM template)",
        "registry_membership": "t.household_id IN (SELECT household_id FROM template)",
        "registry_persondocument": "t.household_id IN (SELECT household_id FROM template)",
        "casework_case": "t.id IN (SELECT id FROM template)",
        "payments_charge": "t.subject_id IN (SELECT id FROM template)",
        "payments_instalment": "t.charge_id IN (SELECT c.id FROM payments_charge c JOIN template m "
        "ON m.id = c.subject_id)",
    }.get(table, "t.case_id IN (SELECT id FROM template)")
    quoted = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {table} ({quoted}) SELECT {', '.join(values)} FROM {table} t, "
        f"generate_series(%(first)s::int, %(last)s::int) g WHERE {family}"
    ).encode()


def _one(owner: psycopg.Connection[Any], statement: str) -> Any:
    return owner.execute(statement.encode()).fetchone()


if __name__ == "__main__":
    main(int(sys.argv[1]))
