"""Letters say what they must, in each language's own digits, and nothing that nobody gave them."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from khedmat.notices.composing import ComposedLetter, UnfitTemplate, check_template, compose_letter
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.samples import SAMPLES
from khedmat.notices.shipped import shipped_letters
from khedmat.notices.slots import SPECS, Result, UnfitValues, Value, as_json, from_json, words
from khedmat.notices.wording import code_words, day_words, time_words

TEXTS = {(one.kind, one.language): one for one in shipped_letters(1)}
KINDS = list(LetterKind)
DAY = date(2026, 12, 3)


def said(letter: ComposedLetter) -> str:
    blocks = (*letter.head, *letter.blocks)
    parts = [run.text for block in blocks for run in (*block.label, *block.runs)]
    return " ".join([*(run.text for run in letter.title), *parts])


def composed(kind: LetterKind, language: Language, **changed: Value) -> ComposedLetter:
    return compose_letter(kind, {**SAMPLES[kind], **changed}, TEXTS[kind, language])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_text_is_written_by_the_rules_and_says_all_its_slots(
    kind: LetterKind, language: Language
) -> None:
    text = TEXTS[kind, language]
    check_template(text)
    spec = SPECS[kind]
    round_about = {"recipient", "letter_number", "case_number", "made_on", "office", "reach"}
    for slot in (spec.required | spec.optional) - round_about - {"results", "lines"}:
        assert f"{{{slot}}}" in text.title + text.body, slot


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_without_one_of_its_values_is_refused(kind: LetterKind) -> None:
    for slot in SPECS[kind].required:
        values = {name: value for name, value in SAMPLES[kind].items() if name != slot}
        with pytest.raises(UnfitValues) as refused:
            compose_letter(kind, values, TEXTS[kind, Language.FA])
        assert refused.value.slots == [slot]


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("nationality", words("x")),
        ("appeal_until", "1405/09/12"),
        ("appeal_days", True),
        ("office", "دفتر"),
        ("office", words("\u202eدفتر")),
        ("office", words("")),
        ("recipient", "x" * 3000),
        ("results", (Result("نام", "deported"),)),
    ],
)
def test_a_value_of_another_kind_is_refused(slot: str, value: Any) -> None:
    with pytest.raises(UnfitValues) as refused:
        composed(LetterKind.DECISION, Language.FA, **{slot: value})
    assert slot in refused.value.slots


def test_a_refusal_without_the_last_day_of_appeal_is_no_letter() -> None:
    values = {name: value for name, value in SAMPLES[LetterKind.DECISION].items() if name != "appeal_until"}
    with pytest.raises(UnfitValues) as refused:
        compose_letter(LetterKind.DECISION, values, TEXTS[LetterKind.DECISION, Language.FA])
    assert refused.value.slots == ["appeal_until"]


@pytest.mark.parametrize(
    ("language", "day"),
    [
        (Language.FA, "پنجشنبه ۱۲ آذر ۱۴۰۵"),
        (Language.PRS, "پنج‌شنبه ۱۲ قوس (آذر) ۱۴۰۵"),
        (Language.PS, "پنجشنبه ۱۲ لیندۍ (آذر) ۱۴۰۵"),
        (Language.AR, "الخميس ٣ كانون الأول ٢٠٢٦ (١٢ آذر ١٤٠٥)"),
        (Language.EN, "Thursday 3 December 2026 (12 Azar 1405)"),
    ],
)
def test_the_last_day_of_appeal_is_said_in_the_readers_calendar(language: Language, day: str) -> None:
    assert day_words(DAY, language) == day
    assert day in said(composed(LetterKind.DECISION, language))


def test_a_leap_day_and_nowruz_are_said_right() -> None:
    assert day_words(date(2025, 3, 20), Language.FA) == "پنجشنبه ۳۰ اسفند ۱۴۰۳"
    assert day_words(date(2025, 3, 21), Language.PS) == "جمعه ۱ وری (فروردین) ۱۴۰۴"


def test_sections_of_outcomes_that_there_are_not_are_left_out() -> None:
    everyone = (Result("زهرا", "approved"),)
    letter = composed(LetterKind.DECISION, Language.EN, results=everyone, appeal_until="", bring_until="")
    assert "approved" in said(letter)
    assert "appeal until" not in said(letter)
    assert "bring what is missing" not in said(letter)


def test_translations_that_nobody_reviewed_are_marked_in_their_own_language() -> None:
    marks = {language: composed(LetterKind.RECEIPT, language).mark for language in Language}
    assert marks[Language.FA] == ""
    assert len(set(marks.values())) == len(Language)


def test_a_reviewed_text_with_unreviewed_words_is_marked_too() -> None:
    text = replace(TEXTS[LetterKind.REFERRAL, Language.EN], is_reviewed=True)
    assert compose_letter(LetterKind.REFERRAL, SAMPLES[LetterKind.REFERRAL], text).mark != ""


def test_codes_are_isolated_and_keep_latin_digits_where_others_would_turn_round() -> None:
    assert code_words("18-0042", Language.FA) == "۱۸-۰۰۴۲"
    assert code_words("18-0042", Language.AR) == "18-0042"
    assert code_words("A18-3", Language.FA) == "A18-3"
    number = composed(LetterKind.RECEIPT, Language.FA).head[1].runs
    assert [run.direction for run in number] == ["ltr"]
    assert time_words(time(0, 5), Language.AR) == "٠:٠٥"


@pytest.mark.parametrize("kind", KINDS)
def test_values_come_back_as_they_were_sealed(kind: LetterKind) -> None:
    assert from_json(as_json(SAMPLES[kind])) == SAMPLES[kind]


@pytest.mark.parametrize(
    "body",
    ["{nationality}", "{appeal_until}", "?nobody x", "- {office}", "= no value", "@each results\n# {name}", "{office",
     "@each office", "?outcome=approved x"],
)  # fmt: skip
def test_a_text_that_cannot_always_be_written_is_refused(body: str) -> None:
    with pytest.raises(UnfitTemplate):
        check_template(replace(TEXTS[LetterKind.DECISION, Language.FA], body=body))
