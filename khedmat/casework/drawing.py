"""The lifecycle as a drawing (Mermaid), made from the declared transitions."""

from collections.abc import Iterable, Sequence

from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.lifecycle import CASE_ENDS, CASE_TRANSITIONS, MEMBER_ENDS, MEMBER_TRANSITIONS, Transition

PAGE = """# The lifecycle of a case

Made from `khedmat/casework/lifecycle.py` by `python scripts/lifecycle.py`; a test fails when it is stale.

The case is the household's; each member has a step of their own once the case is submitted. The case closes with
its last member. Every arrow is one audit row, named as on the arrow.

## The household's case

{case}

Not drawn: from every step before the end the client may withdraw (`case.withdrawn`), at any time and in one step.

## One member

{member}

Not drawn: from every step before hand-over a member may be withdrawn (`member.withdrawn`).
"""


def lifecycle_page() -> str:
    """The whole page `docs/lifecycle.md`."""
    case = _drawing(CASE_TRANSITIONS, CaseStep.PRE_REGISTERED, CASE_ENDS, CaseStep.WITHDRAWN)
    member = _drawing(MEMBER_TRANSITIONS, MemberStep.ENROLLED, MEMBER_ENDS, MemberStep.WITHDRAWN)
    return PAGE.format(case=case, member=member)


def _drawing(transitions: Sequence[Transition], start: str, ends: Iterable[str], withdrawn: str) -> str:
    shown = [one for one in transitions if one.target != withdrawn]
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {start}"]
    lines += [f"    {one.source} --> {one.target}: {one.act}" for one in shown]
    lines += [f"    {end} --> [*]" for end in sorted(ends) if end != withdrawn]
    return "\n".join([*lines, "```"])
