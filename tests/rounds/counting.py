"""What the cockpit must show, counted anew from the tables of cases, members, bookings, charges, decisions and cards.

Nothing here reads a milestone. A withdrawn case no longer says how far it came: of those the record of acts tells it.
"""

from collections import Counter
from typing import Any

import psycopg

_LATER = {
    "arrived": "'arrived', 'papers_checked', 'photographed', 'paid', 'submitted', 'under_review', 'closed'",
    "photographed": "'photographed', 'paid', 'submitted', 'under_review', 'closed'",
    "submitted": "'submitted', 'under_review', 'closed'",
}


# A referred case came as far as it was when it was accepted at the office that had it then.
_PLACE_BEFORE = (
    "SELECT a.scope_id FROM audit_entry a JOIN casework_referral r ON r.case_id = c.id AND r.state = 'accepted' "
    "WHERE a.case_id = c.id AND a.action = 'case.{}' ORDER BY a.id LIMIT 1"
)


def _came_to(step: str) -> str:
    return (
        f"SELECT coalesce(({_PLACE_BEFORE.format(step)}), c.scope_id), '{step}', count(*) FROM casework_case c "
        "WHERE c.series = %(series)s "
        f"AND (c.step IN ({_LATER[step]}) OR (c.step = 'withdrawn' AND EXISTS (SELECT 1 FROM audit_entry a "
        f"WHERE a.case_id = c.id AND a.action = 'case.{step}'))) GROUP BY 1"
    )


_OF_CASE = "JOIN casework_case c ON c.id = {} AND c.series = %(series)s"
_STATEMENTS = (
    "SELECT b.scope_id, 'booked', count(DISTINCT c.id) FROM service_booking b "
    + _OF_CASE.format("b.subject_id")
    + " GROUP BY 1",
    _came_to("arrived"),
    _came_to("photographed"),
    "SELECT g.scope_id, 'paid', count(DISTINCT c.id) FROM payments_charge g "
    + _OF_CASE.format("g.subject_id")
    # Who pays in parts has paid with the first of them.
    + " WHERE g.state = 'paid' OR EXISTS (SELECT 1 FROM payments_instalment i WHERE i.charge_id = g.id "
    "AND i.state = 'paid') GROUP BY 1",
    _came_to("submitted"),
    "SELECT c.scope_id, 'decided', count(DISTINCT d.member_id) FROM casework_decision d "
    + _OF_CASE.format("d.case_id")
    + " WHERE d.outcome IN ('approve', 'refuse') GROUP BY 1",
    "SELECT c.scope_id, 'printed', count(DISTINCT k.case_member_id) FROM cards_card k "
    + _OF_CASE.format("k.case_id")
    + " WHERE k.state IN ('ready', 'handed_over') OR EXISTS (SELECT 1 FROM audit_entry a WHERE a.case_id = c.id "
    "AND a.action = 'member.card-ready' AND a.details->>'member' = k.case_member_id::text) GROUP BY 1",
    "SELECT c.scope_id, 'handed_over', count(DISTINCT k.case_member_id) FROM cards_card k "
    + _OF_CASE.format("k.case_id")
    + " WHERE k.handed_over_at IS NOT NULL GROUP BY 1",
    "SELECT c.scope_id, 'withdrawn', count(*) FROM casework_case c WHERE c.series = %(series)s "
    "AND c.step = 'withdrawn' GROUP BY 1",
)


def counted_by_office(cursor: psycopg.Cursor[Any], series: str) -> Counter[tuple[int, str]]:
    """By (office, step): families for steps of the case, members for decided, printed and handed over.

    `cursor`: one that sees every row, as the tables' owner does. A step counts at the office where it was reached.
    """
    cursor.execute(" UNION ALL ".join(f"({one})" for one in _STATEMENTS).encode(), {"series": series})
    return Counter({(scope_id, step): amount for scope_id, step, amount in cursor.fetchall() if amount})


def counted(cursor: psycopg.Cursor[Any], series: str) -> Counter[str]:
    """By step, all offices together."""
    total: Counter[str] = Counter()
    for (_office, step), amount in counted_by_office(cursor, series).items():
        total[step] += amount
    return total
