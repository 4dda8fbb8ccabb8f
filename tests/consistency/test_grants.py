"""How a family is opened: the definer functions, asked as the app in a transaction that the owner can arrange."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.common.actor import Actor
from khedmat.common.jalali import to_jalali
from khedmat.registry.naming import words_sought
from tests.consistency.conftest import Both, World, set_context
from tests.consistency.database import rows

NOT_YOURS, ROLE_MAY_NOT, SPENT = "KH002", "KH003", "KH001"


@contextmanager
def refused(state: str) -> Iterator[None]:
    with pytest.raises(psycopg.DatabaseError) as caught:
        yield
    assert caught.value.sqlstate == state


def _as(both: Both, actor: Actor | None) -> Any:
    cursor = both.as_app()
    set_context(cursor, actor)
    return cursor


def _ask(both: Both, actor: Actor | None, statement: str, *values: object) -> Any:
    cursor = _as(both, actor)
    cursor.execute("SAVEPOINT before")
    try:
        return rows(cursor, f"SELECT {statement}", *values)[0][0]
    except psycopg.DatabaseError:
        cursor.execute("ROLLBACK TO SAVEPOINT before")
        raise


def _sees(both: Both, actor: Actor, household: UUID) -> bool:
    cursor = _as(both, actor)
    return bool(rows(cursor, "SELECT count(*) FROM registry_household WHERE id = %s", household)[0][0])


def _case_of(both: Both, actor: Actor) -> tuple[UUID, UUID]:
    """The first case of the actor's place."""
    first = "SELECT id, household_id FROM casework_case WHERE scope_id = %s ORDER BY opened_at LIMIT 1"
    ((case, household),) = rows(both.as_owner(), first, actor.scope_id)
    return case, household


def _look_up(both: Both, actor: Actor, of_household: UUID) -> UUID:
    ((name, born),) = rows(
        both.as_owner(),
        "SELECT given_name, birth_on FROM registry_person WHERE household_id = %s AND relation = 'head'",
        of_household,
    )
    words = words_sought(name)
    answer = _ask(
        both,
        actor,
        "guard.look_up(NULL, %s::text[], %s::text[], %s::int[], %s::int[])",
        [word.token for word in words],
        [word.sound for word in words],
        [word.covers for word in words],
        [to_jalali(born).year],
    )
    assert len(answer["hits"]) >= 1
    return UUID(answer["id"])


def _place_of(both: Both, look_up: UUID, household: UUID) -> int:
    """Position of the household among the hits: families of the tests may share a name and a birth date."""
    (found,) = rows(both.as_owner(), "SELECT households FROM registry_lookup WHERE id = %s", look_up)
    households: list[UUID] = found[0]
    return households.index(household) + 1


def test_hit_opens_the_family_for_the_one_who_looked(both: Both, world: World) -> None:
    _case, household = _case_of(both, world["narges"])
    looked = _look_up(both, world["omid"], household)
    assert not _sees(both, world["omid"], household)
    place = _place_of(both, looked, household)
    assert _ask(both, world["omid"], "guard.open_hit(%s, %s)", looked, place) == household
    assert _sees(both, world["omid"], household)
    assert not _sees(both, world["newcomer"], household)


@pytest.mark.parametrize("other", ["newcomer", "mina", "bahram", "printer", "guardian"])
def test_hit_of_another_user_stays_shut(both: Both, world: World, other: str) -> None:
    _case, household = _case_of(both, world["narges"])
    looked = _look_up(both, world["omid"], household)
    with refused(NOT_YOURS):
        _ask(both, world[other], "guard.open_hit(%s, 1)", looked)


def test_hit_at_another_place_stays_shut(both: Both, world: World) -> None:
    _case, household = _case_of(both, world["narges"])
    looked = _look_up(both, world["omid"], household)
    moved = Actor(world["omid"].user_id, "clerk", world["narges"].scope_id, "take_application")
    with refused(NOT_YOURS):
        _ask(both, moved, "guard.open_hit(%s, 1)", looked)


@pytest.mark.parametrize("position", [0, -1, 6, 2**31 - 1, None])
def test_no_such_hit_stays_shut(both: Both, world: World, position: int | None) -> None:
    looked = _look_up(both, world["omid"], _case_of(both, world["narges"])[1])
    with refused(NOT_YOURS):
        _ask(both, world["omid"], "guard.open_hit(%s, %s)", looked, position)


def test_forged_look_up_stays_shut(both: Both, world: World) -> None:
    with refused(NOT_YOURS):
        _ask(both, world["omid"], "guard.open_hit(%s, 1)", uuid4())


