"""Names as they are sought: cut into folded words, each with its sound, the same over every script. Pure.

A word's sound has one sign for each consonant that people tell apart when they hear a name, whichever letters
write it: س, ص, ث and s are one; ق, غ, گ, gh and q are one. Short vowels, which Persian does not write, have no
sign; long ones have (`i`, `u`), and `a` stands for an end in -a, -e or -eh. What begins with a vowel begins with
`A`. Without i, u and a the sound is the word's skeleton: محمد, Mohammad and Muhammad are all `mhmd`.

What is stored: the dictionary `registry_nametoken` holds each word once, with its sound; a person carries
`search_keys`, one number for each word of the name in the person's birth year (`search_keys`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from khedmat.common.text import ZWNJ, fold_for_search

# A key is (year - FIRST_KEY_YEAR) * TOKENS_IN_A_YEAR + token: with these, a 32-bit integer lasts to the year 2272.
FIRST_KEY_YEAR: Final = 1200
TOKENS_IN_A_YEAR: Final = 2_000_000
LEAST_LETTERS: Final = 3
MOST_WORDS: Final = 6
LONGEST_TOKEN: Final = 40
# Stands for a name without a single letter, so that nobody is without keys.
NAMELESS: Final = "-"

_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHES: Final = str.maketrans("", "", "'`´‘’ʼʻʾʿ′")
_LATIN: Final = re.compile(r"[a-z]")
_REPEATED: Final = re.compile(r"(.)\1+")
_REPEATED_VOWEL: Final = re.compile(r"([aiu])\1+")

# Said or left out as people please; they tell nobody apart.
_TITLES: Final = frozenset(
    ["سید", "سیده", "حاج", "حاجی", "شیخ", "ملا", "کربلایی", "sayed", "sayyed", "sayyid", "seyed", "seyyed", "syed",
     "haj", "haji", "hajji", "sheikh", "mullah"]
)  # fmt: skip
_ARTICLES: Final = frozenset(["ال", "al", "el", "ul", "ol", "ud", "od"])
_TITLE_WRITTEN_TOGETHER: Final = "سید"

_LETTERS: Final = {
    **dict.fromkeys("اآ", "a"),
    **dict.fromkeys("ءع", ""),
    **dict.fromkeys("تط", "t"),
    **dict.fromkeys("ثسص", "s"),
    **dict.fromkeys("ذزضظ", "z"),
    **dict.fromkeys("حه", "h"),
    **dict.fromkeys("قغگ", "g"),
    **dict.fromkeys("جژ", "j"),
    **dict.fromkeys("دڈ", "d"),
    **dict.fromkeys("رڑ", "r"),
    **dict.fromkeys("نں", "n"),
    **dict.fromkeys("وڤ", "u"),
    "ی": "i",
    "ب": "b",
    "پ": "p",
    "چ": "c",
    "خ": "x",
    "ش": "S",
    "ف": "f",
    "ک": "k",
    "ل": "l",
    "م": "m",
}
_DIGRAPHS: Final = (
    ("tsch", "c"), ("tch", "c"), ("sch", "S"), ("kh", "X"), ("gh", "g"), ("sh", "S"), ("ch", "c"), ("zh", "j"),
    ("ph", "f"), ("dh", "z"), ("dj", "j"), ("ck", "k"), ("x", "ks"), ("q", "g"), ("c", "c"),
)  # fmt: skip
_LONG_VOWELS: Final = (("ee", "I"), ("oo", "U"), ("ou", "U"))
_VOWELS: Final = re.compile(r"[aeiouyIU]+")
# Before these the l of the article is not heard: Abdul Rahman, Abdurrahman.
_SERVANT_OF: Final = re.compile(r"^Abdu?l?(?=[rsStznd])")


@dataclass(frozen=True, slots=True)
class NameWord:
    """A folded word and its sound."""

    token: str
    sound: str


@dataclass(frozen=True, slots=True)
class SoughtWord:
    """One way to read part of what was typed; bit n of `covers` is set where it stands for the n-th word."""

    token: str
    sound: str
    covers: int


def letters_sought(words: Iterable[SoughtWord]) -> int:
    """How many letters the words have that a name must answer, each word once."""
    single: dict[int, str] = {}
    for word in words:
        # A title written together with its neighbour stands for the neighbour; the shorter reading counts.
        if word.covers.bit_count() == 1 and len(word.token) <= len(single.get(word.covers, word.token)):
            single[word.covers] = word.token
    return sum(character.isalpha() for token in single.values() for character in token)


def words_of_name(given_name: str, family_name: str = "", latin_name: str = "") -> tuple[NameWord, ...]:
    """Every word under which a person is found, sorted; never empty.

    Neighbours within one name are kept together too: غلام سخی and غلام‌سخی are found as غلامسخی.
    """
    tokens = {*_tokens_of(given_name), *_tokens_of(family_name), *_words(latin_name)}
    return tuple(NameWord(token, sound_of(token)) for token in sorted(tokens or {NAMELESS}))


def words_sought(text: str) -> tuple[SoughtWord, ...]:
    """What was typed as words to look for; empty where it holds no word.

    A title (سید, Haji) must not be in the name, and is sought only together with its neighbour.
    """
    words = _words(text)
    named = [word for word in words if word not in _TITLES and word not in _ARTICLES] or words
    bits: dict[int, int] = {}
    for place, word in enumerate(words):
        if word in named:
            bits[place] = 1 << len(bits)
    found = [(words[place], bit) for place, bit in bits.items()]
    for run in _neighbours(words):
        covered = sum(bits.get(place, 0) for place in run)
        if covered:
            found.append(("".join(words[place] for place in run)[:LONGEST_TOKEN], covered))
    return tuple(SoughtWord(token, sound, covers) for token, covers in found for sound in _sounds_of(token))


def search_keys(jalali_year: int, token_ids: Iterable[int]) -> list[int]:
    """What `Person.search_keys` holds: sorted, one key for each word of the name in the birth year."""
    first = (jalali_year - FIRST_KEY_YEAR) * TOKENS_IN_A_YEAR
    return sorted({first + token_id for token_id in token_ids})


def sound_of(token: str) -> str:
    """How a folded word sounds; never longer than the word by more than a few signs, never empty."""
    return _sounds_of(token)[0]


def _words(text: str) -> list[str]:
    folded = fold_for_search(text.translate(_APOSTROPHES).replace(ZWNJ, " "))
    return [word[:LONGEST_TOKEN] for word in _WORD.findall(folded)][:MOST_WORDS]


def _tokens_of(name: str) -> set[str]:
    """Each word of one name, and its neighbours written together."""
    words = _words(name)
    together = {"".join(words[place] for place in run)[:LONGEST_TOKEN] for run in _neighbours(words)}
    titled = {word.removeprefix(_TITLE_WRITTEN_TOGETHER) for word in words if word.startswith(_TITLE_WRITTEN_TOGETHER)}
    return {*words, *together, *(rest for rest in titled if len(rest) >= LEAST_LETTERS)}


def _neighbours(words: list[str]) -> list[tuple[int, ...]]:
    """Places of two words in a row, and of three around an article, as in عبد ال رحمن."""
    places = range(len(words))
    threes = zip(places, places[1:], places[2:], strict=False)
    return [*pairwise(places), *(three for three in threes if words[three[1]] in _ARTICLES)]


@lru_cache(maxsize=50_000)
def _sounds_of(token: str) -> tuple[str, ...]:
    """The likeliest sound first; th is one sound in Othman and two in Fathi."""
    if not _LATIN.search(token):
        return (_joined(_sound_of_letters(token)) or token,)
    readings = [token.replace("th", "s"), token] if "th" in token else [token]
    return tuple(dict.fromkeys(_joined(_sound_of_latin(reading)) or token for reading in readings))


def _sound_of_letters(token: str) -> str:
    """From the Arabic script, whose ا, و and ی are vowels except where a word begins."""
    word = _REPEATED.sub(r"\1", token)
    first, rest = word[0], word[1:]
    if first in "اآع":
        start = "A"
        # ای and او are one vowel, unless another vowel follows: ایران, but ایوب.
        if len(rest) > 1 and rest[0] in "وی" and rest[1] not in "اوی":
            rest = rest[1:]
    else:
        start = {"و": "v", "ی": "y"}.get(first, _LETTERS.get(first, first))
    ends_in_vowel = bool(re.search(r"ا$|(?<!و)ه$", rest))
    heard = "".join(_LETTERS.get(letter, letter) for letter in (rest[:-1] if ends_in_vowel else rest))
    return start + heard.replace("a", "") + ("a" if ends_in_vowel else "")


def _sound_of_latin(token: str) -> str:
    word = re.sub(r"[ae]h$", "a", token)
    for written, sign in (*_LONG_VOWELS, *_DIGRAPHS):
        word = word.replace(written, sign)
    word = _REPEATED.sub(r"\1", word)
    word = word[:1].replace("w", "v") + re.sub(r"[wv]", "U", word[1:])
    word = re.sub(r"(?<=[oa])U", "U", word)
    heard = _VOWELS.sub(lambda vowels: _vowels_heard(vowels[0], vowels.start() == 0, vowels.end() == len(word)), word)
    return heard.replace("X", "x")


def _vowels_heard(vowels: str, is_first: bool, is_last: bool) -> str:
    """The signs for a run of Latin vowels, which may hold a glide (y)."""
    start = ""
    if is_first:
        start, vowels = ("y", vowels[1:]) if vowels[0] == "y" else ("A", vowels[1:] if "y" in vowels[1:-1] else "")
    long = "".join({"i": "i", "y": "i", "I": "i", "u": "u", "U": "u"}.get(vowel, "") for vowel in vowels)
    if is_last and vowels:
        if vowels[-1] == "a" or vowels == "e":
            long += "a"
        elif vowels[-1] == "o" and not long:
            long = "u"
    return start + long


def _joined(sound: str) -> str:
    """With the parts that names share (Abdul…, …ullah, …uddin) in one form, and no vowel twice in a row."""
    sound = _SERVANT_OF.sub("Abd", _REPEATED_VOWEL.sub(r"\1", sound))
    sound = re.sub(r"^Abdul", "Abdl", sound)
    sound = re.sub(r"(?<=[^aiuA])u(?=la$|lhi$)", "", sound)
    return re.sub(r"(?<=[^aiuA])u?l?din$", "din", sound)[: LONGEST_TOKEN + 8]
