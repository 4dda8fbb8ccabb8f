"""The doctor says in words what is wrong, and what to do."""

from pathlib import Path

import pytest

from khedmat.config import cli
from khedmat.config.platform import doctor, postgres
from khedmat.config.platform.database import connection_settings
from khedmat.config.platform.doctor import Finding
from khedmat.config.platform.postgres import Cluster
from khedmat.vault.keyring import ensure_keys
from tests.config.conftest import make_layout


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "KHEDMAT_APP_URL", "KHEDMAT_MIGRATOR_URL"):
        monkeypatch.delenv(name, raising=False)


def _wrong(folder: Path) -> dict[str, Finding]:
    return {finding.subject: finding for finding in doctor.examine(make_layout(folder)) if finding.wrong}


def test_bare_folder_is_told_every_step(tmp_path: Path) -> None:
    wrong = _wrong(tmp_path)

    assert "khedmat keys init" in wrong["Keys"].advice
    assert "khedmat static" in wrong["Static files"].advice
    assert "khedmat messages" in wrong["Translations"].advice
    assert "khedmat db start" in wrong["Database"].advice


def test_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    keys = make_layout(tmp_path).keys
    ensure_keys(keys)
    assert "Keys" not in _wrong(tmp_path)
    (keys / "blind").chmod(0o644)

    assert "blind" in _wrong(tmp_path)["Keys"].words


def test_stale_catalogue_is_counted(tmp_path: Path) -> None:
    folder = tmp_path / "khedmat" / "a" / "locale" / "fa" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()

    assert "1 of 1" in _wrong(tmp_path)["Translations"].words
    (folder / "django.mo").touch()
    assert "Translations" not in _wrong(tmp_path)


def test_stopped_database_is_told_apart_from_none(cluster: Cluster) -> None:
    postgres.stop(cluster)

    wrong = {finding.subject: finding for finding in doctor.examine(cluster.layout) if finding.wrong}

    assert "not reachable as khedmat_app" in wrong["Database"].words
    assert "khedmat db start" in wrong["Database"].advice


def test_matcher_without_its_address_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start(cluster)
    settings = connection_settings(environ={}, layout=cluster.layout)
    monkeypatch.setenv("KHEDMAT_APP_URL", settings.app.url())
    without = {finding.subject: finding for finding in doctor.examine(cluster.layout)}["Matcher"]
    monkeypatch.setenv("KHEDMAT_MATCHER_URL", settings.matcher.url())
    given = {finding.subject: finding for finding in doctor.examine(cluster.layout)}["Matcher"]

    assert "KHEDMAT_MATCHER_URL" in without.advice
    assert not given.wrong


def test_matcher_that_cannot_sign_in_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start(cluster)
    settings = connection_settings(environ={}, layout=cluster.layout)
    monkeypatch.setenv("KHEDMAT_APP_URL", settings.app.url())
    monkeypatch.setenv("KHEDMAT_MATCHER_URL", settings.matcher.url().replace("khedmat_matcher:", "khedmat_matcher:x"))

    found = {finding.subject: finding for finding in doctor.examine(cluster.layout)}["Matcher"]

    assert "cannot sign in" in found.words
    assert "khedmat db roles" in found.advice


def test_unreachable_own_server_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHEDMAT_APP_URL", f"postgresql://a:b@/x?host={tmp_path}")

    assert "KHEDMAT_APP_URL" in _wrong(tmp_path)["Database"].advice


def test_command_exits_with_1_and_prints_the_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KHEDMAT_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("KHEDMAT_KEYS_DIR", raising=False)

    assert cli.main(["doctor"]) == 1

    printed = capsys.readouterr().out
    assert "WRONG Keys" in printed
    assert "to mend." in printed