@pytest.mark.parametrize(("minutes", "opens"), [(14, True), (16, False)])
def test_hit_opens_for_a_quarter_of_an_hour(both: Both, world: World, minutes: int, opens: bool) -> None:
    looked = _look_up(both, world["omid"], _case_of(both, world["narges"])[1])
    both.as_owner().execute(
        "UPDATE registry_lookup SET at = now() - make_interval(mins => %s) WHERE id = %s", [minutes, looked]
    )
    if opens:
        assert _ask(both, world["omid"], "guard.open_hit(%s, 1)", looked)
    else:
        with refused(NOT_YOURS):
            _ask(both, world["omid"], "guard.open_hit(%s, 1)", looked)


def test_no_document_finds_a_family_of_another_province(both: Both, world: World) -> None:
    _case, household = _case_of(both, world["narges"])
    (index,) = rows(
        both.as_owner(), "SELECT number_index FROM registry_persondocument WHERE household_id = %s", household
    )[0]
    assert _ask(both, world["mina"], "guard.look_up(%s, NULL, NULL, NULL, NULL)", index)["hits"] == []
    assert len(_ask(both, world["omid"], "guard.look_up(%s, NULL, NULL, NULL, NULL)", index)["hits"]) == 1


@pytest.mark.parametrize("name", ["kamran", "bahram", "director", "printer", "manager", "guardian"])
def test_roles_without_a_counter_look_nobody_up(both: Both, world: World, name: str) -> None:
    with refused(ROLE_MAY_NOT):
        _ask(both, world[name], "guard.look_up(%s, NULL, NULL, NULL, NULL)", b"x" * 32)


@pytest.mark.parametrize(
    "asked",
    [
        "NULL, NULL, NULL, NULL, NULL",
        "NULL, '{}', '{}', '{}', '{1370}'",
        "NULL, '{abc}', '{abc}', '{1}', NULL",
        "NULL, '{ab}', '{ab}', '{1}', '{1370}'",
        "NULL, '{abc}', '{abc,d}', '{1}', '{1370}'",
        "NULL, '{abc,NULL}', '{abc,NULL}', '{1,2}', '{1370}'",
        "NULL, '{abc,d}', '{abc,d}', '{3,3}', '{1370}'",
        "NULL, '{abc}', '{abc}', '{1}', '{1368,1369,1370}'",
        "NULL, '{abc}', '{abc}', '{1}', '{99999}'",
    ],
)
def test_look_up_of_everybody_is_refused(both: Both, world: World, asked: str) -> None:
    with refused(NOT_YOURS):
        _ask(both, world["narges"], f"guard.look_up({asked})")


@pytest.mark.parametrize(
    "call",
    ["open_hit(gen_random_uuid(), 1)", "begin_household(gen_random_uuid())", "open_case(gen_random_uuid())",
     "open_batch(gen_random_uuid())", "look_up('\\x00', NULL, NULL, NULL, NULL)",
     "name_token_ids('{a}', '{a}')", "note('a', 'b', 'c', NULL, NULL, '{}')"],
)  # fmt: skip
def test_nothing_opens_without_context(both: Both, call: str) -> None:
    with refused(NOT_YOURS):
        _ask(both, None, f"guard.{call}")


def test_the_app_opens_no_grant_by_itself(both: Both, world: World) -> None:
    _case, household = _case_of(both, world["mina"])
    with refused("42501"):
        _ask(both, world["narges"], "guard.open_grant(%s, NULL, 'by hand')", household)


@pytest.mark.parametrize("whose", ["narges", "omid", "mina"])
def test_existing_household_is_not_begun_again(both: Both, world: World, whose: str) -> None:
    _case, household = _case_of(both, world[whose])
    with refused(NOT_YOURS):
        _ask(both, world["newcomer"], "guard.begin_household(%s)", household)
    assert not _sees(both, world["newcomer"], household)


@pytest.mark.parametrize(("name", "state"), [("kamran", ROLE_MAY_NOT), ("manager", NOT_YOURS), ("guardian", NOT_YOURS)])
def test_roles_that_register_nobody_begin_no_household(both: Both, world: World, name: str, state: str) -> None:
    with refused(state):
        _ask(both, world[name], "guard.begin_household(gen_random_uuid())")


STEPS = {
    "narges": set(CaseStep),
    "newcomer": set(CaseStep),
    "kamran": set(),
    "omid": set(),
    "mina": set(),
    "bahram": {CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW, CaseStep.CLOSED},
    "laleh": {CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW, CaseStep.CLOSED},
    "director": {CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW, CaseStep.CLOSED},
    "sara": set(),
    "manager": set(),
    "guardian": set(),
}


@pytest.mark.parametrize("step", CaseStep)
@pytest.mark.parametrize("name", STEPS)
def test_case_opens_to_those_whose_work_it_is(both: Both, world: World, name: str, step: CaseStep) -> None:
    case, household = _case_of(both, world["narges"])
    _put_at(both, case, step)
    both.cursor.execute("DELETE FROM accounts_grant")
    if step in STEPS[name]:
        assert _ask(both, world[name], "guard.open_case(%s)", case) == household
        assert _sees(both, world[name], household)
    else:
        with refused(NOT_YOURS):
            _ask(both, world[name], "guard.open_case(%s)", case)
        assert not _sees(both, world[name], household)


