"""Reading places. Reference data: no context needed."""

from datetime import date
from functools import cache

from django.db import connection
from django.db.models import Q, QuerySet

from khedmat.places.enums import ScopeKind
from khedmat.places.models import Holiday, Scope

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


def holidays_for(scope_id: int) -> frozenset[date]:
    """Every free day of a place but Fridays: the nation's and those of the places above it. One query.

    A page reads it once and hands it on (khedmat.places.calendar takes it). Empty for an unknown place.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.free_on FROM places_holiday h JOIN places_scope above ON above.id = h.scope_id "
            "JOIN places_scope here ON here.path LIKE above.path || '%%' "
            "WHERE here.id = %s AND h.withdrawn_at IS NULL",
            [scope_id],
        )
        return frozenset(day for (day,) in cursor.fetchall())


def holidays_of(scope_ids: list[int], *, since: date, until: date) -> QuerySet[Holiday]:
    """The rows of some places within a time, both ends included, in order: for the page that keeps them."""
    live = Holiday.objects.filter(scope_id__in=scope_ids, withdrawn_at__isnull=True, on__gte=since, on__lte=until)
    return live.select_related("scope").order_by("on", "scope_id")


def holidays_by_place() -> dict[int, frozenset[date]]:
    """Every free day but Fridays by the place it holds at, the nation's too: for pages that look at many places."""
    found: dict[int, set[date]] = {}
    for scope_id, day in Holiday.objects.filter(withdrawn_at__isnull=True).values_list("scope_id", "on"):
        found.setdefault(scope_id, set()).add(day)
    return {scope_id: frozenset(days) for scope_id, days in found.items()}


def offices_within(place: Scope) -> list[tuple[Scope, Scope]]:
    """The offices at and beneath a place, each with its province; by province, then by name. One query."""
    offices = Q(kind=ScopeKind.OFFICE, path__startswith=place.path)
    found = list(Scope.objects.filter(offices | Q(kind=ScopeKind.PROVINCE)).order_by("sort_key"))
    provinces = {one.pk: one for one in found if one.kind == ScopeKind.PROVINCE}
    pairs = [
        (one, next(provinces[int(part)] for part in one.path.strip("/").split("/") if int(part) in provinces))
        for one in found
        if one.kind == ScopeKind.OFFICE
    ]
    return sorted(pairs, key=lambda pair: bytes(pair[1].sort_key))
