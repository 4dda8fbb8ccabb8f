"""The declared transitions, their drawing, and what no case may do."""

from collections import deque
from pathlib import Path

from django.conf import settings

from khedmat.casework.drawing import lifecycle_page
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.lifecycle import (
    CASE_ENDS,
    CASE_TRANSITIONS,
    MEMBER_ENDS,
    MEMBER_TRANSITIONS,
    Transition,
    case_transition,
    member_transition,
)


def _reached(transitions: tuple[Transition, ...], start: str) -> set[str]:
    seen, waiting = {start}, deque([start])
    while waiting:
        step = waiting.popleft()
        for one in transitions:
            if one.source == step and one.target not in seen:
                seen.add(one.target)
                waiting.append(one.target)
    return seen


def test_drawing_in_the_docs_is_the_code() -> None:
    page = Path(settings.BASE_DIR) / "docs" / "lifecycle.md"
    assert page.read_text(encoding="utf-8") == lifecycle_page()


def test_every_case_step_is_reached_from_the_first() -> None:
    assert _reached(CASE_TRANSITIONS, CaseStep.PRE_REGISTERED) == set(CaseStep)


def test_every_member_step_is_reached_from_the_first() -> None:
    assert _reached(MEMBER_TRANSITIONS, MemberStep.ENROLLED) == set(MemberStep)


def test_client_may_withdraw_at_every_step_before_the_end() -> None:
    for step in set(CaseStep) - CASE_ENDS:
        assert case_transition(step, CaseStep.WITHDRAWN)


def test_member_may_withdraw_at_every_step_before_the_end() -> None:
    for step in set(MemberStep) - MEMBER_ENDS:
        assert member_transition(step, MemberStep.WITHDRAWN)


def test_an_upheld_appeal_alone_leads_out_of_an_end() -> None:
    assert [one.act for one in CASE_TRANSITIONS if one.source in CASE_ENDS] == ["case.reopened"]
    assert [one.act for one in MEMBER_TRANSITIONS if one.source in MEMBER_ENDS] == ["member.appeal-upheld"]


def test_no_act_is_a_machines_refusal() -> None:
    refusals = [one for one in MEMBER_TRANSITIONS if one.target == MemberStep.REFUSED]
    assert [one.source for one in refusals] == [MemberStep.UNDER_REVIEW]
