"""Names as they are sought: one sound for one name, in whatever script and spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._transliterations import FAMILY, GIVEN
from khedmat.common.text import fold_for_search
from khedmat.registry.naming import (
    FIRST_KEY_YEAR,
    LONGEST_TOKEN,
    MOST_WORDS,
    NAMELESS,
    TOKENS_IN_A_YEAR,
    letters_sought,
    search_keys,
    sound_of,
    words_of_name,
    words_sought,
)

VOWELS = str.maketrans("", "", "aiu")
# Written otherwise than Persian says them: one letter apart, which the search takes for a slip.
SAID_OTHERWISE = {"Kulsum", "Eshaq", "Ishaq", "Eshagh", "Ramadan"}
NAMES = st.text(
    alphabet="ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیيكةۀئأآؤء abcdeghijkmnoqstuvwyzABZ'-\u200c\u0651ـۍټګ", max_size=60
)


def answers(typed: str, name: str) -> bool:
    """Whether each word typed has the skeleton of a word of the name."""
    bones = {word.sound.translate(VOWELS) for word in words_of_name(name)}
    sought = words_sought(typed)
    covered = needed = 0
    for word in sought:
        needed |= word.covers
        covered |= word.covers if word.sound.translate(VOWELS) in bones else 0
    return bool(sought) and covered == needed


@pytest.mark.parametrize(
    ("name", "latin"),
    [(name, latin) for names in (GIVEN, FAMILY) for name, spellings in names.items() for latin in spellings],
)
def test_latin_spellings_in_use_have_the_skeleton_of_the_persian_name(name: str, latin: str) -> None:
    assert answers(latin, name) == (latin not in SAID_OTHERWISE)


@pytest.mark.parametrize(
    ("name", "as_written"),
    [
        ("علی", "علي"), ("کریمی", "كريمي"), ("فاطمه", "فاطمة"), ("ثریا", "سریا"), ("طاهره", "تاهره"),
        ("ضیا", "زیا"), ("غلام", "قلام"), ("رضایی", "رضائی"), ("گل‌محمد", "ګل محمد"), ("یوسفزی", "یوسفزۍ"),
        ("عبدالله", "عبد الله"), ("عبدالله", "عبد‌الله"), ("غلام حسین", "غلام‌حسین"), ("غلامحسین", "غلام حسین"),
        ("محمد رضا", "محمدرضا"), ("محمدرضا", "محمد رضا"), ("عبدالرحمن", "عبد ال رحمن"), ("محمّد", "محمد"),
        ("مـحـمـد", "محمد"), ("کريم", "ڪریم"), ("احمدی‌نژاد", "احمدی نژاد"), ("رئوف", "رووف"),
    ],
)  # fmt: skip
def test_spellings_of_the_arabic_script_are_one(name: str, as_written: str) -> None:
    assert answers(as_written, name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("محمد", "محمود"), ("علی", "ولی"), ("حسن", "حسین"), ("احمد", "حامد"), ("مریم", "مرام"), ("نادر", "نادره")],
)
def test_names_that_differ_to_the_ear_sound_different(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)


def test_title_need_not_be_in_the_name() -> None:
    (plain, together) = words_sought("سید محمد")
    assert (plain.token, plain.covers, together.token, together.covers) == ("محمد", 1, "سیدمحمد", 1)
    assert [(word.token, word.covers) for word in words_sought("سید")] == [("سید", 1)]
    assert "محمد" in {word.token for word in words_of_name("سیدمحمد")}


def test_words_cover_what_was_typed() -> None:
    assert [(word.token, word.covers) for word in words_sought("غلام سخی رضایی")] == [
        ("غلام", 1), ("سخی", 2), ("رضایی", 4), ("غلامسخی", 3), ("سخیرضایی", 6),
    ]  # fmt: skip


def test_th_is_sought_in_both_readings() -> None:
    assert {word.sound for word in words_sought("Fathi")} == {"fsi", "fthi"}


def test_neighbours_are_joined_within_one_name_only() -> None:
    tokens = {word.token for word in words_of_name("محمد رضا", "احمدی نژاد", "Mohammad Reza Ahmadinejad")}
    assert tokens == {
        "محمد", "رضا", "محمدرضا", "احمدی", "نژاد", "احمدینژاد", "mohammad", "reza", "ahmadinejad",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", "ـ", " - ", "؟"])
def test_name_without_a_letter_has_one_word_all_the_same(name: str) -> None:
    assert [word.token for word in words_of_name(name)] == [NAMELESS]
    assert words_sought(name) == ()


@pytest.mark.parametrize(
    ("typed", "letters"), [("", 0), ("علی", 3), ("سید عل", 2), ("سید", 3), ("12345", 0), ("ع ل ی", 3), ("Othman", 6)]
)
def test_letters_are_those_a_name_must_answer(typed: str, letters: int) -> None:
    assert letters_sought(words_sought(typed)) == letters


def test_keys_are_of_the_birth_year_and_fit_four_bytes() -> None:
    assert search_keys(1370, [7, 3, 7]) == [340_000_003, 340_000_007]
    assert (2272 - FIRST_KEY_YEAR) * TOKENS_IN_A_YEAR + TOKENS_IN_A_YEAR - 1 < 2**31
    assert {key // TOKENS_IN_A_YEAR + FIRST_KEY_YEAR for key in search_keys(1500, [1, TOKENS_IN_A_YEAR - 1])} == {1500}


@given(NAMES)
def test_folding_and_sound_are_stable(text: str) -> None:
    for word in words_of_name(text):
        assert word.token == NAMELESS or fold_for_search(word.token) == word.token
        assert sound_of(word.token) == word.sound
        assert 0 < len(word.token) <= LONGEST_TOKEN
        assert 0 < len(word.sound) <= 2 * LONGEST_TOKEN
    assert words_of_name(fold_for_search(text.replace("\u200c", " "))) == words_of_name(
        text.replace("'", "").replace("\u200c", " ")
    )


@given(st.text(max_size=200))
def test_any_text_is_cut_into_few_words(text: str) -> None:
    sought = words_sought(text)
    assert len(sought) <= 4 * MOST_WORDS
    assert all(0 < word.covers < 1 << MOST_WORDS for word in sought)
    whole = 0
    for word in sought:
        whole |= word.covers if word.covers.bit_count() == 1 else 0
    assert whole & (whole + 1) == 0
    assert all(word.covers & ~whole == 0 for word in sought)


@given(NAMES, NAMES)
def test_whole_name_as_written_is_always_found(given_name: str, family_name: str) -> None:
    """Each word of a name is among those sought for, so that a person is found by the own name."""
    words = {word.token for word in words_of_name(given_name, family_name)}
    for word in words_sought(given_name):
        assert word.covers.bit_count() > 1 or word.token in words
