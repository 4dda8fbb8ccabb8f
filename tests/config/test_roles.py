"""The roles: what each may, told apart from what it must not; repeatable on every server we support."""

import os
import subprocess
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from khedmat.config.platform import postgres, roles
from khedmat.config.platform.database import PURPOSES, RoleNames, admin_url, ensure_passwords, role_names
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.postgres import Cluster

Row = tuple[object, ...]
NAMES = role_names({})


@pytest.fixture(autouse=True)
def _started(cluster: Cluster) -> None:
    postgres.start(cluster)


@pytest.fixture
def admin(cluster: Cluster) -> Iterator[psycopg.Connection[Row]]:
    with psycopg.connect(_boss(cluster), autocommit=True, dbname=NAMES.database) as connection:
        yield connection


def _boss(cluster: Cluster) -> str:
    return admin_url(environ={}, layout=cluster.layout)


def _as(cluster: Cluster, purpose: str) -> psycopg.Connection[Row]:
    password = ensure_passwords(cluster.layout)[purpose]
    who = make_conninfo(_boss(cluster), user=f"khedmat_{purpose}", password=password, dbname=NAMES.database)
    return psycopg.connect(who, autocommit=True)


def _state(admin: psycopg.Connection[Row]) -> list[Row]:
    queries = (
        "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreatedb FROM pg_roles ORDER BY 1",
        "SELECT datname, pg_get_userbyid(datdba), datacl::text FROM pg_database ORDER BY 1",
        "SELECT nspname, pg_get_userbyid(nspowner), nspacl::text FROM pg_namespace ORDER BY 1",
        "SELECT setrole::regrole::text, setconfig::text FROM pg_db_role_setting ORDER BY 1",
        "SELECT defaclacl::text FROM pg_default_acl",
        "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2",
    )
    return [row for query in queries for row in admin.execute(query.encode()).fetchall()]


def test_apply_again_changes_nothing(cluster: Cluster, admin: psycopg.Connection[Row]) -> None:
    before = _state(admin)

    roles.apply(_boss(cluster), NAMES, ensure_passwords(cluster.layout))

    assert _state(admin) == before
    assert roles.faults(admin, NAMES) == []


@pytest.mark.parametrize(
    ("wrong", "words", "right"),
    [
        ("ALTER ROLE khedmat_app BYPASSRLS", "must not have BYPASSRLS", "ALTER ROLE khedmat_app NOBYPASSRLS"),
        ("ALTER ROLE khedmat_app SUPERUSER", "is a superuser", "ALTER ROLE khedmat_app NOSUPERUSER"),
        ("ALTER ROLE khedmat_backup NOBYPASSRLS", "must have", "ALTER ROLE khedmat_backup BYPASSRLS"),
        ("ALTER ROLE khedmat_matcher BYPASSRLS", "must not have", "ALTER ROLE khedmat_matcher NOBYPASSRLS"),
        ("GRANT khedmat_app TO khedmat_matcher", "is a member", "REVOKE khedmat_app FROM khedmat_matcher"),
        ("ALTER ROLE khedmat_app CREATEDB", "may create roles", "ALTER ROLE khedmat_app NOCREATEDB"),
        ("GRANT khedmat_migrator TO khedmat_app", "is a member", "REVOKE khedmat_migrator FROM khedmat_app"),
        (
            "CREATE TABLE public.lost (); ALTER TABLE public.lost OWNER TO khedmat_app",
            "owns the table lost",
            "DROP TABLE public.lost",
        ),
        (
            "ALTER DATABASE khedmat OWNER TO khedmat_admin",
            "belongs to khedmat_admin",
            "ALTER DATABASE khedmat OWNER TO khedmat_migrator",
        ),
    ],
)
def test_each_fault_of_a_role_is_found(admin: psycopg.Connection[Row], wrong: str, words: str, right: str) -> None:
    admin.execute(wrong.encode())
    try:
        assert any(words in fault for fault in roles.faults(admin, NAMES))
    finally:
        admin.execute(right.encode())


def test_missing_role_is_found(admin: psycopg.Connection[Row]) -> None:
    nobody = RoleNames("x_migrator", "x_app", "x_inspection", "x_backup", "x_matcher", "x")

    assert "role x_app is missing" in roles.faults(admin, nobody)


def test_apply_takes_back_what_a_role_must_not_have(cluster: Cluster, admin: psycopg.Connection[Row]) -> None:
    admin.execute("ALTER ROLE khedmat_app BYPASSRLS CREATEDB")

    roles.apply(_boss(cluster), NAMES, ensure_passwords(cluster.layout))

    assert roles.faults(admin, NAMES) == []


