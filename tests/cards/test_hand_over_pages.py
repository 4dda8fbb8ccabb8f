"""The clerk's pages of hand-over through the test client."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from khedmat.accounts.models import Grant
from khedmat.audit.models import Entry
from khedmat.cards.enums import CardState
from khedmat.casework.actions import enter_case, withdraw_case
from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Case
from khedmat.common.text import to_persian_digits
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cards.conftest import Approved, cards_of
from tests.cast import Cast

FIND = "/hand-over/"
NOT_HERE = "No card and no case with this number can be opened here."


def page_of(case: Case) -> str:
    return reverse("cards:hand-over-case", args=[case.pk])


def find(as_staff: SignIn, presented: str, name: str = "narges") -> Any:
    return as_staff(name).post(FIND, {"presented": presented})


def opened(as_staff: SignIn, case: Case) -> Any:
    """Narges' browser with the family open."""
    client = as_staff("narges")
    client.post(FIND, {"presented": case.number})
    return client


def give(client: Any, case: Case, cards: list[Any], receiver: Any, **more: str) -> Any:
    sent = {"cards": [str(card.pk) for card in cards], "receiver": str(receiver.person_id), **more}
    return client.post(page_of(case), sent, follow=True)


def states(cast: Cast, case: Case) -> list[str]:
    return [card.state for card in cards_of(cast, case.pk)]


def grants_of(cast: Cast, name: str) -> int:
    with working_context(cast[name]):
        return Grant.objects.count()


def test_list_has_numbers_and_counts_and_no_name(as_staff: SignIn, ready: Case) -> None:
    answer = as_staff("narges").get(FIND)
    text = answer.content.decode()
    assert [(one.number, one.ready_members) for one in answer.context["ready"]] == [(ready.number, 3)]
    assert ready.number in text
    assert "رضایی" not in text


@pytest.mark.parametrize("name", ["omid", "mina"])
def test_list_of_another_office_is_empty(as_staff: SignIn, ready: Case, name: str) -> None:
    answer = as_staff(name).get(FIND)
    assert answer.context["ready"] == []
    assert "No card waits for a family" in answer.content.decode()


@pytest.mark.parametrize("name", ["kamran", "bahram", "printer", "manager", "guardian"])
def test_hand_over_is_for_clerks_alone(as_staff: SignIn, name: str) -> None:
    for path in (FIND, reverse("cards:hand-over-case", args=[uuid4()])):
        assert as_staff(name).get(path).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "written", ["card", "persian", "spaced", "token", "token-with-line-end", "case", "case-persian"]
)
def test_presented_number_or_code_opens_the_family(cast: Cast, as_staff: SignIn, ready: Case, written: str) -> None:
    card = cards_of(cast, ready.pk)[0]
    presented = {
        "card": card.number,
        "persian": to_persian_digits(card.number.lower()),
        "spaced": f" {card.number.replace('-', ' ')} ",
        "token": card.token,
        "token-with-line-end": f"{card.token}\r\n",
        "case": ready.number,
        "case-persian": to_persian_digits(ready.number),
    }[written]
    answer = find(as_staff, str(presented))
    assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, page_of(ready))


def test_finding_a_family_is_counted_and_recorded(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    with working_context(cast["narges"]):
        before = Entry.objects.filter(action="household.opened", purpose="hand_over_card").count()
    opened(as_staff, ready)
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="household.opened", purpose="hand_over_card").count() == before + 1


@pytest.mark.parametrize("name", ["omid", "mina"])
def test_card_of_another_office_looks_like_none_at_all(cast: Cast, as_staff: SignIn, ready: Case, name: str) -> None:
    card = cards_of(cast, ready.pk)[0]
    before = grants_of(cast, name)
    for presented in (card.number, card.token, ready.number, "A18-042-AAAAAA", "18-042-99999"):
        answer = find(as_staff, str(presented), name)
        assert NOT_HERE in answer.content.decode()
    assert grants_of(cast, name) == before


@pytest.mark.parametrize(
    ("presented", "words"),
    [
        ("", "Type the number, or scan the card"),
        ("KH1:", "This code was not read whole"),
        ("KH1:ABCDEF", "This code was not read whole"),
        ("17;DROP", NOT_HERE),
        ("۱" * 41, NOT_HERE),
        ("\x00", "invisible character"),
        ("9" * 7000, "characters too long"),
    ],
)
def test_what_leads_nowhere_is_told_beside_the_field(as_staff: SignIn, presented: str, words: str) -> None:
    answer = find(as_staff, presented)
    assert answer.status_code == HTTPStatus.OK
    assert list(answer.context["form"].errors) == ["presented"]
    assert words in answer.content.decode()


