"""Reading places. Reference data: no context needed."""

from functools import cache

from django.db import connection

from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope

OFFICE_IDS_FROM = 1_000_000


def province_of(scope: Scope) -> Scope | None:
    """The province that holds this place; None for the nation."""
    ids = [int(part) for part in scope.path.strip("/").split("/")]
    return Scope.objects.filter(id__in=ids, kind=ScopeKind.PROVINCE).first()


def county_of(scope: Scope) -> Scope | None:
    """The county that holds this place; None for a province or the nation."""
    ids = [int(part) for part in scope.path.strip("/").split("/")]
    return Scope.objects.filter(id__in=ids, kind=ScopeKind.COUNTY).first()


@cache
def county_ids() -> dict[str, int]:
    """Ids of the counties by official code; loaded once, since official places come by migrations alone."""
    return dict(Scope.objects.filter(kind=ScopeKind.COUNTY).values_list("code", "id"))


def next_office_scope_id() -> int:
    """A fresh id for an office's place, above all official codes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('places_office_scope_seq')")
        (number,) = cursor.fetchone()
    return int(number)
