import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.common.text import (
    ForbiddenCharacters,
    clean_name,
    fold_for_search,
    has_forbidden_characters,
    localise_digits,
    mask_name,
    sort_key,
    to_ascii_digits,
    to_persian_digits,
    trim,
)

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
PERSIAN_WORDS = st.text("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("علي", "علی"),
        ("مصطفى", "مصطفی"),
        ("كريم", "کریم"),
        ("فاطمة", "فاطمه"),
        ("خانۀ", "خانه"),
        ("خانهٔ", "خانه"),
        ("ه\u200dمایون", "همایون"),
        ("أحمد إبراهیم آذر ٱلله", "احمد ابراهیم اذر الله"),
        ("مؤمن", "مومن"),
        ("رئیس", "رییس"),
        ("مُحَمَّــد", "محمد"),
        ("علی\u200cرضا", "علیرضا"),
        ("علی\u00a0 رضا\u200f ", "علی رضا"),
        ("ﻣﺤﻤﺪ", "محمد"),
        ("ښېرعلي ګل ټينګ", "شیرعلی گل تینگ"),
        ("Ｊosé  AHMADI", "jose ahmadi"),
        ("۱۲٣", "123"),
    ],
)
def test_fold_for_search_joins_spellings_of_one_name(written: str, expected: str) -> None:
    assert fold_for_search(written) == expected


@given(ANY_TEXT)
def test_fold_for_search_is_idempotent(text: str) -> None:
    assert fold_for_search(fold_for_search(text)) == fold_for_search(text)


@given(PERSIAN_WORDS, st.sampled_from("\u200c\u200d\u200e\u200f\u202b\u064e\u0651ـ"))
def test_fold_for_search_ignores_marks_anywhere(word: str, mark: str) -> None:
    assert fold_for_search(mark.join(word) + mark) == fold_for_search(word)


@given(PERSIAN_WORDS, PERSIAN_WORDS)
def test_fold_for_search_collapses_spaces(one: str, other: str) -> None:
    assert fold_for_search(f" {one}\u00a0\t {other}\n") == f"{fold_for_search(one)} {fold_for_search(other)}"


def test_clean_name_trims_and_keeps_what_stands_inside() -> None:
    assert clean_name("\u200c\u00a0 عبد\u200cالكريم أحمدي \u200f") == "عبد\u200cالکریم أحمدی"


@pytest.mark.parametrize("character", ["\0", "\n", "\x1b", "\u202e", "\u2066", "\uffff", "\U000e0041", "\ud800"])
def test_clean_name_refuses_forbidden_characters(character: str) -> None:
    with pytest.raises(ForbiddenCharacters):
        clean_name(f"علی{character}رضا")


@given(ANY_TEXT)
def test_clean_name_is_idempotent_and_clean(text: str) -> None:
    try:
        name = clean_name(text)
    except ForbiddenCharacters:
        assert has_forbidden_characters(text)
        return
    assert clean_name(name) == name
    assert trim(name) == name
    assert not has_forbidden_characters(name)


def test_has_forbidden_characters_allows_lines_only_where_asked() -> None:
    assert has_forbidden_characters("یک\nدو")
    assert not has_forbidden_characters("یک\n\tدو", multiline=True)
    assert has_forbidden_characters("یک\0دو", multiline=True)


@given(st.integers(min_value=0), st.sampled_from(["fa", "prs", "ps", "ar", "en", "en-us"]))
def test_localise_digits_is_undone_by_to_ascii_digits(number: int, language: str) -> None:
    assert to_ascii_digits(localise_digits(str(number), language)) == str(number)


def test_localise_digits_follows_the_language() -> None:
    assert [localise_digits("۱2٣", language) for language in ("fa", "prs", "ar", "en-us")] == [
        "۱۲۳",
        "۱۲۳",
        "١٢٣",
        "123",
    ]
    assert to_persian_digits("A-12٣") == "A-۱۲۳"


@given(ANY_TEXT)
def test_to_ascii_digits_leaves_other_characters_alone(text: str) -> None:
    converted = to_ascii_digits(text)
    assert len(converted) == len(text)
    assert all(
        new == old or (old.isdecimal() and new in "0123456789") for old, new in zip(text, converted, strict=True)
    )


def test_mask_name_keeps_only_first_letters() -> None:
    assert mask_name("محمد‌رضا \u200cکریمی") == "م… ک…"
    assert mask_name("") == ""


@given(ANY_TEXT)
def test_mask_name_shows_at_most_one_letter_of_each_word(name: str) -> None:
    masked = mask_name(name).split(" ")
    assert all(word == "" or (len(word) == 2 and word[1] == "…") for word in masked)


def test_sort_key_orders_as_icu_fa() -> None:
    """The order that ICU 78 gives for fa_IR."""
    in_order = ["1", "۲", "آب", "اب", "ابا", "أحمد", "باران", "پروین", "تهران", "چمن", "ژاله", "علی رضا"]
    in_order += ["علی رضایی", "علیرضا", "کریم", "گلی", "ناصر", "وحید", "هادی", "یاسر", "ahmad", "Zahra"]
    assert sorted(reversed(in_order), key=sort_key) == in_order


def test_sort_key_keeps_variants_of_a_letter_together() -> None:
    assert sorted(["كرم", "کریم", "كسری", "کرم"], key=sort_key) == ["کرم", "كرم", "کریم", "كسری"]


def test_sort_key_puts_latin_first_for_english() -> None:
    assert sorted(["علی", "zahra"], key=lambda name: sort_key(name, "en")) == ["zahra", "علی"]


@given(st.lists(PERSIAN_WORDS, min_size=2, max_size=2, unique=True))
def test_sort_key_follows_the_alphabet(words: list[str]) -> None:
    alphabet = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
    by_alphabet = sorted(words, key=lambda word: [alphabet.index(letter) for letter in word])
    assert sorted(words, key=sort_key) == by_alphabet


@given(ANY_TEXT, ANY_TEXT)
def test_sort_key_differs_for_different_texts(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (one == other)
