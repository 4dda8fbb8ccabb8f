"""The look-up at the counter as staff meet it: masked, counted, recorded, and ended by the day's budget."""

from collections.abc import Callable
from dataclasses import asdict

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from khedmat.accounts import gate
from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible, RoleMayNotOpen, SpentReadBudget
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.accounts.selectors import reads_today
from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.registry.actions import look_up, open_hit, register_household
from khedmat.registry.errors import NameTooShort, NothingToLookUp
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.factories import entry_of, family

pytestmark = pytest.mark.django_db
Budget = Callable[[str, int, int], None]
BORN = 1364
NAME = "بهزاد"


def test_seven_namesakes_answer_with_five_masked_hits(cast: Cast) -> None:
    for _one in range(7):
        family(cast["narges"], 1)
    with working_context(cast["omid"]):
        hits = look_up(name=NAME, birth_years=[BORN], by=cast["omid"]).hits
    assert [hit.position for hit in hits] == [1, 2, 3, 4, 5]
    for hit in hits:
        assert set(asdict(hit)) == {"position", "head", "birth_year", "members", "met", "met_birth_year"}
        assert all(len(word) == 2 and word.endswith("…") for word in hit.head.split())
        assert (hit.birth_year, hit.members) == (1364, 1)


def test_hit_masks_names_of_any_script_and_spacing(cast: Cast) -> None:
    family(cast["narges"], 1, document="MASK1", name="عبدالله سید‌رضا O’Brien-Smith")
    with working_context(cast["omid"]):
        (hit,) = look_up(number="MASK1", by=cast["omid"]).hits
    assert not {"عبدالله", "سید", "رضا", "Brien", "Smith"} & set(hit.head.replace("…", " ").split())
    assert len(hit.head.split()) == 4


def test_look_up_needs_the_name_and_about_the_year(cast: Cast) -> None:
    family(cast["narges"], 1)
    with working_context(cast["omid"]):
        for name, born in (("بهرام", BORN), (NAME, BORN + 2), ("%%%abc", BORN), (f"{NAME} غریبه", BORN)):
            assert look_up(name=name, birth_years=[born], by=cast["omid"]).hits == ()


@pytest.mark.parametrize(
    ("name", "born", "error"),
    [
        ("", [BORN], NothingToLookUp),
        (NAME, [], NothingToLookUp),
        ("  ", [BORN], NameTooShort),
        ("بی", [BORN], NameTooShort),
        ("سید ع", [BORN], NameTooShort),
        ("", [], NothingToLookUp),
    ],
)
def test_look_up_of_less_is_refused(cast: Cast, name: str, born: list[int], error: type[DomainError]) -> None:
    with working_context(cast["omid"]), pytest.raises(error):
        look_up(name=name, birth_years=born, by=cast["omid"])


def test_look_up_and_opening_are_recorded(cast: Cast) -> None:
    household = family(cast["narges"], 2, document="REC1")
    with working_context(cast["omid"]):
        found = look_up(number="REC1", by=cast["omid"])
        assert open_hit(found.look_up_id, 1, by=cast["omid"]) == household.pk
        actions = list(Entry.objects.filter(actor_id=cast["omid"].user_id).values_list("action", flat=True))
        assert sorted(actions) == ["household.opened", "register.looked-up"]
        for entry in Entry.objects.filter(actor_id=cast["omid"].user_id):
            assert "REC1" not in str(entry.details)


def test_the_family_sees_who_opened_it(cast: Cast) -> None:
    household = family(cast["narges"], 1, document="SEEN1")
    with working_context(cast["omid"]):
        open_hit(look_up(number="SEEN1", by=cast["omid"]).look_up_id, 1, by=cast["omid"])
    with working_context(cast["narges"]):
        readers = set(
            Entry.objects.filter(household_id=household.pk, action="household.opened").values_list(
                "actor_id", flat=True
            )
        )
    assert readers == {cast["narges"].user_id, cast["omid"].user_id}


def test_two_hits_open_and_the_third_is_refused(cast: Cast, budget: Budget) -> None:
    for number in range(3):
        family(cast["narges"], 1, document=f"BUDGET{number}")
    budget("clerk", 2, 200)
    omid = cast["omid"]
    with working_context(omid):
        looked = [look_up(number=f"BUDGET{number}", by=omid).look_up_id for number in range(3)]
        open_hit(looked[0], 1, by=omid)
        open_hit(looked[0], 1, by=omid)
        open_hit(looked[1], 1, by=omid)
        assert (reads_today(omid.role).used, reads_today(omid.role).allowed) == (2, 2)
    with pytest.raises(SpentReadBudget), working_context(omid):
        open_hit(looked[2], 1, by=omid)
    with working_context(omid):
        assert Household.objects.count() == 2


def test_registering_counts_too(cast: Cast, budget: Budget) -> None:
    budget("clerk", 1, 200)
    family(cast["narges"], 1)
    with pytest.raises(SpentReadBudget), working_context(cast["narges"]):
        register_household(entry_of(1), by=cast["narges"])
    with working_context(cast["narges"]):
        assert Household.objects.count() == 1


@pytest.mark.parametrize("name", ["kamran", "printer", "bahram"])
def test_role_without_look_ups_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(RoleMayNotOpen), working_context(cast[name]):
        look_up(number="X1", by=cast[name])


def test_replayed_hit_of_a_colleague_is_not_visible(cast: Cast) -> None:
    family(cast["narges"], 1, document="REPLAY1")
    with working_context(cast["omid"]):
        looked = look_up(number="REPLAY1", by=cast["omid"]).look_up_id
    with pytest.raises(RecordNotVisible), working_context(cast["mina"]):
        open_hit(looked, 1, by=cast["mina"])


@page(permission=Permission.LOOK_UP, purpose=Purpose.TAKE_APPLICATION)
def harvesting_page(request: StaffRequest, number: str) -> HttpResponse:
    found = look_up(number=number, by=request.actor)
    for hit in found.hits:
        open_hit(found.look_up_id, hit.position, by=request.actor)
    return HttpResponse(str(Household.objects.count()))


def _request(actor: Actor) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=actor.user_id)
    request.session = {}  # type: ignore[assignment]
    return request


def _harvest(actor: Actor, families: int) -> list[int]:
    return [harvesting_page(_request(actor), f"HARVEST{number}").status_code for number in range(families)]


def test_harvesting_clerk_is_stopped_and_told_of(cast: Cast, budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "error_page", lambda _request, error: HttpResponse(status=error.status))
    for number in range(12):
        family(cast["narges"], 1, document=f"HARVEST{number}")
    budget("clerk", 5, 8)
    assert _harvest(cast["omid"], 12) == [200] * 5 + [429] * 7
    with working_context(cast["omid"]):
        assert Household.objects.count() == 5
    with working_context(cast["guardian"]):
        told = Entry.objects.filter(action="read-budget.spent", actor_id=cast["omid"].user_id)
        assert told.count() == 7
        assert set(told.values_list("scope_id", flat=True)) == {cast["omid"].scope_id}


def _guess(numbers: range, *, by: Actor) -> None:
    with working_context(by):
        for number in numbers:
            look_up(number=f"GUESS{number}", by=by)


def test_look_ups_end_at_the_real_budget(cast: Cast) -> None:
    """Guessing numbers is stopped too: 200 look-ups a day, whether they hit or not."""
    _guess(range(200), by=cast["omid"])
    with pytest.raises(SpentReadBudget):
        _guess(range(200, 201), by=cast["omid"])
