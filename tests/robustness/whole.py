"""What must be true of the database at any moment, told from its rows and its log alone."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.lifecycle import CASE_TRANSITIONS, MEMBER_ENDS, MEMBER_TRANSITIONS, Transition
from tests.robustness.line_online import MEMBERS, Acknowledged

Cursor = psycopg.Cursor[Any]

AFTER = {
    "photographed": ("photographed", "paid", "submitted", "under_review", "closed"),
    "paid": ("paid", "submitted", "under_review", "closed"),
    "submitted": ("submitted", "under_review", "closed"),
    "taken": ("under_review", "closed"),
    "papers seen": ("papers_checked", "photographed", "paid", "submitted", "under_review", "closed"),
}


def lost(cursor: Cursor, acknowledged: Iterable[Acknowledged]) -> list[str]:
    """Acknowledged changes that the database does not hold."""
    return [f"{one.what} {one.record} was acknowledged and is lost" for one in acknowledged if not _holds(cursor, one)]


def _holds(cursor: Cursor, one: Acknowledged) -> bool:
    if one.what in AFTER and one.what != "paid":
        return _has(cursor, "casework_case WHERE id = %s AND step = ANY (%s)", one.record, list(AFTER[one.what]))
    conditions = {
        "registered": "registry_person WHERE household_id = %s HAVING count(*) = {members}",
        "opened": "casework_case WHERE id = %s",
        "paid": "payments_charge WHERE id = %s AND state = 'paid'",
        "decided": "casework_decision WHERE case_id = %s HAVING count(*) = {members}",
        "batch made": "cards_printbatch WHERE id = %s",
        "again": "cards_printbatch WHERE id = %s",
        "printed": "cards_printbatch WHERE id = %s AND state = 'printed'",
        "handed over": "cards_card WHERE case_id = %s AND state = 'handed_over' HAVING count(*) = {members}",
    }
    return _has(cursor, conditions[one.what].format(members=MEMBERS), one.record)


def _has(cursor: Cursor, condition: str, *values: object) -> bool:
    cursor.execute(f"SELECT 1 FROM {condition}".encode(), values)
    return cursor.fetchone() is not None


def half_done(cursor: Cursor, files: Path) -> list[str]:
    """Everything that is there in part."""
    return [
        *_cases_without_their_log(cursor),
        *_members_without_their_log(cursor),
        *(f"{words}: {row}" for words, statement in NEVER.items() for row in _rows(cursor, statement)),
        *_missing_blobs(cursor, files),
    ]


# Each of these answers no row.
NEVER = {
    "family without exactly one head": "SELECT h.id FROM registry_household h LEFT JOIN registry_person p "
    "ON p.household_id = h.id AND p.relation = 'head' GROUP BY h.id HAVING count(p.id) <> 1",
    "case whose members are not all there": "SELECT c.id FROM casework_case c LEFT JOIN casework_casemember m "
    "ON m.case_id = c.id GROUP BY c.id HAVING count(m.id) <> c.member_count",
    "case that counts its waiting members wrong": "SELECT c.id FROM casework_case c JOIN casework_casemember m "
    "ON m.case_id = c.id GROUP BY c.id HAVING c.ready_members <> count(*) FILTER (WHERE m.step = 'ready') "
    "OR c.returned_members <> count(*) FILTER (WHERE m.step = 'returned')",
    "photographed case without all portraits": "SELECT c.id FROM casework_case c JOIN casework_casemember m "
    "ON m.case_id = c.id WHERE m.portrait_id IS NULL "
    "AND c.step IN ('photographed', 'paid', 'submitted', 'under_review', 'closed')",
    # A round may take the money after the sending; the first part of an amount moves a case on.
    "case whose charge does not fit its step": "SELECT c.id, c.step, g.state FROM casework_case c "
    "LEFT JOIN payments_charge g ON g.subject_id = c.id AND g.state <> 'cancelled' "
    "LEFT JOIN rounds_round r ON r.code = c.series "
    "LEFT JOIN rounds_roundversion v ON v.round_id = r.id AND v.version = c.series_version WHERE "
    "c.step <> 'withdrawn' AND ("
    "(c.step IN ('pre_registered', 'booked', 'arrived', 'papers_checked')) <> (g.id IS NULL) "
    "OR c.step = 'photographed' AND (g.state = 'paid' OR g.settled_rial > 0) "
    "OR (c.step = 'paid' OR c.step IN ('submitted', 'under_review', 'closed') "
    "AND coalesce(v.payment_order, 'before_submission') = 'before_submission') "
    "AND NOT (g.state = 'paid' OR g.settled_rial > 0))",
    "charge that does not add up": "SELECT id, guard.charge_faults(id) FROM payments_charge "
    "WHERE guard.charge_faults(id) <> ''",
    "upheld appeal whose member was not decided anew": "SELECT a.id FROM casework_appeal a WHERE a.state = 'upheld' "
    "AND NOT EXISTS (SELECT 1 FROM casework_decision d WHERE d.member_id = a.member_id AND d.outcome = 'approve' "
    "AND d.decided_by = a.ended_by AND d.decided_at >= a.lodged_at)",
    "refused member whose last refusal was overturned": "SELECT m.id FROM casework_casemember m "
    "JOIN casework_appeal a ON a.member_id = m.id WHERE m.step = 'refused' AND a.state = 'upheld' AND a.decision_id = "
    "(SELECT d.id FROM casework_decision d WHERE d.member_id = m.id ORDER BY d.decided_at DESC LIMIT 1)",
    "appeal decided by who refused": "SELECT a.id FROM casework_appeal a JOIN casework_decision d "
    "ON d.id = a.decision_id WHERE a.state IN ('upheld', 'dismissed') AND a.ended_by = d.decided_by",
    "case that is not where it was last taken over": "SELECT r.id FROM casework_referral r "
    "JOIN casework_case c ON c.id = r.case_id JOIN places_scope s ON s.id = c.scope_id "
    "WHERE r.state = 'accepted' AND NOT s.path LIKE (SELECT t.path FROM places_scope t WHERE t.id = r.to_scope_id) "
    "|| '%' AND r.answered_at = (SELECT max(o.answered_at) FROM casework_referral o WHERE o.case_id = r.case_id "
    "AND o.state = 'accepted')",
    "household of another province than its open case": "SELECT c.id FROM casework_case c JOIN registry_household h "
    "ON h.id = c.household_id WHERE c.closed_at IS NULL AND h.province_id <> c.province_id",
    "charge whose entries do not fit its state": "SELECT g.id, g.state FROM payments_charge g WHERE "
    "(SELECT count(*) FROM payments_journalentry e WHERE e.charge_id = g.id AND e.kind = 'charge-raised') "
    "<> (g.amount_rial > 0)::int OR "
    "(SELECT count(*) FROM payments_journalentry e WHERE e.charge_id = g.id AND e.kind = 'payment') "
    "<> (SELECT count(*) FROM payments_instalment i WHERE i.charge_id = g.id AND i.state = 'paid') OR "
    "(SELECT count(*) FROM payments_journalentry e WHERE e.charge_id = g.id AND e.kind = 'charge-waived') "
    "<> (SELECT count(*) FROM payments_waiver w WHERE w.charge_id = g.id)",
    "account that stands on the wrong side": "SELECT a.scope_id, a.code, sum(p.amount_rial) FROM payments_posting p "
    "JOIN payments_ledgeraccount a ON a.id = p.account_id GROUP BY a.scope_id, a.code "
    "HAVING (a.code = 'receivable' AND sum(p.amount_rial) < 0) OR (a.code = 'overpaid' AND sum(p.amount_rial) > 0)",
    "refund that one person asked for and paid": "SELECT id FROM payments_refund WHERE asked_by = paid_by",
    "money that a counted day does not hold": "SELECT d.id FROM payments_dayend d WHERE d.expected_cash_rial <> "
    "(SELECT coalesce(sum(p.amount_rial), 0) FROM payments_journalentry e JOIN payments_posting p ON p.entry_id = e.id "
    "JOIN payments_ledgeraccount a ON a.id = p.account_id WHERE a.code = 'counter-cash' AND e.scope_id = d.scope_id "
    "AND e.drawer_of = d.counted_by AND (e.posted_at AT TIME ZONE 'Asia/Tehran')::date = d.counted_on)",
    "entry that does not balance": "SELECT entry_id FROM payments_posting "
    "GROUP BY entry_id HAVING sum(amount_rial) <> 0",
    "entry without postings": "SELECT e.id FROM payments_journalentry e WHERE NOT EXISTS "
    "(SELECT 1 FROM payments_posting p WHERE p.entry_id = e.id)",
    "ledger that does not sum to zero": "SELECT sum(amount_rial) FROM payments_posting HAVING sum(amount_rial) <> 0",
    "charge without its record": "SELECT g.id FROM payments_charge g WHERE "
    "(SELECT count(*) FROM audit_entry a WHERE a.action = 'charge.raised' AND a.subject_id = g.id::text) <> 1 OR "
    "(SELECT count(*) FROM audit_entry a WHERE a.action = 'payment.taken' AND a.subject_id = g.id::text) "
    "<> (SELECT count(*) FROM payments_instalment i WHERE i.charge_id = g.id AND i.state = 'paid')",
    "member whose decisions are not recorded one to one": "SELECT m.id FROM casework_casemember m WHERE "
    "(SELECT count(*) FROM casework_decision d WHERE d.member_id = m.id) <> (SELECT count(*) FROM audit_entry a "
    "WHERE a.action IN ('member.approved', 'member.refused', 'member.returned', 'member.referred') "
    "AND a.details->>'member' = m.id::text)",
    "member whose cards do not fit the step": "SELECT m.id, m.step, count(k.id) FROM casework_casemember m "
    "LEFT JOIN cards_card k ON k.case_member_id = m.id AND k.revoked_at IS NULL GROUP BY m.id "
    "HAVING count(k.id) <> (m.step IN ('in_print', 'ready', 'handed_over'))::int",
    "case whose steps have not one milestone each": "SELECT c.id, told.step FROM casework_case c CROSS JOIN (VALUES "
    "('case.booked', 'booked'), ('case.arrived', 'arrived'), ('case.photographed', 'photographed'), "
    "('case.paid', 'paid'), ('case.submitted', 'submitted'), ('case.withdrawn', 'withdrawn')) AS told (action, step) "
    "WHERE (SELECT count(*) FROM audit_entry a WHERE a.case_id = c.id AND a.action = told.action) "
    "<> (SELECT count(*) FROM casework_milestone s WHERE s.case_id = c.id AND s.step = told.step AND s.members = 0)",
    "case whose members are not counted as they stand": "SELECT c.id, told.step "
    "FROM casework_case c CROSS JOIN (VALUES ('decided', '{decided,printed,handed_over}'::text[]), ('printed', "
    "'{printed,handed_over}'), ('handed_over', '{handed_over}')) AS told (step, furthest) "
    "WHERE (SELECT count(*) FROM casework_casemember m WHERE m.case_id = c.id AND m.reached = ANY (told.furthest)) "
    "<> (SELECT coalesce(sum(s.members), 0) FROM casework_milestone s WHERE s.case_id = c.id AND s.step = told.step)",
    "member whose counted step does not fit": "SELECT m.id, m.step, m.reached FROM casework_casemember m WHERE "
    "(m.step IN ('approved', 'refused', 'in_print') AND m.reached = '') OR "
    "(m.step = 'ready' AND m.reached NOT IN ('printed', 'handed_over')) OR "
    "(m.step = 'handed_over' AND m.reached <> 'handed_over')",
    "card without its public status": "SELECT k.id FROM cards_card k LEFT JOIN cards_publicstatus s "
    "ON s.index = k.status_index WHERE s.index IS NULL",
    "public status of no card": "SELECT s.index FROM cards_publicstatus s LEFT JOIN cards_card k "
    "ON s.index = k.status_index WHERE k.id IS NULL",
    "batch whose cards are not all there": "SELECT b.id FROM cards_printbatch b LEFT JOIN cards_card k "
    "ON k.batch_id = b.id GROUP BY b.id HAVING count(k.id) <> b.card_count",
    "prepared batch without its PDF": "SELECT id FROM cards_printbatch WHERE (pdf_id IS NULL) "
    "<> (state IN ('queued', 'failed'))",
    "printed card that the register lacks": "SELECT k.id FROM cards_card k WHERE k.state IN ('ready', 'handed_over') "
    "AND NOT EXISTS (SELECT 1 FROM registry_persondocument d WHERE d.person_id = k.person_id AND d.series = k.series)",
    "card whose record is not one to one": "SELECT k.id FROM cards_card k WHERE (SELECT count(*) FROM audit_entry a "
    "WHERE a.action = 'card.issued' AND a.subject_id = k.id::text) <> 1 OR (SELECT count(*) FROM audit_entry a "
    "WHERE a.action = 'card.handed-over' AND a.subject_id = k.id::text) <> (k.handed_over_at IS NOT NULL)::int",
    "file whose record is not one to one": "SELECT f.id FROM files_storedfile f WHERE (SELECT count(*) "
    "FROM audit_entry a WHERE a.action = 'file.stored' AND a.subject_id = f.id::text) <> 1",
    "record of a file that is not there": "SELECT a.subject_id FROM audit_entry a WHERE a.action = 'file.stored' "
    "AND a.subject = 'files.storedfile' AND NOT EXISTS "
    "(SELECT 1 FROM files_storedfile f WHERE f.id::text = a.subject_id)",
    "record of a family that is not there": "SELECT a.subject_id FROM audit_entry a "
    "WHERE a.action = 'household.registered' AND NOT EXISTS "
    "(SELECT 1 FROM registry_household h WHERE h.id::text = a.subject_id)",
}


def _rows(cursor: Cursor, statement: str) -> list[Any]:
    cursor.execute(statement.encode())
    return cursor.fetchall()


def _cases_without_their_log(cursor: Cursor) -> list[str]:
    """Cases whose step is not where their recorded moves lead, one record for each move."""
    acts = [one.act for one in CASE_TRANSITIONS]
    recorded = defaultdict(list)
    cursor.execute("SELECT case_id, action FROM audit_entry WHERE action = ANY (%s) ORDER BY id", [acts])
    for case_id, action in cursor.fetchall():
        recorded[case_id].append(action)
    found = []
    for case_id, step in _rows(cursor, "SELECT id, step FROM casework_case"):
        led_to = _led_to(CaseStep.PRE_REGISTERED, recorded.pop(case_id, []), CASE_TRANSITIONS)
        if led_to != step:
            found.append(f"case {case_id} is {step}, its record leads to {led_to}")
    return [*found, *(f"moves of case {case_id} are recorded, the case is not there" for case_id in recorded)]


def _members_without_their_log(cursor: Cursor) -> list[str]:
    acts = [one.act for one in MEMBER_TRANSITIONS]
    recorded = defaultdict(list)
    cursor.execute(
        "SELECT (details->>'member')::uuid, action FROM audit_entry WHERE action = ANY (%s) "
        "AND details ? 'member' ORDER BY id",
        [acts],
    )
    for member_id, action in cursor.fetchall():
        recorded[member_id].append(action)
    found = []
    statement = (
        "SELECT m.id, m.step, c.step, EXISTS (SELECT 1 FROM audit_entry a WHERE a.case_id = c.id "
        "AND a.action = 'case.submitted') FROM casework_casemember m JOIN casework_case c ON c.id = m.case_id"
    )
    for member_id, step, case_step, is_sent in _rows(cursor, statement):
        # Sending the case to the province moves all its members with one record, the case's own; so does withdrawing.
        first = MemberStep.UNDER_REVIEW if is_sent else MemberStep.ENROLLED
        led_to = _led_to(first, recorded[member_id], MEMBER_TRANSITIONS)
        if case_step == CaseStep.WITHDRAWN and led_to not in MEMBER_ENDS:
            led_to = MemberStep.WITHDRAWN
        if led_to != step:
            found.append(f"member {member_id} is {step}, its record leads to {led_to}")
    return found


def _led_to(first: str, acts: Iterable[str], transitions: Iterable[Transition]) -> str:
    moves = {(str(one.source), one.act): str(one.target) for one in transitions}
    step = str(first)
    for act in acts:
        step = moves.get((step, act), f"nowhere: {act} after {step}")
    return step


def _missing_blobs(cursor: Cursor, files: Path) -> list[str]:
    """Blobs whose file is missing or cut short. Files without a row are orphans, which the nightly sweep removes."""
    found = []
    for blob_id, size in _rows(cursor, "SELECT id, size FROM files_blob"):
        path = files / UUID(str(blob_id)).hex[:2] / str(blob_id)
        if not path.exists() or path.stat().st_size != size:
            found.append(f"blob {blob_id} is not whole on disk")
    statement = (
        "SELECT b.id FROM files_blob b WHERE NOT EXISTS (SELECT 1 FROM files_storedfile s WHERE s.blob_id = b.id) "
        "AND NOT EXISTS (SELECT 1 FROM files_scopedfile s WHERE s.blob_id = b.id)"
    )
    return [*found, *(f"blob {row[0]} belongs to no file" for row in _rows(cursor, statement))]
