"""Faults that were found and are not mended yet. They are tried in every run; what is listed is to become empty.

`FAULTS` must fail: one that is mended fails the run until it leaves the list. The routes in
`robustness/not_yet_judged.txt` came with the round in earnest; a part of their generated posts was never run on a
whole tree, so that a failure of theirs is shown ('xfailed') and ends nothing.
"""

from pathlib import Path

import pytest

FAULTS = {
    "tests/robustness/test_generated_forms.py::test_no_page_asks_more_than_fifteen_things_of_the_database": (
        "a case's page asks 16"
    ),
}
_NOT_YET_JUDGED = frozenset(
    (Path(__file__).parent / "robustness" / "not_yet_judged.txt").read_text(encoding="utf-8").split()
)


def mark(item: pytest.Item) -> None:
    """Expect a failure of what is listed."""
    reason = FAULTS.get(item.nodeid)
    if reason is not None:
        item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
        return
    route = getattr(item, "callspec", None) and item.callspec.params.get("route")  # type: ignore[attr-defined]
    if item.path.name == "test_generated_forms.py" and str(route) in _NOT_YET_JUDGED:
        item.add_marker(pytest.mark.xfail(reason="generated posts of this route were not yet judged", strict=False))
