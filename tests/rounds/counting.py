"""What the cockpit must show, counted anew from the tables of cases, members, appointments, charges, decisions, cards.

The contract is that of `khedmat.casework.models.Milestone`; nothing here reads a milestone, or the step by which one is
written where another table tells the same. The record of acts is asked only for what no table keeps: whether a
withdrawn case had come, what came first, and when a case was sent. Where a case was at a moment, its referrals tell.
"""

from collections import Counter
from typing import Any

import psycopg

# The office that had a case at `f.moment`: the one that the first referral accepted after it took it from.
_PLACE = (
    "coalesce((SELECT r.from_scope_id FROM casework_referral r WHERE r.case_id = c.id AND r.state = 'accepted' "
    "AND r.answered_at > f.moment ORDER BY r.answered_at LIMIT 1), c.scope_id)"
)
_ACT = "SELECT {} FROM audit_entry a WHERE a.case_id = {} AND a.action = 'case.{}'"

# By step: one row for each case or member that is counted, with the moment at which the step was reached first.
_FIRST = {
    # No case goes elsewhere before its family came.
    "arrived": "SELECT k.id AS case_id, '-infinity'::timestamptz AS moment FROM casework_case k "
    "WHERE k.step NOT IN ('pre_registered', 'booked') "
    f"AND (k.step <> 'withdrawn' OR EXISTS ({_ACT.format(1, 'k.id', 'arrived')}))",
    # Only who is sent to the province has a time of service.
    "submitted": f"SELECT k.id AS case_id, ({_ACT.format('min(a.at)', 'k.id', 'submitted')}) AS moment "
    "FROM casework_case k WHERE k.clock_from IS NOT NULL",
    "decided": "SELECT d.case_id, min(d.decided_at) AS moment FROM casework_decision d "
    "WHERE d.outcome IN ('approve', 'refuse') GROUP BY d.case_id, d.member_id",
    # A card that was revoked may have been printed before, or not: its member's act tells.
    "printed": "SELECT k.case_id, min(b.printed_at) AS moment FROM cards_card k JOIN cards_printbatch b "
    "ON b.id = k.batch_id AND b.printed_at IS NOT NULL WHERE k.state IN ('ready', 'handed_over') "
    "OR EXISTS (SELECT 1 FROM audit_entry a WHERE a.case_id = k.case_id AND a.action = 'member.card-ready' "
    "AND a.details->>'member' = k.case_member_id::text) GROUP BY k.case_id, k.case_member_id",
    "handed_over": "SELECT k.case_id, min(k.handed_over_at) AS moment FROM cards_card k "
    "WHERE k.handed_over_at IS NOT NULL GROUP BY k.case_id, k.case_member_id",
    "withdrawn": "SELECT k.id AS case_id, k.closed_at AS moment FROM casework_case k WHERE k.step = 'withdrawn'",
}
# What has a place of its own: an appointment, and the amount that is set when all are photographed.
_OWN_PLACE = {
    # Its first appointment, if that was made before the family came: the ids of acts tell their order.
    "booked": "SELECT DISTINCT ON (b.subject_id) b.subject_id AS case_id, b.scope_id FROM service_booking b "
    "JOIN (SELECT subject_id, min(id) AS act FROM audit_entry WHERE action = 'appointment.booked' GROUP BY 1) made "
    "ON made.subject_id = b.id::text LEFT JOIN (SELECT case_id, min(id) AS act FROM audit_entry "
    "WHERE action = 'case.arrived' GROUP BY 1) came ON came.case_id = b.subject_id "
    "WHERE came.act IS NULL OR made.act < came.act ORDER BY b.subject_id, made.act",
    "photographed": "SELECT DISTINCT g.subject_id AS case_id, g.scope_id FROM payments_charge g",
    # The first part of it is paid, or nothing is left to pay.
    "paid": "SELECT DISTINCT g.subject_id AS case_id, g.scope_id FROM payments_charge g WHERE g.state = 'paid' "
    "OR EXISTS (SELECT 1 FROM payments_instalment i WHERE i.charge_id = g.id AND i.state = 'paid')",
}
_COUNT = (
    "SELECT {place}, '{step}', count(*) FROM ({rows}) f "
    "JOIN casework_case c ON c.id = f.case_id AND c.series = %(series)s GROUP BY 1"
)
_STATEMENTS = (
    *(_COUNT.format(place=_PLACE, step=step, rows=rows) for step, rows in _FIRST.items()),
    *(_COUNT.format(place="f.scope_id", step=step, rows=rows) for step, rows in _OWN_PLACE.items()),
)


def counted_by_office(cursor: psycopg.Cursor[Any], series: str) -> Counter[tuple[int, str]]:
    """By (office, step): families for steps of the case, members for decided, printed and handed over.

    `cursor`: one that sees every row, as the tables' owner does. A step counts at the office where it was reached.
    """
    cursor.execute(" UNION ALL ".join(f"({one})" for one in _STATEMENTS).encode(), {"series": series})
    return Counter({(scope_id, step): amount for scope_id, step, amount in cursor.fetchall() if amount})
