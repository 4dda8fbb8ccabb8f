"""Filling a demo: all in one transaction, so that a crash leaves nothing half-made."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from khedmat.accounts.actions import add_user, give_role
from khedmat.accounts.enums import Role
from khedmat.accounts.models import User
from khedmat.audit.actions import link_new_entries
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.config.demo import line
from khedmat.config.demo.families import make_family
from khedmat.config.demo.staff import LONG_AGO, Cast, make_cast
from khedmat.registry.actions import register_household
from khedmat.registry.models import Household
from khedmat.vault.context import working_context

# How far the first families of Shahriar have come; the others only stand in the register.
STAGES = ("closed", "ready", "in-print", "approved", "submitted", "submitted", "paid", "photographed", "skipped")
OPENINGS_OF_ONE_REGISTRAR = 100


@transaction.atomic
def seed(households: int, seed: int) -> None:
    """Offices, cast, the round and `households` families. Does nothing where the cast is already there."""
    if User.objects.filter(username="narges").exists():
        return
    cast, today = make_cast(), timezone.localdate()
    line.open_round(cast)
    offices = ("shahriar", "shahriar", "rey", "mashhad")
    registered: list[tuple[str, Household]] = []
    for number in range(households):
        office = offices[number % len(offices)]
        registrar = _registrar(cast, office, number // OPENINGS_OF_ONE_REGISTRAR)
        stage_series = "amayesh-15" if number == _index_of_skipped() else "amayesh-17"
        entry = make_family(number, seed, today, stage_series)
        with working_context(registrar):
            registered.append((office, register_household(entry, by=registrar)))
    own = [household for office, household in registered if office == "shahriar"]
    for receipt, (stage, household) in enumerate(zip(STAGES, own, strict=False), start=1001):
        _bring_to(cast, stage, household, str(receipt))
    link_new_entries()


def _index_of_skipped() -> int:
    """The household number whose place among Shahriar's families is the stage 'skipped'."""
    place = STAGES.index("skipped")
    return place // 2 * 4 + place % 2


def _registrar(cast: Cast, office: str, shift: int) -> Actor:
    """A clerk who entered the demo's families; signs in nowhere."""
    username = f"registrar-{office}-{shift}"
    if username not in cast.actors:
        name_fa, name_en = "ثبت‌کنندهٔ نمایشی", "Demo registrar"
        user = add_user(username=username, name_fa=name_fa, name_en=name_en, password="", is_active=False)
        give_role(user, Role.CLERK, cast.places[office], held_from_on=LONG_AGO)
        clerk = {"shahriar": "narges", "rey": "omid", "mashhad": "mina"}[office]
        cast.actors[username] = replace(cast[clerk], user_id=user.pk)
    return cast.actors[username]


def _bring_to(cast: Cast, stage: str, household: Household, receipt: str) -> Case:
    registrar = "registrar-shahriar-0"
    case = line.take_application(cast, household, registrar)
    if stage == "photographed":
        return case
    line.pay(cast, case, receipt=receipt)
    if stage == "paid":
        return case
    line.submit(cast, case.pk, registrar)
    if stage in {"submitted", "skipped"}:
        return case
    line.decide_all(cast, case.pk)
    if stage == "approved":
        return case
    if stage == "in-print":
        line.make_prepared_batch(cast)
        return case
    line.print_cards(cast)
    if stage == "closed":
        line.give_cards(cast, case.pk, registrar)
    return case
