"""The evaluation of a case, and a running case put under another version of its round."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.models import Case
from khedmat.common.money import format_rial
from khedmat.payments.enums import ChargeState
from khedmat.payments.instalments import split_by_plan
from khedmat.payments.models import Charge
from khedmat.payments.selectors import sum_of_all_postings
from khedmat.rounds.actions import create_round_version, propose_version, publish_version
from khedmat.rounds.enums import OnUnmet, ReliefKind
from khedmat.rounds.errors import SameVersion
from khedmat.rounds.models import VersionMove
from khedmat.rounds.moving import move_to_version
from khedmat.rounds.relief import ask_relief, grant_relief
from khedmat.rounds.rules import RoundSpec
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.files.samples import pdf
from tests.rounds.samples import amayesh_18
from tests.rounds.test_relief import pay_later

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A family of two in the province, in a round that takes the money after the sending; nothing is paid."""
    pay_later(monkeypatch)
    line.open_round(cast)
    return line.submit(cast, line.take_application(cast, line.register(cast, size=2)).pk)


@pytest.fixture
def in_review(cast: Cast) -> Case:
    """A family in Bahram's hand, under the first version."""
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    line.pay(cast, case, receipt="1")
    line.submit(cast, case.pk)
    with working_context(cast["bahram"]):
        enter_case(case.pk, by=cast["bahram"])
        return take_for_review(case.pk, by=cast["bahram"])


def second_version(cast: Cast) -> None:
    """The fee of small households is another one, and a photograph is for the director general to look at."""
    first = amayesh_18().version
    levy = replace(first.tariff[0], amount_rial=1_800_000)
    rule = replace(first.rules[-1], expression="household_size > 9", on_unmet=OnUnmet.DIRECTOR_GENERAL)
    shown = (replace(first.examples[0], facts=replace(first.examples[0].facts, household_size=12)),)
    content = replace(first, tariff=(levy, *first.tariff[1:]), rules=(*first.rules[:-1], rule))
    examples = tuple(_expecting(one, "needs_review") for one in first.examples) + tuple(
        _expecting(one, "met") for one in shown
    )
    spec = RoundSpec(**{**_fields(amayesh_18()), "version": replace(content, examples=examples)})
    with working_context(cast["manager"]):
        draft = propose_version(create_round_version(spec, by=cast["manager"]).pk, by=cast["manager"])
    with working_context(cast["parvin"]):
        publish_version(draft.pk, by=cast["parvin"])


def _expecting(example: Any, state: str) -> Any:
    return replace(example, expected={**example.expected, "portrait": state})


def _fields(spec: RoundSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in ("code", "programme", "number", "title")}


def test_evaluation_shows_every_rule_also_those_that_do_not_apply(
    as_staff: Callable[[str], Client], in_review: Case
) -> None:
    page = reverse("rounds:evaluation", args=[in_review.pk])
    for name in ("bahram", "narges"):
        ((_person, rules),) = as_staff(name).get(page).context["members"]
        assert [rule.mark for rule in rules].count("Does not apply") == 2
        assert len(rules) == 6
        assert all(rule.inputs and rule.sentence and rule.source for rule in rules)
    assert as_staff("omid").get(page).status_code == 404


def test_move_is_previewed_then_done_with_a_note(
    as_staff: Callable[[str], Client], cast: Cast, in_review: Case
) -> None:
    second_version(cast)
    browser, page = as_staff("bahram"), reverse("rounds:move-version", args=[in_review.pk])
    sent = {"version": in_review.version, "to_version": "2", "note": "By the circular of today."}
    shown = browser.post(page, sent)
    preview = shown.context["preview"]
    assert "it stays" in shown.content.decode()
    assert {label for label, _before, _after in preview} >= {"Version", "Amount by the tariff"}
    with working_context(cast["bahram"]):
        assert Case.objects.get(pk=in_review.pk).series_version == 1
    assert browser.post(page, sent | {"confirmed": "1"}).status_code == 302
    with working_context(cast["bahram"]):
        moved = Case.objects.get(pk=in_review.pk)
        assert (moved.series_version, moved.is_for_director) == (2, True)
        (kept,) = VersionMove.objects.all()
        assert (kept.from_version, kept.to_version) == (1, 2)
        assert kept.note.startswith("By the circular of today.\nمبلغ یا بخشی از آن پرداخت شده است")


def moved_to_second(case: Case, cast: Cast) -> list[Charge]:
    """The case under the second version; its charges, the newest first."""
    with working_context(cast["bahram"]):
        enter_case(case.pk, by=cast["bahram"])
        taken = take_for_review(case.pk, by=cast["bahram"])
        move_to_version(case.pk, taken.version, 2, "Why.", by=cast["bahram"])
        return list(Charge.objects.filter(subject_id=case.pk).order_by("-raised_at"))


def test_paid_amount_stays(cast: Cast, in_review: Case) -> None:
    second_version(cast)
    (charge,) = moved_to_second(in_review, cast)
    assert (charge.state, charge.tariff_reference) == (ChargeState.PAID, "amayesh-18/1")


def test_amount_paid_in_part_stays(cast: Cast, later: Case) -> None:
    second_version(cast)
    with working_context(cast["kamran"]):
        charge = Charge.objects.get(subject_id=later.pk)
        split_by_plan(charge.pk, plan_code="three-parts", expected_version=charge.version, by=cast["kamran"])
    line.pay(cast, later)
    (kept,) = moved_to_second(later, cast)
    assert (kept.state, kept.tariff_reference) == (ChargeState.OPEN, "amayesh-18/1")
    assert kept.settled_rial > 0


def test_unpaid_amount_is_made_anew_with_what_was_granted(cast: Cast, later: Case) -> None:
    second_version(cast)
    with working_context(cast["narges"]):
        enter_case(later.pk, by=cast["narges"])
        paper = {"support-letter": pdf()}
        asked = ask_relief(later.pk, ReliefKind.EXEMPTION, "vulnerable", "Ill.", paper, by=cast["narges"])
    with working_context(cast["shirin"]):
        enter_case(later.pk, by=cast["shirin"])
        grant_relief(asked.pk, "Yes.", by=cast["shirin"])
    anew, former = moved_to_second(later, cast)
    assert (former.state, former.waived_rial) == (ChargeState.CANCELLED, 1_500_000)
    assert (anew.state, anew.waived_rial, anew.tariff_reference) == (ChargeState.OPEN, 1_800_000, "amayesh-18/2")
    assert anew.scope_id == former.scope_id == cast["narges"].scope_id
    with working_context(cast["bahram"]):
        said = VersionMove.objects.get().note
        assert sum_of_all_postings() == 0
    assert format_rial(anew.open_rial, "fa") in said
    line.pay(cast, later)
    with working_context(cast["kamran"]):
        assert Charge.objects.get(pk=anew.pk).state == ChargeState.PAID


def test_move_to_no_other_published_version_is_refused(cast: Cast, in_review: Case) -> None:
    for version in (1, 2):
        with working_context(cast["bahram"]), pytest.raises(SameVersion):
            move_to_version(in_review.pk, in_review.version, version, "Why.", by=cast["bahram"])


def test_clerk_opens_no_page_of_moving(as_staff: Callable[[str], Client], in_review: Case) -> None:
    assert as_staff("narges").get(reverse("rounds:move-version", args=[in_review.pk])).status_code == 403


def test_a_move_is_never_rewritten(cast: Cast, in_review: Case, raw: Any) -> None:
    with working_context(cast["bahram"]), pytest.raises(ProgrammingError, match="permission"), transaction.atomic():
        raw.execute("UPDATE rounds_versionmove SET to_version = 9")
