"""One card, as an officer sees and revokes it."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from khedmat.audit.models import Entry
from khedmat.cards.actions import extend_validity
from khedmat.cards.enums import CardState
from khedmat.cards.models import Card
from khedmat.cards.selectors import verdict_on
from khedmat.cards.verify_bundle import Outcome
from khedmat.casework.models import Case
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cards.conftest import cards_of
from tests.cast import Cast

WHY = "کارت با نام نادرست چاپ شده است."


@pytest.fixture
def card(cast: Cast, ready: Case) -> Card:
    """The head's card, with the family open to the officer Bahram."""
    return cards_of(cast, ready.pk, "bahram")[0]


def page_of(card: Card) -> str:
    return reverse("cards:card", args=[card.pk])


def revoke(as_staff: SignIn, card: Card, **sent: str) -> Any:
    return as_staff("bahram").post(page_of(card), {"reason": WHY, **sent}, follow=True)


def now(cast: Cast, card: Card) -> Card:
    with working_context(cast["bahram"]):
        return Card.objects.get(pk=card.pk)


def test_card_page_shows_the_card_and_what_a_check_says(as_staff: SignIn, card: Card) -> None:
    text = as_staff("bahram").get(page_of(card)).content.decode()
    assert card.number in text
    assert card.person.full_name in text
    assert "The card is valid" in text


def test_each_look_at_the_card_is_recorded(cast: Cast, as_staff: SignIn, card: Card) -> None:
    as_staff("bahram").get(page_of(card))
    with working_context(cast["bahram"]):
        entry = Entry.objects.get(action="household.read")
    assert (entry.household_id, entry.case_id, entry.purpose) == (card.household_id, card.case_id, "review_case")


def test_card_page_shows_the_extension(cast: Cast, as_staff: SignIn, card: Card) -> None:
    until = card.valid_until + timedelta(days=90)
    with working_context(cast["manager"]):
        extend_validity(
            series=card.series,
            until_on=until,
            notice_number="140/2211",
            noticed_on=card.valid_from,
            by=cast["manager"],
        )
    answer = as_staff("bahram").get(page_of(card))
    assert answer.context["effective_until"] == until
    assert "140/2211" in answer.content.decode()


@pytest.mark.parametrize("name", ["narges", "kamran", "printer", "manager", "guardian"])
def test_card_page_is_for_officers_alone(as_staff: SignIn, card: Card, name: str) -> None:
    assert as_staff(name).get(page_of(card)).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("method", ["get", "post"])
def test_card_of_an_unopened_family_looks_like_none_at_all(as_staff: SignIn, card: Card, method: str) -> None:
    paths = [("laleh", page_of(card)), ("sara", page_of(card)), ("bahram", reverse("cards:card", args=[uuid4()]))]
    sent = {"reason": WHY, "confirmed": "1"}
    answers = [getattr(as_staff(name), method)(path, sent) for name, path in paths]
    assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}
    assert len({str(answer.context["error"]) for answer in answers}) == 1


def test_revoking_shows_first_what_will_stand_and_writes_nothing(cast: Cast, as_staff: SignIn, card: Card) -> None:
    text = revoke(as_staff, card).content.decode()
    assert "The card has been revoked" in text
    assert WHY in text
    assert now(cast, card).state == CardState.READY


def test_confirmed_revocation_is_told_by_every_check(cast: Cast, as_staff: SignIn, card: Card) -> None:
    revoke(as_staff, card, confirmed="1")
    revoked = now(cast, card)
    assert (revoked.state, revoked.revocation_reason) == (CardState.REVOKED, WHY)


@pytest.mark.django_db(transaction=True)
def test_bundle_of_the_public_check_knows_a_revocation_at_once(cast: Cast, as_staff: SignIn, card: Card) -> None:
    assert verdict_on(card).outcome == Outcome.VALID
    revoke(as_staff, card, confirmed="1")
    assert verdict_on(card).outcome == Outcome.REVOKED


@pytest.mark.parametrize("reason", ["", " \n ", "\u202e", "x" * 1001])
def test_revocation_without_a_proper_reason_names_the_field(
    cast: Cast, as_staff: SignIn, card: Card, reason: str
) -> None:
    answer = revoke(as_staff, card, reason=reason, confirmed="1")
    assert list(answer.context["form"].errors) == ["reason"]
    assert now(cast, card).state == CardState.READY


def test_second_revocation_says_so_and_keeps_the_first_reason(cast: Cast, as_staff: SignIn, card: Card) -> None:
    revoke(as_staff, card, confirmed="1")
    text = revoke(as_staff, card, reason="دلیل دیگر", confirmed="1").content.decode()
    assert "revoked already" in text
    assert now(cast, card).revocation_reason == WHY


def test_revoked_card_shows_why(as_staff: SignIn, card: Card) -> None:
    revoke(as_staff, card, confirmed="1")
    text = as_staff("bahram").get(page_of(card)).content.decode()
    assert WHY in text
    assert "Revoke this card" not in text
