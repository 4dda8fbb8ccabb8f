"""The desk's look-up with the code of a card, as a hand-held scanner types it."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from khedmat.audit.models import Entry
from khedmat.vault.context import working_context
from tests import line
from tests.cards.conftest import cards_of
from tests.cast import Cast
from tests.desk.pages import client_of

pytestmark = [pytest.mark.django_db(transaction=True)]

LOOK_UP = "/look-up/"
NOT_OURS = "not one of our cards"


@pytest.fixture(autouse=True)
def _plain_pages(unhashed_static: None) -> None:
    """Every test here."""


@pytest.fixture
def token(cast: Cast) -> str:
    """The code on a printed card of Narges's office."""
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    line.pay(cast, case)
    line.submit(cast, case.pk)
    line.decide_all(cast, case.pk)
    line.print_cards(cast)
    return str(cards_of(cast, case.pk)[0].token)


def look_up(client: Client, typed: str) -> Any:
    return client.post(LOOK_UP, {"number": typed}, secure=True)


def test_scanned_card_finds_its_family_as_its_number_would(cast: Cast, token: str) -> None:
    client = client_of(cast, "narges")
    with working_context(cast["narges"]):
        before = Entry.objects.filter(action="register.looked-up").count()
    for scanned in (token, f"{token}\r\n", f"  {token}", token.lower()):
        answer = look_up(client, scanned)
        assert len(answer.context["result"].hits) == 1
        # The page shows the number that it read, and not the code.
        assert "KH1:" not in answer.content.decode()
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="register.looked-up").count() == before + 4


def test_broken_or_foreign_code_is_told_and_nothing_is_looked_for(cast: Cast, token: str) -> None:
    client = client_of(cast, "narges")
    changed = token[:60] + ("0" if token[60] != "0" else "1") + token[61:]
    for typed in ("KH1:", "KH1:ABCDEF", "KH1:<script>", f"KH1:{'A' * 6100}", changed, token[:-3], token + token):
        answer = look_up(client, typed)
        assert answer.status_code == HTTPStatus.OK
        assert answer.context["result"] is None
        page = answer.content.decode()
        assert NOT_OURS in page
        assert typed not in page
    with working_context(cast["narges"]):
        assert not Entry.objects.filter(action="register.looked-up").exists()


def test_text_longer_than_any_code_is_refused(cast: Cast) -> None:
    answer = look_up(client_of(cast, "narges"), "KH1:" + "A" * 7000)
    assert "characters too long" in answer.content.decode()
