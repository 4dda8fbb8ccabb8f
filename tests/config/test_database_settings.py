"""Which database the site uses: the first source that says anything."""

import json
from pathlib import Path

import psycopg
import pytest

from khedmat.config.platform.database import (
    Connection,
    admin_url,
    connection_from_url,
    connection_settings,
    ensure_passwords,
    role_names,
    write_facts,
)
from khedmat.config.platform.errors import PlatformError
from tests.config.conftest import make_layout


def _write_embedded_facts(folder: Path) -> None:
    layout = make_layout(folder)
    ensure_passwords(layout)
    server = Connection("/a/socket", "5432", "", "", "")
    write_facts(layout, source="embedded", server=server, names=role_names({}), admin="khedmat_admin")


def test_nothing_configured_names_the_doctor(tmp_path: Path) -> None:
    settings = connection_settings(environ={}, layout=make_layout(tmp_path))

    assert settings.source == "none"
    with pytest.raises(psycopg.OperationalError, match="khedmat doctor"):
        psycopg.connect(settings.app.url())


def test_launcher_facts_are_read_with_the_passwords_of_the_keys_folder(tmp_path: Path) -> None:
    _write_embedded_facts(tmp_path)
    layout = make_layout(tmp_path)

    settings = connection_settings(environ={}, layout=layout)

    assert settings.source == "embedded"
    assert settings.app.as_django()["PASSWORD"] == ensure_passwords(layout)["app"]
    assert ensure_passwords(layout)["app"] not in layout.database_facts.read_text()
    assert settings.roles == role_names({})


def test_facts_of_an_older_release_name_the_matcher_too(tmp_path: Path) -> None:
    _write_embedded_facts(tmp_path)
    layout = make_layout(tmp_path)
    facts = json.loads(layout.database_facts.read_text())
    del facts["roles"]["matcher"]
    layout.database_facts.write_text(json.dumps(facts))

    assert connection_settings(environ={}, layout=layout).matcher.user == "khedmat_matcher"


def test_given_urls_win_over_everything(tmp_path: Path) -> None:
    _write_embedded_facts(tmp_path)
    environ = {
        "DATABASE_URL": "postgresql://boss:x@db:5432/postgres",
        "KHEDMAT_APP_URL": "postgresql://site_app:p%40ss@db.example:6432/site?sslmode=verify-full",
        "KHEDMAT_MIGRATOR_URL": "postgresql://site_owner:y@db.example:6432/site",
    }

    django = connection_settings(environ=environ, layout=make_layout(tmp_path)).as_django()

    assert django["default"]["USER"] == "site_app"
    assert django["default"]["PASSWORD"] == "p@ss"
    assert django["default"]["OPTIONS"] == {"sslmode": "verify-full"}
    assert django["migrator"]["USER"] == "site_owner"


def test_missing_migrator_url_is_no_silent_fallback(tmp_path: Path) -> None:
    environ = {"KHEDMAT_APP_URL": "postgresql://site_app:x@db/site"}

    settings = connection_settings(environ=environ, layout=make_layout(tmp_path))

    with pytest.raises(psycopg.OperationalError, match="khedmat doctor"):
        psycopg.connect(settings.migrator.url())


def test_administrator_url_gives_its_server_with_our_roles(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://boss:x@db:6000/postgres", "KHEDMAT_ROLE_PREFIX": "mashhad"}

    settings = connection_settings(environ=environ, layout=make_layout(tmp_path))

    assert (settings.app.host, settings.app.port) == ("db", "6000")
    assert (settings.app.user, settings.app.name) == ("mashhad_app", "mashhad")


def test_url_survives_hard_characters() -> None:
    hard = Connection("/tmp/a b", "5432", "na/me", "us:er", "p@ss/w?rd&%", (("sslmode", "require"),))  # noqa: S108

    assert connection_from_url(hard.url(), "X") == hard


@pytest.mark.parametrize("prefix", ["", "Khedmat", "1a", "a-b", 'a"; DROP ROLE x', "a" * 41])
def test_prefix_that_postgresql_would_change_is_refused(prefix: str) -> None:
    with pytest.raises(PlatformError, match="KHEDMAT_ROLE_PREFIX"):
        role_names({"KHEDMAT_ROLE_PREFIX": prefix})


def test_unreadable_url_names_its_variable(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="DATABASE_URL is not a PostgreSQL address"):
        connection_settings(environ={"DATABASE_URL": "mysql://x"}, layout=make_layout(tmp_path))


def test_admin_url_without_any_administrator_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="khedmat db start"):
        admin_url(environ={}, layout=make_layout(tmp_path))


def test_password_is_not_in_the_words_of_a_connection() -> None:
    assert "secret-word" not in repr(Connection("h", "5432", "n", "u", "secret-word"))
