"""The fields of the register in the reader's words: one name for each, wherever it is spoken of."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khedmat.registry.enums import DocumentKind

LABELS: Final[Mapping[str, Promise]] = {
    "province_id": _("Province"),
    "county_id": _("County"),
    "county": _("County"),
    "phone": _("Mobile telephone"),
    "address": _("Address"),
    "postal_code": _("Postal code"),
    "code": _("Household code"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "latin_name": _("Name in Latin letters"),
    "father_name": _("Father's name"),
    "grandfather_name": _("Grandfather's name"),
    "sex": _("Sex"),
    "birth_on": _("Birth date"),
    "birth_place": _("Birth place"),
    "nationality": _("Nationality"),
    "relation": _("Relation to the head"),
    "deceased_on": _("Date of death"),
    "person_id": _("Whose document"),
    "kind": _("Kind of document"),
    "number": _("Document number"),
    "series": _("Round"),
    "issuer": _("Issued by"),
    "issued_on": _("Issued on"),
    "valid_until": _("Valid until"),
}


def field_label(field: str) -> str:
    """The label of a field's code; of a document's field (`amayesh_card.valid_until`) with the kind before it."""
    kind, _dot, name = field.rpartition(".")
    label = str(LABELS.get(name, name))
    return f"{DocumentKind(kind).label} ({label})" if kind in DocumentKind.values else label