@pytest.mark.parametrize("purpose", ["app", "inspection", "backup", "matcher"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
    ],
)
def test_only_the_migrator_makes_things(cluster: Cluster, purpose: str, statement: str) -> None:
    with _as(cluster, purpose) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_new_tables_and_functions_are_closed_until_granted(cluster: Cluster) -> None:
    with _as(cluster, "migrator") as migrator:
        migrator.execute("CREATE TABLE public.closed (number int)")
        migrator.execute("CREATE FUNCTION public.shut() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        try:
            for statement in ("SELECT * FROM public.closed", "SELECT public.shut()"):
                for purpose in ("app", "inspection", "matcher"):
                    with _as(cluster, purpose) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
                        other.execute(statement.encode())
        finally:
            migrator.execute("DROP TABLE public.closed")
            migrator.execute("DROP FUNCTION public.shut()")


def test_server_left_running_over_an_upgrade_gets_the_new_role(
    cluster: Cluster, admin: psycopg.Connection[Row]
) -> None:
    for statement in ("DROP OWNED BY khedmat_matcher", "DROP ROLE khedmat_matcher"):
        admin.execute(statement.encode())
    assert roles.missing(_boss(cluster), NAMES) == ["khedmat_matcher"]

    assert postgres.start(cluster) is False

    assert roles.faults(admin, NAMES) == []
    with _as(cluster, "matcher") as matcher:
        assert matcher.execute("SELECT current_user").fetchone() == ("khedmat_matcher",)


def test_matcher_enters_no_schema_but_may_take_its_time(cluster: Cluster) -> None:
    with _as(cluster, "matcher") as matcher:
        assert matcher.execute("SELECT has_schema_privilege('public', 'USAGE')").fetchone() == (False,)
        assert matcher.execute("SHOW statement_timeout").fetchone() == ("10min",)


def test_backup_reads_past_row_level_security(cluster: Cluster) -> None:
    with _as(cluster, "migrator") as migrator:
        migrator.execute("CREATE TABLE public.rows_ (number int)")
        migrator.execute("INSERT INTO public.rows_ VALUES (1)")
        migrator.execute("ALTER TABLE public.rows_ ENABLE ROW LEVEL SECURITY")
        migrator.execute("ALTER TABLE public.rows_ FORCE ROW LEVEL SECURITY")
        try:
            with _as(cluster, "backup") as backup:
                assert backup.execute("SELECT number FROM public.rows_").fetchall() == [(1,)]
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    backup.execute("DELETE FROM public.rows_")
        finally:
            migrator.execute("DROP TABLE public.rows_")


def test_app_has_time_limits(cluster: Cluster) -> None:
    with _as(cluster, "app") as app:
        found = [
            app.execute("SELECT current_setting(%s)", (name,)).fetchone()
            for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")
        ]

    assert found == [("30s",), ("1min",), ("10s",)]


def test_printed_script_makes_the_same_roles(cluster: Cluster, admin: psycopg.Connection[Row]) -> None:
    names = role_names({"KHEDMAT_ROLE_PREFIX": "printed"})
    variables = [f"--set={purpose}_password=a'b{purpose}" for purpose in PURPOSES]
    password = ensure_passwords(cluster.layout)["admin"]
    for _repeat in range(2):
        subprocess.run(
            [cluster.binaries.program("psql"), "-q", "-d", "postgres", *variables],
            input=roles.script(names),
            env={
                **os.environ,
                "PGHOST": str(cluster.socket),
                "PGPORT": "5432",
                "PGUSER": "khedmat_admin",
                "PGPASSWORD": password,
            },
            text=True,
            check=True,
        )
    inside = make_conninfo(_boss(cluster), user="printed_app", password="a'bapp", dbname="printed")
    with psycopg.connect(inside) as app:
        assert roles.faults(app, names) == []


def test_administrator_without_superuser_can_make_them(cluster: Cluster, admin: psycopg.Connection[Row]) -> None:
    if admin.info.server_version < 160000:
        pytest.skip("before 16, only a superuser makes a role with BYPASSRLS")
    names = role_names({"KHEDMAT_ROLE_PREFIX": "managed"})
    admin.execute("CREATE ROLE manager LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD 'manager'")
    admin.execute("GRANT pg_read_all_data TO manager WITH ADMIN OPTION")
    admin.execute("GRANT CONNECT ON DATABASE postgres TO manager")
    manager = make_conninfo(_boss(cluster), user="manager", password="manager")

    for _repeat in range(2):
        roles.apply(manager, names, ensure_passwords(cluster.layout))

    with psycopg.connect(_boss(cluster), dbname="managed") as inside:
        assert roles.faults(inside, names) == []


def test_administrator_who_may_not_is_told_what_to_do(cluster: Cluster) -> None:
    weak = make_conninfo(
        _boss(cluster),
        user="khedmat_migrator",
        password=ensure_passwords(cluster.layout)["migrator"],
        dbname="khedmat",
    )

    with pytest.raises(PlatformError, match="khedmat db roles"):
        roles.apply(weak, role_names({"KHEDMAT_ROLE_PREFIX": "weak"}), ensure_passwords(cluster.layout))


def test_test_database_is_made_and_dropped(cluster: Cluster) -> None:
    roles.create_database(_boss(cluster), NAMES, "test-khedmat gw0")
    inside = psycopg.connect(_boss(cluster), dbname="test-khedmat gw0")
    assert roles.faults(inside, NAMES) == []

    roles.drop_database(_boss(cluster), "test-khedmat gw0")

    inside.close()
    with psycopg.connect(_boss(cluster)) as admin:
        assert admin.execute("SELECT FROM pg_database WHERE datname LIKE 'test-%'").fetchall() == []
