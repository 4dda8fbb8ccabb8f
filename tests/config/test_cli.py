"""The command: clear words instead of tracebacks, and steps that can be repeated."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from khedmat.config import cli
from khedmat.config.platform import build, node, web
from khedmat.config.platform.errors import PlatformError


@pytest.fixture(autouse=True)
def _own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHEDMAT_VAR_DIR", str(tmp_path / "var"))
    for name in ("DATABASE_URL", "KHEDMAT_APP_URL", "KHEDMAT_KEYS_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_roles_are_printed_with_each_password_as_a_variable(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["db", "roles"]) == 0

    printed = capsys.readouterr().out
    for purpose in ("migrator", "app", "inspection", "backup", "matcher"):
        assert f":'{purpose}_password'" in printed


def test_roles_cannot_be_applied_without_an_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["db", "roles", "--apply"]) == 1

    assert "DATABASE_URL" in capsys.readouterr().err


def test_own_server_is_never_started_by_us(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:x@db/postgres")

    assert cli.main(["db", "start"]) == 1

    assert "its own PostgreSQL" in capsys.readouterr().err


def test_removing_the_data_wants_its_long_word() -> None:
    with pytest.raises(SystemExit):
        cli.main(["db", "remove"])


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    assert cli.main(["keys", "init"]) == 0
    keys = tmp_path / "var" / "keys"
    before = {path.name: path.read_bytes() for path in keys.iterdir()}

    assert cli.main(["keys", "init"]) == 0

    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before
    assert keys.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys.iterdir())


def test_taken_port_is_refused_and_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((web.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PlatformError, match="is taken"):
            web.free_port(port)

    assert web.free_port(port) == port


def test_silent_site_is_reported() -> None:
    with pytest.raises(PlatformError, match="does not answer"):
        web.wait_until_answers(web.free_port(), patience=0.5)


def test_messages_are_compiled_when_newer(tmp_path: Path) -> None:
    folder = tmp_path / "khedmat" / "a" / "locale" / "fa" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = folder / "django.po"
    catalogue.write_text('msgid "Save"\nmsgstr "ذخیره"\n', encoding="utf-8")

    assert build.compile_messages(tmp_path) == [catalogue]
    assert build.compile_messages(tmp_path) == []
    later = (folder / "django.mo").stat().st_mtime + 5
    os.utime(catalogue, (later, later))
    assert build.compile_messages(tmp_path) == [catalogue]
    assert "ذخیره".encode() in (folder / "django.mo").read_bytes()


def test_old_node_of_the_system_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in (("node", "v18.19.0"), ("npm", "9.2.0")):
        program = tmp_path / name
        program.write_text(f"#!{shutil.which('sh')}\necho {version}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = node.find_node()

    assert found is None or found.node[0] != str(tmp_path / "node")
