"""What a linter cannot say: keys point downward, pairs stand together, models explain themselves."""

import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test.utils import isolate_apps

from khedmat.common.rows import PersonalField, RowClass
from khedmat.config import checks
from tests.consistency.conftest import Both
from tests.consistency.database import Cursor, ForeignKey, column_names, columns, foreign_keys, rows, tables

ROOT = Path(__file__).resolve().parent.parent.parent


def storeys() -> dict[str, int]:
    """App → height, the lowest 0; siblings of one storey share it."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    lines = [line.replace("(", "").replace(")", "").split("|") for line in reversed(contract["layers"])]
    return {app.strip(): height for height, line in enumerate(lines) for app in line}


def app_of(table: str) -> str:
    """The app that a table belongs to; packages' tables are no storey of ours."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            return model._meta.app_label if model.__module__.startswith("khedmat.") else ""
    return table.split("_", 1)[0]


def upward_keys(keys: list[ForeignKey]) -> list[str]:
    """Keys to a higher storey, or to another app of the same one."""
    heights, found = storeys(), []
    for key in keys:
        here, there = app_of(key.table), app_of(key.target)
        if here in heights and there in heights and here != there and heights[there] >= heights[here]:
            found.append(f"{key.table}.{key.columns[0]} → {key.target}")
    return found


def test_storeys_are_those_of_the_house() -> None:
    heights = storeys()
    own = {config.name.split(".")[1] for config in apps.get_app_configs() if config.name.startswith("khedmat.")}
    assert own <= set(heights)
    for lower, higher in pairwise(["common", "vault", "audit", "places", "accounts", "registry", "casework", "config"]):
        assert heights[lower] < heights[higher]


def test_foreign_keys_point_downward(owner: Cursor) -> None:
    assert upward_keys(foreign_keys(owner)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE registry_person ADD last_case uuid REFERENCES casework_case",
        "ALTER TABLE accounts_user ADD household uuid REFERENCES registry_household",
        "ALTER TABLE audit_entry ADD actor uuid REFERENCES accounts_user",
        "ALTER TABLE payments_charge ADD of_case uuid REFERENCES casework_case",
    ],
)
def test_a_key_that_points_upward_or_aside_is_found(both: Both, statement: str) -> None:
    both.as_owner().execute(statement.encode())
    assert len(upward_keys(foreign_keys(both.cursor))) == 1


def _pairs(cursor: Cursor) -> Iterator[tuple[str, str, str, bool]]:
    """(table, `x_at`, `x_by`, may they be empty) for each pair."""
    for table in tables(cursor):
        required = {column.name: column.is_required for column in columns(cursor, table)}
        for name, is_required in required.items():
            partner = f"{name.removesuffix('_at')}_by"
            if name.endswith("_at") and partner in required:
                yield table, name, partner, not (is_required and required[partner])


def pair_faults(both: Both) -> list[str]:
    """Pairs that can stand half: tried on every row there is, as the owner, whom no policy stops."""
    cursor, found = both.as_owner(), []
    for table, moment, who, is_optional in list(_pairs(cursor)):
        if not is_optional:
            continue
        if not rows(cursor, f"SELECT 1 FROM {table} LIMIT 1"):
            found.append(f"{table}: no row to try {moment} and {who} on")
        for halves in (
            f"{moment} = coalesce({moment}, now()), {who} = NULL",
            f"{moment} = NULL, {who} = coalesce({who}, gen_random_uuid())",
        ):
            found += _accepted(cursor, table, halves)
    return found


def _accepted(cursor: Cursor, table: str, halves: str) -> list[str]:
    found = []
    for (row,) in rows(cursor, f"SELECT ctid::text FROM {table} LIMIT 20"):
        cursor.execute("SAVEPOINT attempt")
        try:
            cursor.execute(f"UPDATE {table} SET {halves} WHERE ctid = %s::tid".encode(), [row])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            found.append(f"{table}: took {halves}")
        except (psycopg.errors.CheckViolation, psycopg.errors.NotNullViolation) as error:
            # A trigger that refuses any change would hide that no constraint looks at the pair.
            if error.diag.constraint_name is None and error.diag.column_name is None:
                found.append(f"{table}: no constraint, but {error.diag.message_primary}")
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT attempt")
    return found


