"""What an installation needs before anybody signs in."""

import io

import pytest

from khedmat.accounts.models import RoleHolding
from khedmat.config.cli import main
from khedmat.rounds.models import RoundVersion
from tests.cast import Cast

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


def test_round_is_loaded_and_published(cast: Cast) -> None:
    assert main(["round", "load", "khedmat/rounds/data/amayesh_18.json", "--as", "manager"]) == 0
    assert RoundVersion.objects.get().state == "published"


def test_clerk_loads_no_round(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["round", "load", "khedmat/rounds/data/amayesh_18.json", "--as", "narges"]) == 1
    assert "no round manager" in capsys.readouterr().err
