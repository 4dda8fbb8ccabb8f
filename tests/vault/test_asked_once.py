"""What is asked of the signed context in a function over many rows is asked once, not for each row.

PostgreSQL calls a stable function in a filter for each row, and in a sub-select once. Each call verifies a signature:
for a clerk with eighty families open it made a statement ten times as slow.
"""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.django_db

ASKS = r"guard\.(?:visible_scopes|granted_households|scope_id|province_id|user_id|role)\(\)"
ONCE = re.compile(rf"\(SELECT {ASKS}")
ANY = re.compile(ASKS)


def test_functions_over_rows_ask_once(as_migrator: Any) -> None:
    as_migrator.execute(
        "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "JOIN pg_language l ON l.oid = p.prolang WHERE n.nspname = 'guard' AND p.proretset AND l.lanname = 'sql'"
    )
    found = dict(as_migrator.fetchall())
    assert {"member_steps", "cases_awaiting_print", "appeals_in_reach"} <= found.keys()
    assert [name for name, source in found.items() if ANY.search(ONCE.sub("", source))] == []


def test_policies_ask_once(as_migrator: Any) -> None:
    as_migrator.execute(
        "SELECT polrelid::regclass::text || '.' || polname, pg_get_expr(polqual, polrelid) FROM pg_policy "
        "WHERE polqual IS NOT NULL"
    )
    found = dict(as_migrator.fetchall())
    assert len(found) > 50
    # PostgreSQL writes a sub-select as `( SELECT guard.scope_id() AS scope_id)`.
    asked = {name: re.sub(rf"\( SELECT {ASKS}", "", condition) for name, condition in found.items()}
    assert [name for name, condition in asked.items() if ANY.search(condition)] == []
