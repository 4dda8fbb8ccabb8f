"""What an installation needs before anybody signs in."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from khedmat.accounts.models import RoleHolding, User
from khedmat.accounts.selectors import live_holdings
from khedmat.config.cli import main
from khedmat.rounds.models import RoundVersion
from tests.cast import LONG_AGO, Cast

STAFF = ["staff", "add", "parvin", "--name-fa", "پروین", "--name-en", "Parvin"]


def _says(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))


def test_staff_are_added_with_a_role_at_a_place(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _says(monkeypatch, "quiet river stones 7")
    assert main([*STAFF, "--role", "round_manager", "--place", "nation:IR"]) == 0
    assert RoleHolding.objects.get(user__username="parvin").scope.kind == "nation"


def test_weak_password_adds_nobody(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _says(monkeypatch, "123")
    assert main([*STAFF, "--role", "round_manager", "--place", "nation:IR"]) == 1
    assert not RoleHolding.objects.filter(user__username="parvin").exists()


@pytest.mark.parametrize(
    ("role", "place", "words"),
    [("sheriff", "nation:IR", "there is no role"), ("clerk", "office:999", "there is no place")],
)
def test_unknown_role_or_place_is_told(
    db: None, capsys: pytest.CaptureFixture[str], role: str, place: str, words: str
) -> None:
    assert main([*STAFF, "--role", role, "--place", place]) == 1
    assert words in capsys.readouterr().err


CLERK = ["--role", "clerk", "--place", "office:042"]


def test_role_ends_with_yesterday_or_on_a_named_day(cast: Cast) -> None:
    today, narges = timezone.localdate(), cast["narges"].user_id
    assert main(["staff", "end-role", "narges", *CLERK, "--until", (today + timedelta(days=3)).isoformat()]) == 0
    assert RoleHolding.objects.get(user_id=narges).held_until_on == today + timedelta(days=3)
    assert main(["staff", "end-role", "narges", *CLERK]) == 0
    assert live_holdings(narges) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["nobody", *CLERK], "there is no user"),
        (["omid", *CLERK], "is no clerk"),
        (["narges", *CLERK, "--until", (LONG_AGO - timedelta(days=1)).isoformat()], "only since"),
    ],
)
def test_role_that_cannot_end_is_told(
    cast: Cast, capsys: pytest.CaptureFixture[str], given: list[str], words: str
) -> None:
    assert main(["staff", "end-role", *given]) == 1
    assert words in capsys.readouterr().err
    assert len(live_holdings(cast["narges"].user_id)) == 1


def test_user_is_switched_off_once(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "switch-off", "narges"]) == 0
    assert not User.objects.get(username="narges").is_active
    assert main(["staff", "switch-off", "narges"]) == 1
    assert "already" in capsys.readouterr().err


def test_round_is_loaded_by_one_and_published_by_another(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["round", "load", "khedmat/rounds/data/amayesh_18.json", "--as", "manager"]) == 0
    assert main(["round", "publish", "amayesh-18", "1", "--as", "manager"]) == 1
    assert "Another round manager" in capsys.readouterr().err
    assert main(["round", "publish", "amayesh-18", "1", "--as", "parvin"]) == 0
    assert RoundVersion.objects.get().state == "published"


def test_clerk_loads_no_round(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["round", "load", "khedmat/rounds/data/amayesh_18.json", "--as", "narges"]) == 1
    assert "no round manager" in capsys.readouterr().err
