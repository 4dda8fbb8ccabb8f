"""Staff, offices and rounds from the command line: what an installation needs before anybody can sign in."""

import argparse
import getpass
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from khedmat.config.cli.actors import acting_as
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.site import load_django


def add_to(subcommands: Any) -> None:
    """Add `staff add`, `staff end-role`, `staff switch-off`, `office open`, `round load` and `round publish`."""
    _add_staff_to(subcommands)
    office = subcommands.add_parser("office", help="open an office beneath its county")
    opening = office.add_subparsers(dest="action", required=True, metavar="ACTION").add_parser("open")
    opening.add_argument("code", help="the office's number, e.g. 042")
    opening.add_argument("--name-fa", required=True)
    opening.add_argument("--name-en", required=True)
    opening.add_argument("--county", required=True, help="official county code, e.g. 2309")
    opening.add_argument("--licence", required=True, help="licence number")
    opening.add_argument("--as", dest="acting", required=True, help="user name of the round manager who acts")
    opening.set_defaults(run=_open_office)
    _add_round_to(subcommands)


def _add_round_to(subcommands: Any) -> None:
    group = subcommands.add_parser("round", help="load a round from a JSON file; publish what another proposed")
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    load = actions.add_parser("load", help="check a round from a JSON file and propose it")
    load.add_argument("file", type=Path)
    load.add_argument("--as", dest="acting", required=True, help="user name of the round manager who proposes")
    load.set_defaults(run=_load_round)
    publish = actions.add_parser("publish", help="put a proposed version in force; not by who proposed it")
    publish.add_argument("code", help="the round, e.g. amayesh-18")
    publish.add_argument("version", type=int)
    publish.add_argument("--as", dest="acting", required=True, help="user name of the round manager who publishes")
    publish.set_defaults(run=_publish_round)


def _add_staff_to(subcommands: Any) -> None:
    staff = subcommands.add_parser("staff", help="add a member of staff with a role at a place; end a role")
    actions = staff.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="add a member of staff with a role at a place")
    add.add_argument("username")
    add.add_argument("--name-fa", required=True, help="name in Persian")
    add.add_argument("--name-en", required=True, help="name in Latin letters")
    add.add_argument("--role", required=True, help="e.g. clerk, case_officer, round_manager")
    add.add_argument("--place", required=True, help="kind:code, e.g. office:042, province:23, nation:IR")
    add.add_argument("--until", type=date.fromisoformat, help="last day of the role (YYYY-MM-DD)")
    add.set_defaults(run=_add_staff)
    end = actions.add_parser("end-role", help="end a role that somebody holds today")
    end.add_argument("username")
    end.add_argument("--role", required=True)
    end.add_argument("--place", required=True, help="kind:code, as in `staff add`")
    end.add_argument(
        "--until", type=date.fromisoformat, help="its last day (YYYY-MM-DD); yesterday where none is given"
    )
    end.set_defaults(run=_end_role)
    off = actions.add_parser("switch-off", help="let somebody sign in no more")
    off.add_argument("username")
    off.set_defaults(run=_switch_off)


def _add_staff(given: argparse.Namespace) -> int:
    load_django()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction
    from django.utils import timezone

    from khedmat.accounts.actions import add_user, give_role
    from khedmat.accounts.enums import Role

    if given.role not in Role.values:
        raise PlatformError(f"there is no role {given.role!r}; choose one of {', '.join(Role.values)}")
    place = _place(given.place)
    password = _password()
    try:
        validate_password(password)
    except ValidationError as error:
        raise PlatformError(" ".join(error.messages)) from error
    with transaction.atomic():
        user = add_user(username=given.username, name_fa=given.name_fa, name_en=given.name_en, password=password)
        give_role(user, Role(given.role), place, held_from_on=timezone.localdate(), held_until_on=given.until)
    print(f"{given.username} is {given.role} at {place.name_fa}. They set up their second factor at the first sign-in.")
    return 0