def test_pairs_are_found(owner: Cursor) -> None:
    pairs = {(table, moment) for table, moment, _who, _optional in _pairs(owner)}
    assert {("casework_case", "closed_at"), ("cards_card", "revoked_at"), ("payments_charge", "paid_at")} <= pairs
    assert ("rounds_roundversion", "published_at") in pairs


def test_at_and_by_are_set_together(both: Both) -> None:
    assert pair_faults(both) == []


@pytest.mark.parametrize(
    ("table", "constraint"),
    [("casework_case", "case_closed_at_and_by"), ("rounds_roundversion", "version_published_at_and_by")],
)
def test_a_pair_without_its_constraint_is_found(both: Both, table: str, constraint: str) -> None:
    both.as_owner().execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}".encode())
    assert any(fault.startswith(f"{table}: took") for fault in pair_faults(both))


def test_moments_days_and_flags_are_named_for_what_they_are(owner: Cursor) -> None:
    kinds = {"timestamp with time zone": ("at", "_at", "expires"), "date": ("_on", "_from", "_until")}
    for table in tables(owner):
        if app_of(table) not in storeys():
            continue
        for column in columns(owner, table):
            # Django's own name for the last sign-in.
            endings = None if column.name == "last_login" else kinds.get(column.type)
            assert endings is None or column.name.endswith(endings), f"{table}.{column.name}"
            if column.type == "boolean":
                assert column.name.startswith(("is_", "has_", "needs_")), f"{table}.{column.name}"


def _own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("khedmat.")]


@pytest.mark.parametrize("model", _own_models(), ids=lambda model: model._meta.label)
def test_model_explains_itself(model: type[models.Model]) -> None:
    # Django writes a docstring of its own, `Person(id, …)`, where there is none.
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")


def test_no_migration_is_missing(owner: Cursor) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def _checked(monkeypatch: pytest.MonkeyPatch, model: type[models.Model]) -> list[str | None]:
    monkeypatch.setattr(checks, "_our_models", lambda: [model])
    found = [
        *checks.every_model_states_its_row_class(app_configs=None),
        *checks.every_personal_field_has_a_purpose(app_configs=None),
    ]
    return [message.id for message in found]


@isolate_apps("khedmat.registry")
def test_a_model_without_class_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Note(models.Model):  # noqa: DJ008
        class Meta:
            app_label = "registry"

    assert _checked(monkeypatch, Note) == ["khedmat.E001"]


@isolate_apps("khedmat.registry")
@pytest.mark.parametrize("row_class", ["personal", 1, None])
def test_a_class_in_other_words_is_an_error(monkeypatch: pytest.MonkeyPatch, row_class: object) -> None:
    stated = row_class

    class Note(models.Model):  # noqa: DJ008
        row_class = stated

        class Meta:
            app_label = "registry"

    assert "khedmat.E001" in _checked(monkeypatch, Note)


@isolate_apps("khedmat.registry")
def test_a_personal_field_without_purpose_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Note(models.Model):  # noqa: DJ008
        row_class = RowClass.PERSONAL
        personal_fields = {"told": PersonalField("the family's wish", "case"), "half": "because"}
        told = models.TextField()
        half = models.TextField()
        text = models.TextField()

        class Meta:
            app_label = "registry"

    assert _checked(monkeypatch, Note) == ["khedmat.E002", "khedmat.E002"]


@isolate_apps("khedmat.registry")
def test_a_good_model_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Note(models.Model):  # noqa: DJ008
        row_class = RowClass.PERSONAL
        personal_fields = {"text": PersonalField("the family's wish", "case")}
        text = models.TextField()
        written_at = models.DateTimeField()

        class Meta:
            app_label = "registry"

    assert _checked(monkeypatch, Note) == []


def test_own_models_pass_their_checks() -> None:
    assert checks.every_model_states_its_row_class(app_configs=None) == []
    assert checks.every_personal_field_has_a_purpose(app_configs=None) == []


def test_every_promise_about_a_field_is_about_one_that_is_there(owner: Cursor) -> None:
    for model in _own_models():
        declared = getattr(model, "personal_fields", {})
        names = {field.name for field in model._meta.concrete_fields}
        assert set(declared) <= names, model
        assert column_names(owner, model._meta.db_table)
        for reason in declared.values():
            assert reason.purpose.strip()
            assert reason.retention.strip()
