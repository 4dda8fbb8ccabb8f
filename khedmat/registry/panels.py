"""Panels that higher storeys put on a family's page.

The register knows no cases, cards or letters: whoever does hands it a function from its `apps.py`, in `ready()`:

    register_panel(cases_of_family)

The function gets the request (past the gate, inside the actor's working context, with the family open) and the
household, and answers the finished HTML of a `k-panel`, or None where it has nothing to show. It reads; it
changes nothing. Panels stand in the order in which they were registered.
"""

from collections.abc import Callable

from django.utils.safestring import SafeString

from khedmat.accounts.gate import StaffRequest
from khedmat.registry.models import Household

Panel = Callable[[StaffRequest, Household], SafeString | None]
_panels: list[Panel] = []


def register_panel(panel: Panel) -> None:
    """Have `panel(request, household)` shown on every family's page. Registering twice counts once."""
    if panel not in _panels:
        _panels.append(panel)


def forget_panel(panel: Panel) -> None:
    """Undo `register_panel`."""
    _panels.remove(panel)


def panels_of(request: StaffRequest, household: Household) -> list[SafeString]:
    """What the storeys above show of this family."""
    shown = (panel(request, household) for panel in _panels)
    return [html for html in shown if html]
