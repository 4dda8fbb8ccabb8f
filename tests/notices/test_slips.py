"""A code on paper opens a family at a counter of its province, and tells nothing to whoever guesses."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible, RoleMayNotOpen, SpentReadBudget
from khedmat.notices.enums import Language
from khedmat.notices.letter_pdf import render_letter_pictures, render_letters
from khedmat.notices.models import Slip
from khedmat.notices.samples import OFFICE
from khedmat.notices.slips import _page, make_slip, open_slip, slip_pages, subject_of_code
from khedmat.registry.models import Household
from tests.cast import Cast
from tests.notices.test_letters_as_pictures import SHOTS, missing_glyphs


def slip_for(cast: Cast, household: Household, acting: Any) -> tuple[Slip, str]:
    with acting(cast["narges"]):
        return make_slip("enrolment", household.pk, household.pk, by=cast["narges"])


def test_a_slip_opens_its_family_at_another_counter_of_the_province(
    cast: Cast, household: Household, acting: Any
) -> None:
    _, code = slip_for(cast, household, acting)
    with acting(cast["omid"]):
        assert not Household.objects.filter(pk=household.pk).exists()
        persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")).replace("-", " ")
        opened = open_slip(persian, by=cast["omid"])
        assert opened is not None
        assert opened.subject_id == household.pk
        assert Household.objects.filter(pk=household.pk).exists()


def test_a_slip_opens_no_family_of_another_province(cast: Cast, household: Household, acting: Any) -> None:
    _, code = slip_for(cast, household, acting)
    with pytest.raises(RecordNotVisible), acting(cast["mina"]):
        open_slip(code, by=cast["mina"])


def test_the_code_is_not_kept(cast: Cast, household: Household, acting: Any) -> None:
    slip, code = slip_for(cast, household, acting)
    assert code.replace("-", "").encode() not in bytes(slip.code_digest)
    assert len(code.replace("-", "")) == 12


def test_a_code_that_another_slip_has_is_drawn_anew(
    cast: Cast, household: Household, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = [*"1" * 12, *"1" * 12, *"2" * 12]
    monkeypatch.setattr("khedmat.notices.slips.secrets.choice", lambda _of: digits.pop(0))
    codes = [slip_for(cast, household, acting)[1] for _slip in range(2)]
    assert codes == ["1111-1111-1111", "2222-2222-2222"]


def test_codes_that_stand_for_nothing_are_counted_and_stopped(cast: Cast, household: Household, acting: Any) -> None:
    _, code = slip_for(cast, household, acting)
    with acting(cast["omid"]):
        for guess in range(20):
            assert open_slip(f"{guess:012}", by=cast["omid"]) is None
    with pytest.raises(SpentReadBudget), acting(cast["omid"]):
        open_slip(code, by=cast["omid"])


def test_only_counters_open_and_make_slips(cast: Cast, household: Household, acting: Any) -> None:
    _, code = slip_for(cast, household, acting)
    with pytest.raises(RoleMayNotOpen), acting(cast["bahram"]):
        open_slip(code, by=cast["bahram"])
    with pytest.raises(PermissionMissing), acting(cast["kamran"]):
        make_slip("enrolment", household.pk, household.pk, by=cast["kamran"])


def test_the_public_page_learns_what_a_code_stands_for_and_nothing_of_whom(
    cast: Cast, household: Household, acting: Any
) -> None:
    _, code = slip_for(cast, household, acting)
    assert subject_of_code(code) == ("enrolment", household.pk)
    assert subject_of_code("0" * 12) is None


def test_a_slip_is_drawn_in_every_language(cast: Cast, household: Household, acting: Any) -> None:
    slip, code = slip_for(cast, household, acting)
    pdf = render_letters(slip_pages(slip, code, OFFICE, "ps"))
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
    assert missing_glyphs(pdf) == 0
    SHOTS.mkdir(parents=True, exist_ok=True)
    pages = [_page(slip, code, OFFICE, language) for language in Language]
    for language, picture in zip(Language, render_letter_pictures(pages), strict=True):
        (SHOTS / f"slip.{language}.png").write_bytes(picture)
