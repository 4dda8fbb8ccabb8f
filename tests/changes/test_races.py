"""Two at once, each in a transaction of its own: one wins, the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from khedmat.accounts.errors import RecordNotVisible
from khedmat.changes import wishes
from khedmat.changes.actions import approve_change, open_change, withdraw_change
from khedmat.changes.errors import FieldAlreadyAsked, RequestAlreadyEnded
from khedmat.changes.models import ChangeRequest
from khedmat.common.errors import DomainError
from khedmat.registry.actions import look_up, open_hit
from khedmat.registry.models import Household, Person
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.changes.asking import REASON, approve, ask, birth_date_wish, newcomer, people, phone_wish

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run the acts at the same moment; `done`, or the name of the error, of each."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        try:
            start.wait(timeout=20)
            act()
        except DomainError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_ask_for_the_same_field(transactional_db: None, cast: Cast, rezai: Household) -> None:
    with working_context(cast["zahra"]):
        found = look_up(number="174411830", by=cast["zahra"])
        open_hit(found.look_up_id, 1, by=cast["zahra"])
    answers = at_once(
        lambda: ask(cast, rezai, phone_wish("+989351111111"), "narges", paper=None),
        lambda: ask(cast, rezai, phone_wish("+989352222222"), "zahra", paper=None),
    )
    assert set(answers) == {"done", FieldAlreadyAsked.__name__}
    with working_context(cast["narges"]):
        assert ChangeRequest.objects.count() == 1


def test_two_approve_the_same_request(transactional_db: None, cast: Cast, rezai: Household) -> None:
    birth = wishes.birth(newcomer(), father_card_seen=True, mother_card_seen=True)
    request = ask(cast, rezai, birth)
    for who in ("bahram", "laleh"):
        with working_context(cast[who]):
            open_change(request.pk, by=cast[who])

    def decide(who: str) -> None:
        with working_context(cast[who]):
            approve_change(request.pk, request.version, REASON, by=cast[who])

    answers = at_once(lambda: decide("bahram"), lambda: decide("laleh"))
    assert set(answers) == {"done", RequestAlreadyEnded.__name__}
    assert len(people(cast, rezai)) == 6


def test_one_approves_while_the_office_withdraws(transactional_db: None, cast: Cast, rezai: Household) -> None:
    head = people(cast, rezai)[0]
    request = ask(cast, rezai, birth_date_wish(head))

    def take_back() -> None:
        with working_context(cast["narges"]):
            withdraw_change(request.pk, by=cast["narges"])

    answers = at_once(lambda: approve(cast, request), take_back)
    assert set(answers) == {"done", RequestAlreadyEnded.__name__}
    with working_context(cast["narges"]):
        state = ChangeRequest.objects.get().state
    is_changed = people(cast, rezai)[0].birth_on != head.birth_on
    assert (state == "approved") == is_changed


def test_nobody_opens_a_family_while_it_moves(transactional_db: None, cast: Cast, rezai: Household) -> None:
    """Whoever comes first: when both are done, the province that the family left sees it no more."""
    request = ask(cast, rezai, wishes.move(rezai.province_id, cast.places["khorasan"].pk), paper=None)
    omid = cast["omid"]
    with working_context(omid):
        found = look_up(number="174411830", by=omid)

    def open_it() -> None:
        with working_context(omid):
            open_hit(found.look_up_id, 1, by=omid)

    answers = at_once(lambda: approve(cast, request, "sara"), open_it)
    assert answers[0] == "done"
    assert answers[1] in {"done", RecordNotVisible.__name__}
    with working_context(omid):
        assert not Person.objects.exists()
        assert not Household.objects.exists()
