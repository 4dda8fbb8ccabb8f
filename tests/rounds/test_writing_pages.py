"""A round written on screen: cloned, changed, checked, proposed by one person and published by another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from khedmat.common.jalali import to_jalali
from khedmat.rounds.enums import VersionState
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.selectors import content_of, version_by_id
from khedmat.rounds.web.writing.words import PART_TITLES
from tests import line
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(cast: Cast) -> RoundVersion:
    return line.open_round(cast)


def day(name: str, value: Any) -> dict[str, str]:
    jalali = to_jalali(value)
    return {f"{name}_day": str(jalali.day), f"{name}_month": str(jalali.month), f"{name}_year": str(jalali.year)}


def clone(browser: Client, version: RoundVersion, **changes: object) -> RoundVersion:
    fields = {"number": "19", "title_fa": "آمایش ۱۹", "title_en": "Amayesh 19"} | day("opens_on", version.closes_on)
    answer = browser.post(reverse("rounds:write-clone", args=[version.pk]), fields | changes)
    assert answer.status_code == 302, answer.content.decode()
    return RoundVersion.objects.get(state=VersionState.DRAFT)


def as_offered(answer: Any) -> dict[str, Any]:
    """What the page's form would send, unchanged."""
    form = answer.context["form"]
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if hasattr(value, "isoformat"):
            data |= day(bound.html_name, value)
        elif value is not None and value is not False:
            data[bound.html_name] = value
    return data


def test_round_is_cloned_with_all_dates_moved(as_staff: Callable[[str], Client], published: RoundVersion) -> None:
    draft = clone(as_staff("manager"), published)
    old, new = content_of(published), content_of(version_by_id(draft.pk))
    assert (draft.round.code, draft.version, draft.opens_on) == ("amayesh-19", 1, published.closes_on)
    assert new.card_valid_until - new.opens_on == old.card_valid_until - old.opens_on
    assert new.examples[0].facts.round_number == old.examples[0].facts.round_number + 1
    assert new.texts == old.texts


def test_rule_is_tried_then_kept_and_then_published_by_another(
    as_staff: Callable[[str], Client], published: RoundVersion
) -> None:
    manager = as_staff("manager")
    draft = clone(manager, published, number="18")
    page = reverse("rounds:write-row", args=[draft.pk, "rules", "portrait"])
    sent = as_offered(manager.get(page)) | {"sentence_met_en": "Photographed."}
    tried = manager.post(page, sent | {"try": "1", "expression": "!has_portrait"})
    assert any(not one["is_expected"] for one in tried.context["tried"])
    assert content_of(draft).rules[-1].sentence_met.en != "Photographed."
    assert manager.post(page, sent).status_code == 302
    assert content_of(draft).rules[-1].sentence_met.en == "Photographed."
    overview = reverse("rounds:write-version", args=[draft.pk])
    check = manager.get(reverse("rounds:write-check", args=[draft.pk]))
    assert ["Photographed."] in [[new for _label, _old, new in one["rows"]] for one in check.context["differences"]]
    assert manager.post(overview, {"step": "propose", "revision": "2"}).status_code == 302
    assert manager.post(overview, {"step": "publish", "revision": "2"}).status_code == 403
    assert as_staff("parvin").post(overview, {"step": "publish", "revision": "2"}).status_code == 302
    assert version_by_id(draft.pk).state == VersionState.PUBLISHED


def test_proposal_falls_with_any_change(as_staff: Callable[[str], Client], published: RoundVersion) -> None:
    manager = as_staff("manager")
    draft = clone(manager, published, number="18")
    overview = reverse("rounds:write-version", args=[draft.pk])
    assert manager.post(overview, {"step": "propose", "revision": "1"}).status_code == 302
    moved = {"way": "down", "code": "levy-1-2", "revision": "1"}
    assert manager.post(reverse("rounds:write-part", args=[draft.pk, "tariff"]), moved).status_code == 302
    assert not version_by_id(draft.pk).is_proposed
    assert [one.code for one in content_of(draft).tariff][:2] == ["levy-3-4", "levy-1-2"]