def test_changed_code_is_not_one_of_ours(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    token = str(cards_of(cast, ready.pk)[0].token)
    changed = token[:60] + ("0" if token[60] != "0" else "1") + token[61:]
    assert "not one of our cards" in find(as_staff, changed).content.decode()


def test_family_without_ready_cards_is_not_opened(cast: Cast, as_staff: SignIn, approved: Approved) -> None:
    case = approved(size=1)
    before = grants_of(cast, "narges")
    answer = find(as_staff, case.number)
    assert "No card of this case is ready" in answer.content.decode()
    assert grants_of(cast, "narges") == before


def test_case_page_is_not_open_to_a_colleague_who_did_not_open_it(as_staff: SignIn, ready: Case) -> None:
    for name, case_id in (("omid", ready.pk), ("mina", ready.pk), ("narges", uuid4())):
        answer = as_staff(name).get(reverse("cards:hand-over-case", args=[case_id]))
        assert answer.status_code == HTTPStatus.NOT_FOUND


def test_case_page_has_nothing_chosen_beforehand(as_staff: SignIn, ready: Case) -> None:
    text = opened(as_staff, ready).get(page_of(ready)).content.decode()
    assert text.count('name="cards"') == 3
    assert text.count('name="receiver"') == 2
    assert " checked" not in text


def test_each_look_at_the_family_is_recorded(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    client = opened(as_staff, ready)
    for _look in range(2):
        client.get(page_of(ready))
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="household.read", case_id=ready.pk).count() == 2


def test_hand_over_says_what_was_given_and_that_the_case_is_closed(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    cards = cards_of(cast, ready.pk)
    text = give(opened(as_staff, ready), ready, cards, cards[0]).content.decode()
    assert "3 cards were handed over." in text
    assert "The case is closed" in text
    assert states(cast, ready) == [CardState.HANDED_OVER] * 3


def test_hand_over_of_some_cards_leaves_the_case_open(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    cards = cards_of(cast, ready.pk)
    text = give(opened(as_staff, ready), ready, cards[1:2], cards[1]).content.decode()
    assert "1 card was handed over." in text
    assert "The case is closed" not in text
    assert states(cast, ready) == [CardState.READY, CardState.HANDED_OVER, CardState.READY]


def test_one_tick_hands_over_all(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    cards = cards_of(cast, ready.pk)
    give(opened(as_staff, ready), ready, [], cards[0], all="1")
    assert states(cast, ready) == [CardState.HANDED_OVER] * 3


def test_second_press_says_so_and_writes_nothing(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    cards = cards_of(cast, ready.pk)
    client = opened(as_staff, ready)
    give(client, ready, cards[:1], cards[0])
    text = give(client, ready, cards[:1], cards[0]).content.decode()
    assert "handed over already. Nothing was written a second time." in text
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="card.handed-over").count() == 1


@pytest.mark.parametrize(
    ("cards", "receiver", "field"),
    [
        ([], "head", "cards"),
        (["own"], None, "receiver"),
        (["forged"], "head", "cards"),
        (["nonsense"], "head", "cards"),
        (["other family"], "head", "cards"),
        (["own"], "child", "receiver"),
        (["own"], "spouse", "receiver"),
        (["own"], "forged", "receiver"),
    ],
)
def test_incomplete_or_forged_hand_over_names_the_field_and_writes_nothing(
    cast: Cast, as_staff: SignIn, ready: Case, approved: Approved, cards: list[str], receiver: str | None, field: str
) -> None:
    from tests.line import print_cards

    own = cards_of(cast, ready.pk)
    ids = {"own": str(own[0].pk), "forged": str(uuid4()), "nonsense": "'; --"}
    if "other family" in cards:
        other = approved(size=1)
        print_cards(cast)
        ids["other family"] = str(cards_of(cast, other.pk)[0].pk)
    persons = {"head": own[0].person_id, "spouse": own[1].person_id, "child": own[2].person_id, "forged": uuid4()}
    sent = {"cards": [ids[name] for name in cards], "receiver": str(persons[receiver]) if receiver else ""}
    answer = opened(as_staff, ready).post(page_of(ready), sent)
    assert answer.status_code == HTTPStatus.OK
    assert list(answer.context["form"].errors) == [field]
    assert states(cast, ready) == [CardState.READY] * 3


def test_ticks_stay_where_something_is_amiss(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    cards = cards_of(cast, ready.pk)
    answer = opened(as_staff, ready).post(page_of(ready), {"cards": [str(cards[1].pk)], "receiver": ""})
    assert [row.is_ticked for row in answer.context["rows"]] == [False, True, False]


def test_withdrawn_case_says_that_its_cards_have_ended(cast: Cast, as_staff: SignIn, ready: Case) -> None:
    client = opened(as_staff, ready)
    with working_context(cast["narges"]):
        enter_case(ready.pk, by=cast["narges"])
        withdraw_case(ready.pk, Case.objects.get(pk=ready.pk).version, by=cast["narges"])
        assert Case.objects.get(pk=ready.pk).step == CaseStep.WITHDRAWN
    text = client.get(page_of(ready)).content.decode()
    assert "The family withdrew its application." in text
    assert "Hand over the ticked cards" not in text
