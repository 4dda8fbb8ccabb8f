"""The board of each role: counts against the tables, and rows that lead on."""

from typing import Any

import pytest
from django.utils.translation import override

from khedmat.accounts.enums import Role
from khedmat.casework.enums import CaseStep
from khedmat.casework.selectors import waiting_for_counter
from khedmat.desk.board import Board, board_for
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.web.queueing import Filters, Queue
from khedmat.vault.context import working_context
from tests.cast import STAFF, Cast
from tests.desk.pages import Office, busy
from tests.imports.registers import FAMILY, send, table

pytestmark = [pytest.mark.django_db(transaction=True)]

QUIET = {"shirin": "/office/days/", "manager": "/rounds/", "guardian": "/desk/oversight/"}


@pytest.fixture
def office(cast: Cast) -> Office:
    return busy(cast)


def board_of(cast: Cast, name: str, language: str = "en") -> Board:
    """The board as its reader's page asks for it."""
    with working_context(cast[name]), override(language):
        return board_for(cast[name], Queue(cast[name], CASE_TYPE, Filters()))


def numbers(board: Board) -> set[str]:
    return {row.case.number for row in board.rows}


def counted(as_migrator: Any, where: str, *values: Any) -> dict[str, int]:
    """Cases by step, as the owner of the tables counts them."""
    as_migrator.execute(f"SELECT step, count(*) FROM casework_case WHERE {where} GROUP BY step", values)
    return dict(as_migrator.fetchall())


def test_clerk_counts_own_office_alone(cast: Cast, office: Office, as_migrator: Any) -> None:
    truth = counted(as_migrator, "scope_id = %s", cast.places["shahriar"].pk)
    everywhere = counted(as_migrator, "true")
    assert everywhere["arrived"] == truth["arrived"] + 1 == 2
    board = board_of(cast, "narges")
    with override("en"):
        labels = {str(CaseStep(step).label): count for step, count in truth.items()}
    assert {tile.label: tile.count for tile in board.tiles if tile.count} == labels
    assert len(board.tiles) == 6


def test_clerk_sees_what_waits_at_the_counter_and_nothing_else(cast: Cast, office: Office) -> None:
    board = board_of(cast, "narges")
    assert {row.case.number: row.words for row in board.rows} == {
        office.arrived.number: "Arrived",
        office.to_pay.number: "Waiting for payment",
        office.returned.number: "Returned for completion",
        office.ready.number: "Cards are ready for hand-over",
    }
    assert numbers(board_of(cast, "omid")) == {office.elsewhere.number}


def test_of_each_kind_that_waits_the_longest_waiting_is_found(cast: Cast, office: Office) -> None:
    with working_context(cast["narges"]):
        found = waiting_for_counter(cast["narges"].scope_id, [CaseStep.ARRIVED, CaseStep.PHOTOGRAPHED], 1)
    kinds = {office.arrived.pk, office.to_pay.pk, office.returned.pk, office.ready.pk}
    assert {case.pk for case in found} == kinds


def test_cashier_sees_who_waits_to_pay(cast: Cast, office: Office, as_migrator: Any) -> None:
    truth = counted(as_migrator, "scope_id = %s", cast.places["shahriar"].pk)
    board = board_of(cast, "kamran")
    assert [tile.count for tile in board.tiles] == [truth["photographed"]] == [1]
    assert [row.url for row in board.rows] == [f"/payments/?number={office.to_pay.number}"]


@pytest.mark.parametrize("name", ["bahram", "director"])
def test_officer_counts_the_whole_province(cast: Cast, office: Office, as_migrator: Any, name: str) -> None:
    truth = counted(as_migrator, "province_id = %s", cast.places["tehran"].pk)
    board = board_of(cast, name)
    assert [tile.count for tile in board.tiles] == [
        truth["submitted"],
        truth["under_review"],
        truth.get("closed", 0),
    ]
    # One member of the returned family still waits for a decision; the printed and the ready family's do not.
    assert numbers(board) == {office.submitted.number, office.returned.number}


def test_officer_of_another_province_counts_nothing(cast: Cast, office: Office) -> None:
    board = board_of(cast, "sara")
    assert [tile.count for tile in board.tiles] == [0, 0, 0]
    assert not board.rows


def test_printer_sees_how_many_cards_wait_and_of_which_cases(cast: Cast, office: Office, as_migrator: Any) -> None:
    as_migrator.execute("SELECT count(*), count(DISTINCT case_id) FROM casework_casemember WHERE step = 'approved'")
    cards, families = as_migrator.fetchone()
    board = board_of(cast, "printer")
    assert [tile.count for tile in board.tiles] == [cards, families] == [2, 1]
    assert [(row.case.number, row.words) for row in board.rows] == [(office.to_print.number, "2 cards to print")]
    assert [row.words for row in board_of(cast, "printer", "fa").rows] == ["۲ کارت منتظر چاپ"]


def test_keeper_sees_the_latest_imports_of_own_province(cast: Cast) -> None:
    send(table(FAMILY), cast["nasrin"], working_context, name="mashhad.csv")
    send(table(FAMILY), cast["daftari"], working_context, name="tehran.csv")
    board = board_of(cast, "daftari")
    assert [run.file_name for run in board.imports] == ["tehran.csv"]
    assert (board.first_step, board.first_step_url) == ("Bring in a file", "/imports/")


@pytest.mark.parametrize(("name", "url"), QUIET.items())
def test_desk_without_cases_says_so_and_leads_to_the_work(cast: Cast, office: Office, name: str, url: str) -> None:
    board = board_of(cast, name)
    assert (board.tiles, board.rows, board.first_step_url) == ((), (), url)
    assert board.empty_words == "No case comes to your desk."


@pytest.mark.parametrize(
    "name", ["narges", "kamran", "bahram", "director", "printer", "daftari", "manager", "guardian"]
)
def test_board_of_nothing_has_words_and_one_next_step(cast: Cast, name: str) -> None:
    board = board_of(cast, name)
    assert not board.rows
    assert board.empty_words
    assert board.first_step
    assert board.first_step_url
    assert all(tile.count == 0 for tile in board.tiles)


def test_every_role_has_a_desk_in_this_test() -> None:
    known = ("narges", "kamran", "bahram", "director", "printer", "daftari", *QUIET)
    assert {STAFF[name][2] for name in known} == set(Role)
