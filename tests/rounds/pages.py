"""Opening the round's pages as one of the cast, and families at each step of the line."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from khedmat.accounts.models import User
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.registry.actions import register_household
from khedmat.rounds.enrolment import start_enrolment
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast


@dataclass(frozen=True)
class Browser:
    """A browser in which one of the cast is signed in."""

    actor: Actor
    client: Client

    def get(self, name: str, *args: Any, **query: Any) -> Any:
        """GET a route of the rounds."""
        return self.client.get(reverse(f"rounds:{name}", args=args), query, secure=True)

    def post(self, name: str, *args: Any, data: dict[str, Any] | None = None) -> Any:
        """POST to a route of the rounds."""
        return self.client.post(reverse(f"rounds:{name}", args=args), data or {}, secure=True)


def browser(actor: Actor, language: str = "en") -> Browser:
    """Signed in, reading English unless told otherwise."""
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    client.cookies["django_language"] = language
    return Browser(actor, client)


def arrived(cast: Cast, size: int = 5, clerk: str = "narges", **about: Any) -> Case:
    """A family just taken into the round."""
    actor = cast[clerk]
    with working_context(actor):
        household = register_household(line.family(size=size, **about), by=actor)
        return start_enrolment(household.pk, line.ROUND, by=actor)


def paid(cast: Cast, size: int = 5, receipt: str = "1001", **about: Any) -> Case:
    """A family with everything, paid."""
    actor = cast["narges"]
    with working_context(actor):
        household = register_household(line.family(size=size, **about), by=actor)
    case = line.take_application(cast, household)
    line.pay(cast, case, receipt=receipt)
    return fresh(cast["narges"], case)


def submitted(cast: Cast, size: int = 5, **about: Any) -> Case:
    """A family whose case waits in the province."""
    return line.submit(cast, paid(cast, size, **about).pk)


def fresh(actor: Actor, case: Case) -> Case:
    """The case as it stands now."""
    with working_context(actor):
        return Case.objects.get(pk=case.pk)


def members(actor: Actor, case: Case) -> list[UUID]:
    """Ids of the case's members, in the family's order. Needs the family open."""
    with working_context(actor):
        return list(CaseMember.objects.filter(case=case).order_by("person__position").values_list("pk", flat=True))


def photo(shade: int = 120) -> SimpleUploadedFile:
    """A portrait as a browser sends it."""
    return SimpleUploadedFile("face.jpg", line.portrait(shade), content_type="image/jpeg")
