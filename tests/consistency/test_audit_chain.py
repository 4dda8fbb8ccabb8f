"""Leaves equal an independent computation; positions have no gap; whatever is changed afterwards is found."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from khedmat.audit.actions import link_new_entries, record
from khedmat.vault.context import working_context
from tests.audit.rfc6962 import COLUMNS, chain, leaf_hash
from tests.consistency.conftest import Both, World, set_context
from tests.consistency.database import Cursor, rows

ENTRIES = f"SELECT id, leaf_hash, {', '.join(COLUMNS)} FROM audit_entry ORDER BY id"
LINKS = "SELECT position, entry_id, leaf_hash, chain_hash FROM audit_link ORDER BY position"


def entry_hashes(cursor: Cursor) -> dict[int, tuple[bytes, bytes]]:
    """By entry: the hash that PostgreSQL keeps, and ours."""
    found = {}
    for number, kept, *values in rows(cursor, ENTRIES):
        found[number] = (bytes(kept), leaf_hash(dict(zip(COLUMNS, values, strict=True))))
    return found


def log_faults(cursor: Cursor) -> list[str]:
    """What somebody who recomputes the log finds wrong."""
    entries, links = entry_hashes(cursor), rows(cursor, LINKS)
    found = [f"entry {number} does not match its leaf" for number, (kept, ours) in entries.items() if kept != ours]
    if [position for position, *_ in links] != list(range(1, len(links) + 1)):
        found.append("positions have a gap")
    leaves = [bytes(leaf) for _, _, leaf, _ in links]
    if chain(leaves) != [bytes(link) for *_, link in links]:
        found.append("the chain is broken")
    for position, entry, leaf, _ in links:
        if entry not in entries:
            found.append(f"the entry at {position} is gone")
        elif entries[entry][1] != bytes(leaf):
            found.append(f"the entry at {position} was changed")
    linked = {entry for _, entry, _, _ in links}
    unlinked = [number for number in entries if number not in linked]
    if unlinked and linked and min(unlinked) < max(linked):
        found.append("an entry was put in between")
    return found


def _link_all(both: Both) -> None:
    both.as_app().execute("SELECT guard.link_audit_entries(100000)")


def test_leaf_hashes_equal_an_independent_computation(owner: Cursor) -> None:
    hashes = entry_hashes(owner)
    assert len(hashes) > 50
    assert all(kept == ours for kept, ours in hashes.values())


@pytest.mark.parametrize(
    "details",
    ["{}", '{"b": 1, "a": [1, 2], "cc": null}', '{"نام": "متن «فارسی»", "x": true}', '{"q": "\\"\\\\ \\n\\u0007 /"}'],
)
def test_leaf_hash_of_any_details_is_the_same_outside(both: Both, world: World, details: str) -> None:
    app = both.as_app()
    set_context(app, world["narges"])
    app.execute("SELECT guard.note('proof.made', 'proof', 'شناسه', NULL, NULL, %s::jsonb)", [details])
    hashes = entry_hashes(both.as_owner())
    kept, ours = hashes[max(hashes)]
    assert kept == ours


def test_linking_gives_gapless_positions(both: Both) -> None:
    _link_all(both)
    links = rows(both.as_owner(), LINKS)
    assert len(links) == len(entry_hashes(both.cursor)) > 50
    assert log_faults(both.cursor) == []


def test_linking_in_small_portions_gives_the_same_chain(both: Both) -> None:
    app = both.as_app()
    for _portion in range(6):
        app.execute("SELECT guard.link_audit_entries(7)")
    _link_all(both)
    assert log_faults(both.as_owner()) == []


CHANGES = {
    "another actor": "UPDATE audit_entry SET actor_id = gen_random_uuid() WHERE id = %(middle)s",
    "another action": "UPDATE audit_entry SET action = 'nothing.happened' WHERE id = %(middle)s",
    "another time": "UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE id = %(middle)s",
    "other details": "UPDATE audit_entry SET details = details || '{\"more\": 1}' WHERE id = %(middle)s",
    "another family": "UPDATE audit_entry SET household_id = NULL, case_id = NULL WHERE id = %(family)s",
    "deleted": "DELETE FROM audit_entry WHERE id = %(middle)s",
    "deleted with its link": "DELETE FROM audit_entry WHERE id = %(middle)s; "
    "DELETE FROM audit_link WHERE entry_id = %(middle)s",
    "put in between": "UPDATE audit_entry SET id = id + 1000000 WHERE id = %(last)s; "
    "INSERT INTO audit_entry (id, action, role, scope_id, purpose, subject, subject_id, details) "
    "VALUES (%(last)s, 'forged.entry', 'clerk', 1, 'x', 'y', 'z', '{}')",
    "reordered": "UPDATE audit_link SET entry_id = -1 WHERE entry_id = %(middle)s; "
    "UPDATE audit_link SET entry_id = %(middle)s WHERE entry_id = %(last)s; "
    "UPDATE audit_link SET entry_id = %(last)s WHERE entry_id = -1",
    "changed with its leaf": "UPDATE audit_entry SET action = 'x' WHERE id = %(middle)s; "
    "UPDATE audit_link l SET leaf_hash = e.leaf_hash FROM audit_entry e WHERE e.id = l.entry_id",
}


@pytest.mark.parametrize("statements", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_by_the_owner_is_found(both: Both, statements: str) -> None:
    _link_all(both)
    numbers = sorted(entry_hashes(both.as_owner()))
    (family,) = rows(both.cursor, "SELECT max(id) FROM audit_entry WHERE household_id IS NOT NULL")[0]
    values = {"middle": numbers[len(numbers) // 2], "last": numbers[-1], "family": family}
    for statement in (statements % values).split("; "):
        both.cursor.execute(statement.encode())
        assert both.cursor.rowcount > 0
    assert log_faults(both.cursor) != []


def test_linkers_and_writers_at_once_leave_one_chain(world: World, owner: Cursor) -> None:
    def write_and_link(name: str) -> None:
        try:
            for number in range(15):
                with working_context(world[name]):
                    record("proof.made", by=world[name], subject="proof", subject_id=number)
                link_new_entries(5)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_and_link, ("narges", "omid", "mina", "guardian")))
    link_new_entries()
    connection.close()
    assert log_faults(owner) == []
    ((missing,),) = rows(owner, "SELECT count(*) FROM audit_entry e LEFT JOIN audit_link l ON l.entry_id = e.id "
                                "WHERE l.entry_id IS NULL")  # fmt: skip
    assert missing == 0


def test_the_app_links_and_changes_no_link(app: Cursor, world: World) -> None:
    app.execute("SELECT guard.link_audit_entries(1)")
    ((can,),) = rows(app, "SELECT has_table_privilege('audit_link', 'INSERT, UPDATE, DELETE, TRUNCATE')")
    assert can is False
