"""What a case's letters say, and the counter's page of them."""

from typing import Any

import pytest

from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.appeals import decide_appeal, lodge_appeal, open_appeal
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.casework.referrals import accept_referral
from khedmat.notices.enums import LetterKind
from khedmat.notices.models import Letter, Message, Slip
from khedmat.notices.selectors import composed_texts
from khedmat.rounds.enrolment import decide
from khedmat.rounds.errors import LetterNotPossible
from khedmat.rounds.letters import CaseLetters, address_of_case, make_case_letter
from tests import line
from tests.browsers import SignIn
from tests.casework.recourse import asked
from tests.cast import Cast

REFUSED = "کارت دورهٔ پیش ارائه نشد."


def words_in(letter: Letter, language: str) -> str:
    text = composed_texts(letter)[language]
    blocks = [run["text"] for block in text["blocks"] for run in (*block["label"], *block["runs"])]
    return " ".join(" ".join([*(run["text"] for run in text["title"]), *blocks]).split())


@pytest.fixture
def decided(cast: Cast, acting: Any) -> Case:
    """Of a family of two, one approved, one refused."""
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=2))
    line.pay(cast, case, receipt="1001")
    line.submit(cast, case.pk)
    officer = cast["bahram"]
    with acting(officer):
        enter_case(case.pk, by=officer)
        take_for_review(case.pk, by=officer)
        first, second = CaseMember.objects.filter(case=case).order_by("person__position")
        for member, outcome in ((first, Outcome.APPROVE), (second, Outcome.REFUSE)):
            decide(case.pk, Case.objects.get(pk=case.pk).version, member.pk, outcome, REFUSED, by=officer)
        return Case.objects.get(pk=case.pk)


def test_a_decision_says_the_reason_and_the_last_day_of_appeal_in_both_languages(
    cast: Cast, decided: Case, acting: Any
) -> None:
    with acting(cast["narges"]):
        letter = make_case_letter(decided.pk, LetterKind.DECISION, "ps", by=cast["narges"])
        persian, pashto = words_in(letter, "fa"), words_in(letter, "ps")
    assert ": تأیید شد" in persian
    assert ": تأیید نشد" in persian
    assert REFUSED in persian
    assert "می‌توانید اعتراض کنید" in persian
    assert "مهلت اعتراض ۲۰ روز کاری" in persian
    assert "اعتراض کولای شئ" in pashto
    assert composed_texts(letter)["ps"]["mark"]


def test_a_receipt_says_what_was_paid(cast: Cast, decided: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        letter = make_case_letter(decided.pk, LetterKind.RECEIPT, "en", by=cast["narges"])
        english = words_in(letter, "en")
    assert "1001" in english
    assert "Card terminal at the counter" in english or "Cash at the counter" in english
    assert "Total" in english


def test_missing_papers_are_named_in_the_family_s_language(cast: Cast, acting: Any) -> None:
    case = line.arrived(cast, size=2)
    with acting(cast["narges"]):
        letters = CaseLetters(case, case.opened_at.date())
        assert letters.kinds() == [LetterKind.MISSING_PAPERS]
        values = letters.values(LetterKind.MISSING_PAPERS)
        letter = make_case_letter(case.pk, LetterKind.MISSING_PAPERS, "ar", by=cast["narges"])
        missing = values["missing"]
        assert isinstance(missing, tuple)
        assert len(missing) > 0
        for paper in missing:
            assert paper.texts["ar"] in words_in(letter, "ar")  # type: ignore[union-attr]
        with pytest.raises(LetterNotPossible):
            make_case_letter(case.pk, LetterKind.RECEIPT, "fa", by=cast["narges"])


def test_the_page_writes_prints_tells_and_gives_a_slip(
    as_staff: SignIn, cast: Cast, decided: Case, acting: Any
) -> None:
    browser, address = as_staff("narges"), f"/cases/{decided.pk}/letters/"
    assert "Not written yet" not in browser.get(address).content.decode()
    assert browser.post(address, {"kind": "appointment", "language": "fa"}).status_code == 422
    assert browser.post(address, {"kind": "decision", "language": "prs"}).status_code == 302
    with acting(cast["narges"]):
        letter = Letter.objects.get(language="prs")
    browser.post(f"{address}{letter.pk}/again/", {"language": "ar"})
    for _ in range(2):
        browser.post(f"{address}{letter.pk}/tell/")
    page = browser.get(address).content.decode()
    assert "told of this letter already" in page
    slip = browser.post(f"/cases/{decided.pk}/slip/", {"language": "ps"}).content.decode()
    assert slip.count("data:image/png;base64,") == 2
    with acting(cast["narges"]):
        written = Letter.objects.order_by("serial").values_list("kind", "language")
        assert list(written) == [("decision", "fa"), ("decision", "prs"), ("decision", "ar")]
        assert Message.objects.get(key=f"letter:{letter.pk}").language == "prs"
        assert Slip.objects.count() >= 2


def test_a_letter_of_another_case_is_not_written_again_here(
    as_staff: SignIn, cast: Cast, decided: Case, acting: Any
) -> None:
    other = line.take_application(cast, line.register(cast, cards_from=5_500_000, size=1))
    with acting(cast["narges"]):
        letter = make_case_letter(decided.pk, LetterKind.DECISION, "fa", by=cast["narges"])
    answer = as_staff("narges").post(f"/cases/{other.pk}/letters/{letter.pk}/again/", {"language": "ar"})
    assert answer.status_code == 404


def test_a_slip_leads_to_the_case_or_to_the_family(cast: Cast, decided: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        assert address_of_case(decided.pk, decided.household_id) == f"/cases/{decided.pk}/"
    with acting(cast["omid"]):
        assert str(decided.household_id) in address_of_case(decided.pk, decided.household_id)


def test_the_answer_to_an_appeal_is_a_letter(cast: Cast, decided: Case, acting: Any) -> None:
    second = cast["laleh"]
    with acting(cast["narges"]):
        member = CaseMember.objects.filter(case=decided).order_by("person__position")[1]
        appeal = lodge_appeal(decided.pk, member.pk, "کارت همراه است.", by=cast["narges"])
        assert LetterKind.APPEAL not in CaseLetters(decided, appeal.lodged_on).kinds()
    with acting(second):
        open_appeal(appeal.pk, by=second)
        decide_appeal(appeal.pk, is_upheld=False, reason="کارت تازه نبود.", rule_outcomes={}, by=second)
    with acting(cast["narges"]):
        letter = make_case_letter(decided.pk, LetterKind.APPEAL, "en", by=cast["narges"])
        assert "the earlier decision stands" in words_in(letter, "en")
        assert "کارت تازه نبود." in words_in(letter, "fa")


def test_a_case_that_went_to_another_office_is_told_so_there(cast: Cast, acting: Any) -> None:
    case = line.arrived(cast, size=2)
    referral = asked(cast["narges"], case, cast.places["rey"])
    with acting(cast["omid"]):
        accept_referral(referral.pk, by=cast["omid"])
        letter = make_case_letter(case.pk, LetterKind.REFERRAL, "en", by=cast["omid"])
        english = words_in(letter, "en")
    assert "Kefalat office 042, Shahriar" in english
    assert "Kefalat office 017, Rey" in english
