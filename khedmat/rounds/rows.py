"""The rows of each part of a version, from the specs: the one place that knows both shapes."""

from typing import Any

from django.db import connection
from django.db.models import Model

from khedmat.rounds.models import PARTS, RoundVersion
from khedmat.rounds.rules import Bilingual, VersionSpec
from khedmat.rounds.rules.loading import examples_to_json


def version_columns(content: VersionSpec) -> dict[str, Any]:
    """What stands in the version's own row."""
    return {
        "opens_on": content.opens_on,
        "closes_on": content.closes_on,
        "card_valid_from": content.card_valid_from,
        "card_valid_until": content.card_valid_until,
        "circular_number": content.circular_number,
        "circular_on": content.circular_on,
        "circular_source_fa": content.circular_source.fa,
        "circular_source_en": content.circular_source.en,
        "examples": examples_to_json(content.examples),
        "renews": list(content.renews),
        "places_per_counter_day": content.places_per_counter_day,
        "payment_order": content.payment_order,
    }


def write_part(version: RoundVersion, part: str, content: VersionSpec) -> None:
    """The rows of one part, in the specs' order."""
    model = PARTS[part]
    manager: Any = model._default_manager
    manager.bulk_create(
        model(version=version, order=order, **columns_of(model, spec))
        for order, spec in enumerate(getattr(content, part), start=1)
    )


def clear_part(version: RoundVersion, part: str) -> None:
    """Take the rows of one part out of a draft; the database refuses it for a published version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.clear_part_of_draft(%s, %s)", [version.pk, part])


def columns_of(model: type[Model], spec: object) -> dict[str, Any]:
    """The columns of a row: one for each field of the table that the spec has under the same name.

    A text in both languages stands in two columns, `title` in `title_fa` and `title_en`.
    """
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        name = field.attname
        if name in {"id", "version_id", "order"}:
            continue
        stem, _underscore, language = name.rpartition("_")
        if language in {"fa", "en"}:
            text: Bilingual = getattr(spec, stem)
            values[name] = getattr(text, language)
        else:
            value = getattr(spec, name)
            values[name] = list(value) if isinstance(value, tuple) else value
    return values
