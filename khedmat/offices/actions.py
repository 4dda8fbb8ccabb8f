"""Opening an office."""

from datetime import date

from django.db import transaction

from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.text import sort_key
from khedmat.offices.models import Office
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.places.selectors import next_office_scope_id


@transaction.atomic
def open_office(
    *,
    code: str,
    name_fa: str,
    name_en: str,
    county: Scope,
    licence_number: str,
    licence_from_on: date,
    by: Actor,
) -> Office:
    """Add an office beneath its county. `code` is unique in the country, e.g. `042`."""
    number = next_office_scope_id()
    scope = Scope.objects.create(
        id=number,
        kind=ScopeKind.OFFICE,
        code=code,
        name_fa=name_fa,
        name_en=name_en,
        sort_key=sort_key(name_fa),
        parent=county,
        path=f"{county.path}{number}/",
    )
    office = Office.objects.create(scope=scope, licence_number=licence_number, licence_from_on=licence_from_on)
    record("office.opened", by=by, subject="offices.office", subject_id=number, details={"code": code})
    return office