def _end_role(given: argparse.Namespace) -> int:
    load_django()
    from django.utils import timezone

    from khedmat.accounts.actions import end_role
    from khedmat.accounts.selectors import live_holdings

    place, user = _place(given.place), _user(given.username)
    held = [one for one in live_holdings(user.pk) if (one.role, one.scope_id) == (given.role, place.pk)]
    until_on = given.until or timezone.localdate() - timedelta(days=1)
    if not held:
        raise PlatformError(f"{given.username} is no {given.role} at {place.name_fa} today")
    for holding in held:
        if until_on < holding.held_from_on:
            raise PlatformError(f"{given.username} has been {given.role} only since {holding.held_from_on}")
        end_role(holding, until_on=until_on)
    print(f"{given.username} is {given.role} at {place.name_fa} until {until_on}.")
    return 0


def _switch_off(given: argparse.Namespace) -> int:
    load_django()
    from khedmat.accounts.actions import switch_user_off

    user = _user(given.username)
    if not user.is_active:
        raise PlatformError(f"{given.username} is switched off already")
    switch_user_off(user)
    print(f"{given.username} can sign in no more.")
    return 0


def _open_office(given: argparse.Namespace) -> int:
    load_django()
    from django.utils import timezone

    from khedmat.offices.actions import open_office
    from khedmat.vault.context import working_context

    actor = acting_as(given.acting, role="round_manager", purpose="run_round")
    with working_context(actor):
        open_office(
            code=given.code,
            name_fa=given.name_fa,
            name_en=given.name_en,
            county=_place(f"county:{given.county}"),
            licence_number=given.licence,
            licence_from_on=timezone.localdate(),
            by=actor,
        )
    print(f"Office {given.code} is open.")
    return 0


def _load_round(given: argparse.Namespace) -> int:
    load_django()
    from khedmat.rounds.actions import create_round_version, propose_version, round_from_file
    from khedmat.rounds.errors import RoundDataMalformed, VersionHasProblems
    from khedmat.vault.context import working_context

    actor = acting_as(given.acting, role="round_manager", purpose="run_round")
    try:
        with working_context(actor):
            version = create_round_version(round_from_file(given.file), by=actor)
            propose_version(version.pk, by=actor)
    except (RoundDataMalformed, json.JSONDecodeError, OSError) as error:
        raise PlatformError(f"{given.file} cannot be read as a round: {error!r}") from error
    except VersionHasProblems as error:
        raise PlatformError("\n  ".join([str(error), *(str(problem) for problem in error.problems)])) from error
    code, number = version.round.code, version.version
    print(
        f"Version {number} of {code} is proposed. Another round manager publishes it: "
        f"khedmat round publish {code} {number} --as NAME"
    )
    return 0


def _publish_round(given: argparse.Namespace) -> int:
    load_django()
    from django.utils import translation

    from khedmat.common.errors import DomainError
    from khedmat.rounds.actions import publish_version
    from khedmat.rounds.selectors import version_of_case
    from khedmat.vault.context import working_context

    actor = acting_as(given.acting, role="round_manager", purpose="run_round")
    try:
        with working_context(actor):
            publish_version(version_of_case(given.code, given.version).pk, by=actor)
    except DomainError as error:
        # The terminal speaks English, whatever the site's own language.
        with translation.override("en"):
            raise PlatformError(str(error)) from error
    print(f"Version {given.version} of {given.code} is published.")
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise PlatformError("the two passwords differ; nothing was added")
    return password


def _place(words: str) -> Any:
    from khedmat.places.models import Scope

    kind, _colon, code = words.partition(":")
    place = Scope.objects.filter(kind=kind, code=code).first()
    if place is None:
        raise PlatformError(f"there is no place {words!r}; write kind:code, e.g. office:042 or province:23")
    return place


def _user(username: str) -> Any:
    from khedmat.accounts.models import User

    user = User.objects.filter(username=username).first()
    if user is None:
        raise PlatformError(f"there is no user {username!r}")
    return user
