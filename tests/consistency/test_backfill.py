"""What a migration fills in from the record is what the actions would have written."""

from importlib import import_module

from tests.consistency.database import Cursor

COUNTED = (
    "SELECT case_id, step, sum(members), count(*) FILTER (WHERE members = 0), scope_id, min(reached_on) "
    "FROM casework_milestone GROUP BY case_id, step, scope_id ORDER BY case_id, step"
)


def test_milestones_are_told_from_the_record(owner: Cursor) -> None:
    owner.execute(COUNTED)
    written = owner.fetchall()
    owner.execute("SELECT id, reached FROM casework_casemember ORDER BY id")
    reached = owner.fetchall()
    owner.execute("DELETE FROM casework_milestone")
    owner.execute("UPDATE casework_casemember SET reached = ''")
    owner.execute(import_module("khedmat.casework.migrations.0005_milestones").BACKFILL)
    owner.execute(COUNTED)
    assert written
    assert owner.fetchall() == written
    owner.execute("SELECT id, reached FROM casework_casemember ORDER BY id")
    assert owner.fetchall() == reached
