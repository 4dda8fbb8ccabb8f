"""Who locks what first: everybody in the same order, or two at once would each wait for the other."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khedmat.cards.actions import make_batch, mark_batch_printed
from khedmat.cards.models import PrintBatch
from khedmat.cards.printing import prepare_batch
from khedmat.casework.models import Case
from khedmat.rounds.enrolment import withdraw_enrolment
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ORDER = ("cards_printbatch", "payments_charge", "casework_case")
BEHIND_THE_CASE = {"casework_casemember", "cards_card"}
_LOCKED = re.compile(r'^SELECT .*? FROM "(\w+)".* FOR UPDATE', re.DOTALL)


def locked_tables(act: Callable[[], object]) -> list[str]:
    """The tables whose rows an act locks, each at its first lock."""
    with CaptureQueriesContext(connection) as asked:
        act()
    found = [match[1] for query in asked.captured_queries if (match := _LOCKED.match(query["sql"]))]
    return list(dict.fromkeys(found))


def faults(step: str, tables: list[str]) -> list[str]:
    """What is out of order in a step's locks."""
    ordered = [table for table in tables if table in ORDER]
    found = [] if ordered == sorted(ordered, key=ORDER.index) else [f"{step}: {ordered}"]
    behind = [table for table in tables if table in BEHIND_THE_CASE]
    if behind and (ordered[-1:] != ["casework_case"] or tables.index(behind[0]) < tables.index("casework_case")):
        found.append(f"{step}: {behind} before their case")
    return found


def withdraw(cast: Cast, case: Case) -> None:
    with working_context(cast["narges"]):
        withdraw_enrolment(case.pk, Case.objects.get(pk=case.pk).version, by=cast["narges"])


def make(cast: Cast) -> None:
    with working_context(cast["printer"]):
        make_batch(by=cast["printer"])


def print_batch(cast: Cast) -> None:
    with working_context(cast["printer"]):
        batch = PrintBatch.objects.get()
        prepare_batch(batch.pk, by=cast["printer"])
        mark_batch_printed(batch.pk, by=cast["printer"])


def test_every_step_locks_in_the_same_order(cast: Cast) -> None:
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=2))
    gone = line.take_application(cast, line.register(cast, cards_from=5511830, size=1))
    steps: dict[str, Callable[[], object]] = {
        "pay": lambda: line.pay(cast, case),
        "withdraw": lambda: withdraw(cast, gone),
        "submit": lambda: line.submit(cast, case.pk),
        "decide": lambda: line.decide_all(cast, case.pk),
        "make a batch": lambda: make(cast),
        "print it": lambda: print_batch(cast),
        "hand over": lambda: line.give_cards(cast, case.pk),
    }
    locked = {step: locked_tables(act) for step, act in steps.items()}
    assert [fault for step, tables in locked.items() for fault in faults(step, tables)] == []
    assert locked["withdraw"][:2] == locked["pay"][:2] == ["payments_charge", "casework_case"]


@pytest.mark.parametrize(
    "tables", [["casework_case", "payments_charge"], ["cards_card", "casework_case"], ["casework_casemember"]]
)
def test_another_order_is_found(tables: list[str]) -> None:
    assert faults("a step", tables)
