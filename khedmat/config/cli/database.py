"""`khedmat db …`: the embedded database and the roles."""

import argparse
import os
from typing import Any

from khedmat.config.platform import postgres, provision, roles
from khedmat.config.platform.database import PURPOSES, connection_settings, role_names
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.layout import current_layout

_ROLES_HELP = """Print the SQL that makes Khedmat's roles and database, for a database administrator.

The administrator runs it with psql as a superuser, giving the five passwords as variables. The site is then
told the five addresses, each as postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE, in these variables:
  KHEDMAT_MIGRATOR_URL    owns the database and changes its tables (needed by 'khedmat migrate' only)
  KHEDMAT_APP_URL         serves pages and jobs
  KHEDMAT_INSPECTION_URL  serves inspections, sees no people
  KHEDMAT_BACKUP_URL      reads everything for a backup
  KHEDMAT_MATCHER_URL     looks for likely duplicates, sees names and birth dates of one province
KHEDMAT_ROLE_PREFIX changes the names (default: khedmat).
With --apply, DATABASE_URL names the administrator, and the roles are made at once."""


def add_to(subcommands: Any) -> None:
    """Add `db` and its subcommands."""
    group = subcommands.add_parser("db", help="start, stop or look at the database; make its roles")
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("start", help="start the embedded database, making it first where needed").set_defaults(
        run=_start
    )
    actions.add_parser("stop", help="stop the embedded database; its data stays").set_defaults(run=_stop)
    actions.add_parser(
        "ensure", help="make sure the site's database can be used, whichever kind it is (for scripts)"
    ).set_defaults(run=_ensure)
    actions.add_parser(
        "release", help="stop the embedded database unless 'db start' started it (for scripts)"
    ).set_defaults(run=_release)
    actions.add_parser("status", help="say whether the database runs and where it is").set_defaults(run=_status)
    shell = actions.add_parser("shell", help="open psql on the site's database")
    shell.add_argument("--role", choices=list(PURPOSES), default="app")
    shell.set_defaults(run=_shell)
    role_action = actions.add_parser(
        "roles",
        help="print the SQL of the roles for a database administrator",
        description=_ROLES_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    role_action.add_argument("--apply", action="store_true", help="run it as the administrator in DATABASE_URL")
    role_action.set_defaults(run=_roles)
    remove = actions.add_parser("remove", help="stop the embedded database and delete ALL its data for ever")
    remove.add_argument("--yes-delete-all-data", action="store_true", required=True)
    remove.set_defaults(run=_remove)


def _start(_given: argparse.Namespace) -> int:
    _refuse_unless_embedded()
    cluster = postgres.cluster()
    started = postgres.start(cluster)
    provision.keep_database(cluster.layout, keep=True)
    print(f"The database {'runs now' if started else 'was running already'}; its socket is in {cluster.socket}.")
    return 0


def _stop(_given: argparse.Namespace) -> int:
    _refuse_unless_embedded()
    cluster = postgres.cluster()
    stopped = postgres.stop(cluster)
    provision.keep_database(cluster.layout, keep=False)
    print("The database is stopped; its data stays." if stopped else "The database was not running.")
    return 0


def _ensure(_given: argparse.Namespace) -> int:
    provision.ensure_database(current_layout())
    return 0


def _release(_given: argparse.Namespace) -> int:
    provision.release_database(current_layout())
    return 0


def _status(_given: argparse.Namespace) -> int:
    layout = current_layout()
    if not provision.is_embedded(layout):
        settings = connection_settings(layout=layout)
        print(f"The site uses its own PostgreSQL at {settings.app.host}:{settings.app.port}.")
        return 0
    cluster = postgres.cluster(layout)
    process = postgres.postmaster(cluster)
    if process is None:
        print("The database does not run. Start it with 'khedmat db start'.")
        return 1
    print(f"PostgreSQL {cluster.binaries.major} runs as {cluster.account.name}, process {process}.")
    print(f"  data    {cluster.data}\n  socket  {cluster.socket}\n  log     {cluster.log}")
    return 0


def _shell(given: argparse.Namespace) -> int:
    connection = getattr(connection_settings(), given.role)
    program = postgres.cluster().binaries.program("psql") if provision.is_embedded(current_layout()) else "psql"
    # The password goes by environment: a command line can be read by every user of the machine.
    environment = {
        **os.environ,
        "PGHOST": connection.host,
        "PGPORT": connection.port,
        "PGUSER": connection.user,
        "PGPASSWORD": connection.password,
        "PGDATABASE": connection.name,
    }
    try:
        os.execvpe(program, [program], environment)  # noqa: S606 - psql takes over this terminal
    except FileNotFoundError as error:
        raise PlatformError("psql is not installed. Install the PostgreSQL client of your system.") from error


def _roles(given: argparse.Namespace) -> int:
    if given.apply:
        provision.apply_roles(current_layout())
        print("Roles and database are made; the site knows how to reach them.")
        return 0
    print(roles.script(role_names()), end="")
    return 0


def _remove(_given: argparse.Namespace) -> int:
    _refuse_unless_embedded()
    postgres.remove(postgres.cluster())
    print("The embedded database and all its data are deleted.")
    return 0


def _refuse_unless_embedded() -> None:
    if not provision.is_embedded(current_layout()):
        raise PlatformError(
            "This site uses its own PostgreSQL (DATABASE_URL or KHEDMAT_APP_URL): start and stop it there."
        )