def test_a_change_of_an_older_revision_is_refused(as_staff: Callable[[str], Client], published: RoundVersion) -> None:
    manager = as_staff("manager")
    draft = clone(manager, published, number="18")
    page = reverse("rounds:write-part", args=[draft.pk, "rules"])
    for status in (302, 409):
        assert manager.post(page, {"way": "remove", "code": "portrait", "revision": "1"}).status_code == status
        assert "portrait" not in [one.code for one in content_of(draft).rules]


def test_rule_taken_out_takes_its_texts_and_expectations(
    as_staff: Callable[[str], Client], published: RoundVersion
) -> None:
    manager = as_staff("manager")
    draft = clone(manager, published, number="18")
    page = reverse("rounds:write-part", args=[draft.pk, "rules"])
    manager.post(page, {"way": "remove", "code": "portrait", "revision": "1"})
    assert manager.get(reverse("rounds:write-check", args=[draft.pk])).context["problems"] == []


def test_each_part_is_shown_and_kept_as_it_stands(as_staff: Callable[[str], Client], published: RoundVersion) -> None:
    manager = as_staff("manager")
    draft = clone(manager, published, number="18")
    before = content_of(draft)
    for part in PART_TITLES:
        rows = manager.get(reverse("rounds:write-part", args=[draft.pk, part])).context["rows"]
        page = reverse("rounds:write-row", args=[draft.pk, part, rows[0].code])
        answer = manager.post(page, as_offered(manager.get(page)))
        assert answer.status_code == 302, answer.content.decode()
        assert content_of(version_by_id(draft.pk)) == before
        new = manager.get(reverse("rounds:write-row", args=[draft.pk, part, "new"]))
        assert new.status_code == (404 if part == "texts" else 200)


def test_basics_are_kept(as_staff: Callable[[str], Client], published: RoundVersion) -> None:
    manager = as_staff("manager")
    draft = clone(manager, published, number="18")
    page = reverse("rounds:write-basics", args=[draft.pk])
    sent = as_offered(manager.get(page)) | {"circular_number": "140/1", "payment_order": "after_submission"}
    assert manager.post(page, sent).status_code == 302
    kept = version_by_id(draft.pk)
    assert (kept.circular_number, kept.payment_order) == ("140/1", "after_submission")


def test_window_of_no_province_is_refused_by_name(as_staff: Callable[[str], Client], published: RoundVersion) -> None:
    manager = as_staff("manager")
    draft = clone(manager, published, number="18")
    old = as_offered(manager.get(reverse("rounds:write-row", args=[draft.pk, "windows", "09"])))
    page = reverse("rounds:write-row", args=[draft.pk, "windows", "new"])
    answer = manager.post(page, old | {"province": "99"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["province"])


def test_office_asks_and_manager_answers_for_all(as_staff: Callable[[str], Client], published: RoundVersion) -> None:
    page = reverse("rounds:briefing", args=["amayesh-18"])
    assert as_staff("shirin").post(page, {"text": "Which letter counts?"}).status_code == 302
    manager = as_staff("manager")
    (question, _form) = manager.get(page).context["questions"][0]
    too_long = manager.post(page, {"question": question.pk, "answer": "Any. " * 300})
    assert too_long.status_code == 422
    assert "Any. Any. " in too_long.content.decode()
    assert manager.post(page, {"question": "none", "answer": "Any."}).context["error"].code == "round-step-unknown"
    assert manager.post(page, {"question": question.pk, "answer": "Any of the four bodies."}).status_code == 302
    shown = as_staff("mina").get(page).content.decode()
    assert "Which letter counts?" in shown
    assert "Any of the four bodies." in shown


def test_published_version_shows_no_way_to_change_it(
    as_staff: Callable[[str], Client], published: RoundVersion
) -> None:
    manager = as_staff("manager")
    assert (
        "<button"
        not in manager.get(reverse("rounds:write-part", args=[published.pk, "rules"]))
        .content.decode()
        .split("<main")[1]
    )
    row = reverse("rounds:write-row", args=[published.pk, "rules", "portrait"])
    assert manager.get(row).status_code == 409