def _put_at(both: Both, case: UUID, step: CaseStep) -> None:
    is_end = step in {CaseStep.CLOSED, CaseStep.WITHDRAWN}
    both.as_owner().execute(
        "UPDATE casework_case SET step = %s, closed_at = CASE WHEN %s THEN now() END, "
        "closed_by = CASE WHEN %s THEN opened_by END WHERE id = %s",
        [step, is_end, is_end, case],
    )


@pytest.mark.parametrize("step", MemberStep)
def test_printer_opens_cases_with_cards_to_print_alone(both: Both, world: World, step: MemberStep) -> None:
    case, household = _case_of(both, world["narges"])
    both.as_owner().execute("UPDATE casework_casemember SET step = %s WHERE case_id = %s", [step, case])
    both.cursor.execute("DELETE FROM accounts_grant")
    if step in {MemberStep.APPROVED, MemberStep.IN_PRINT, MemberStep.READY}:
        assert _ask(both, world["printer"], "guard.open_case(%s)", case) == household
    else:
        with refused(NOT_YOURS):
            _ask(both, world["printer"], "guard.open_case(%s)", case)
    with refused(NOT_YOURS):
        _ask(both, world["printer-khorasan"], "guard.open_case(%s)", case)


def test_clerk_opens_a_closed_case_for_thirty_days(both: Both, world: World) -> None:
    case, _household = _case_of(both, world["narges"])
    _put_at(both, case, CaseStep.CLOSED)
    both.cursor.execute("UPDATE casework_case SET closed_at = now() - interval '31 days' WHERE id = %s", [case])
    with refused(NOT_YOURS):
        _ask(both, world["newcomer"], "guard.open_case(%s)", case)


def test_grant_ends_by_itself(both: Both, world: World) -> None:
    _case, household = _case_of(both, world["narges"])
    assert _sees(both, world["narges"], household)
    both.as_owner().execute(
        "UPDATE accounts_grant SET expires_at = now() - interval '1 second' WHERE household_id = %s", [household]
    )
    for table in ("registry_person", "casework_casemember", "cards_card", "files_storedfile", "casework_decision"):
        cursor = _as(both, world["narges"])
        assert rows(cursor, f"SELECT count(*) FROM {table} WHERE household_id = %s", household) == [(0,)], table


def test_grant_lasts_a_working_day(both: Both, world: World) -> None:
    (longest,) = rows(
        both.as_owner(), "SELECT max(expires_at - opened_at) <= interval '8 hours 1 second' FROM accounts_grant"
    )
    assert longest == (True,)


def test_opened_households_are_counted_and_recorded(both: Both, world: World) -> None:
    case, household = _case_of(both, world["narges"])
    before = _ask(both, world["newcomer"], "guard.households_opened_today()")
    for _again in range(3):
        _ask(both, world["newcomer"], "guard.open_case(%s)", case)
    assert _ask(both, world["newcomer"], "guard.households_opened_today()") == before + 1
    entries = rows(
        both.as_owner(),
        "SELECT count(*) FROM audit_entry WHERE action = 'household.opened' AND actor_id = %s AND household_id = %s",
        world["newcomer"].user_id,
        household,
    )
    assert entries == [(1,)]


def test_the_day_s_budget_holds_over_roles_and_places(both: Both, world: World) -> None:
    case, _household = _case_of(both, world["narges"])
    both.as_owner().execute("UPDATE accounts_readbudget SET households_a_day = 1 WHERE role = 'clerk'")
    newcomer = world["newcomer"]
    both.cursor.execute(
        "INSERT INTO accounts_grant (id, user_id, scope_id, household_id, role, purpose, way, expires_at) "
        "VALUES (gen_random_uuid(), %s, %s, gen_random_uuid(), 'clerk', 'daily_work', 'case', "
        "now() - interval '1 second')",
        [newcomer.user_id, world["omid"].scope_id],
    )
    with refused(SPENT):
        _ask(both, newcomer, "guard.open_case(%s)", case)


def test_yesterday_s_openings_do_not_count(both: Both, world: World) -> None:
    case, _household = _case_of(both, world["narges"])
    both.as_owner().execute("UPDATE accounts_readbudget SET households_a_day = 1 WHERE role = 'clerk'")
    both.cursor.execute(
        "INSERT INTO accounts_grant (id, user_id, scope_id, household_id, role, purpose, way, opened_at, expires_at) "
        "VALUES (gen_random_uuid(), %s, %s, gen_random_uuid(), 'clerk', 'daily_work', 'case', "
        "guard.start_of_day() - interval '1 second', now())",
        [world["newcomer"].user_id, world["newcomer"].scope_id],
    )
    assert _ask(both, world["newcomer"], "guard.open_case(%s)", case)
