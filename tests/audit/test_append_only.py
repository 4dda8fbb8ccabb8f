"""Entries are written by the database's own function, in the name of whoever the signed context names."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from khedmat.accounts.errors import RecordNotVisible
from khedmat.audit.actions import ActorMismatch, record
from khedmat.audit.models import Entry
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.factories import family

pytestmark = pytest.mark.django_db
INSERT = (
    "INSERT INTO audit_entry (action, role, scope_id, purpose, subject, subject_id, details) "
    "VALUES ('a', 'b', 1, 'c', 'd', 'e', '{}')"
)


@pytest.mark.parametrize(
    "statement",
    [
        INSERT,
        "UPDATE audit_entry SET action = 'x'",
        "UPDATE audit_entry SET at = now()",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TABLE audit_entry",
        "INSERT INTO audit_link (position, entry_id, leaf_hash, chain_hash) VALUES (1, 1, '', '')",
        "UPDATE audit_link SET chain_hash = ''",
        "DELETE FROM audit_link",
        "TRUNCATE audit_link",
        "SELECT setval('audit_entry_id_seq', 1)",
    ],
)
def test_app_writes_no_history_by_itself(cast: Cast, raw: Any, statement: str) -> None:
    with working_context(cast["guardian"]):
        record("proof.made", by=cast["guardian"], subject="proof", subject_id=1)
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            raw.execute(statement)


@pytest.mark.parametrize("setting", ["session_replication_role = replica", "row_security = off"])
def test_no_setting_of_the_session_lets_the_app_write(cast: Cast, raw: Any, setting: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        raw.execute(f"SET LOCAL {setting}; DELETE FROM audit_entry")


def test_entry_takes_everything_about_the_actor_from_the_context(cast: Cast) -> None:
    narges = cast["narges"]
    with working_context(narges):
        record("proof.made", by=narges, subject="proof", subject_id=7, details={"code": "x"})
        entry = Entry.objects.get(action="proof.made")
    assert (entry.actor_id, entry.role, entry.scope_id, entry.purpose) == (
        narges.user_id,
        narges.role,
        narges.scope_id,
        narges.purpose,
    )
    assert (entry.subject, entry.subject_id, entry.details) == ("proof", "7", {"code": "x"})


def test_record_for_somebody_else_is_refused(cast: Cast) -> None:
    with working_context(cast["narges"]):
        with pytest.raises(ActorMismatch), transaction.atomic():
            record("proof.made", by=cast["omid"], subject="proof", subject_id=1)
        assert not Entry.objects.filter(action="proof.made").exists()


def test_record_in_another_role_still_says_the_signed_one(cast: Cast) -> None:
    narges = cast["narges"]
    with working_context(narges):
        record("proof.made", by=replace(narges, role="director_general"), subject="proof", subject_id=1)
        assert Entry.objects.get(action="proof.made").role == narges.role


def test_record_without_context_is_refused(cast: Cast, raw: Any) -> None:
    raw.execute("SELECT set_config('khedmat.context', '', true)")
    with pytest.raises(DatabaseError, match="no context"), transaction.atomic():
        record("proof.made", by=cast["narges"], subject="proof", subject_id=1)


def test_record_into_a_foreign_family_s_log_is_refused(cast: Cast) -> None:
    household = family(cast["mina"])
    with pytest.raises(RecordNotVisible), working_context(cast["narges"]):
        record("household.read", by=cast["narges"], subject="x", subject_id=1, household_id=household.pk)


def test_entry_and_change_stand_and_fall_together(cast: Cast) -> None:
    household = family(cast["narges"])
    with working_context(cast["narges"]):
        before = Entry.objects.filter(household_id=household.pk).count()
        with transaction.atomic():
            record("proof.made", by=cast["narges"], subject="x", subject_id=1, household_id=household.pk)
            assert Entry.objects.filter(household_id=household.pk).count() == before + 1
            transaction.set_rollback(True)
        assert Entry.objects.filter(household_id=household.pk).count() == before


def test_details_hold_no_name_number_or_address(cast: Cast) -> None:
    household = family(cast["narges"], 4, document="DETAIL1")
    with working_context(cast["narges"]):
        said = str(list(Entry.objects.filter(household_id=household.pk).values()))
        people = list(household.members.all())
    for secret in ("DETAIL1", household.phone, household.address, *(person.given_name for person in people)):
        assert secret not in said
