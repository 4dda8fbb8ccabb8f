"""System checks that fail the build: every table has a class, every personal field a purpose."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import Field, Model

from khedmat.common.rows import PersonalField, RowClass

# Columns that tie rows together or say when and by whom a row was written.
STRUCTURAL_SUFFIXES = ("_at", "_by")
STRUCTURAL = frozenset(
    {
        "id",
        "case",
        "media_type",
        "retention",
        "size",
        "household",
        "household_id",
        "version",
        "position",
        "leaf_hash",
        "batch",
        "blob",
    }
)
ACTS = frozenset({"action", "actor_id", "role", "scope_id", "purpose", "subject", "at"})


@register()
def every_model_states_its_row_class(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """khedmat.E001: a model of ours without `row_class`."""
    return [
        Error(f"{model.__name__} states no row_class", obj=model, id="khedmat.E001")
        for model in _our_models()
        if not isinstance(getattr(model, "row_class", None), RowClass)
    ]


@register()
def every_personal_field_has_a_purpose(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """khedmat.E002: a field of a personal row without purpose and retention."""
    errors: list[CheckMessage] = []
    for model in _our_models():
        if getattr(model, "row_class", None) != RowClass.PERSONAL:
            continue
        declared = getattr(model, "personal_fields", {})
        errors.extend(
            Error(f"{model.__name__}.{field.name} has no purpose and retention", obj=model, id="khedmat.E002")
            for field in model._meta.concrete_fields
            if not _is_structural(field) and not isinstance(declared.get(field.name), PersonalField)
        )
    return errors


def _is_structural(field: "Field[Any, Any]") -> bool:
    return field.name in STRUCTURAL | ACTS or field.name.endswith(STRUCTURAL_SUFFIXES)


def _our_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("khedmat.")]
