"""The Persian sentences themselves; that none is missing is checked for all apps in tests/consistency."""

from pathlib import Path

import polib
import pytest

import khedmat.common

CATALOGUE = Path(khedmat.common.__file__).parent / "locale/fa/LC_MESSAGES/django.po"


def test_wrong_digit_count_is_told_as_the_voice_asks() -> None:
    entry = polib.pofile(str(CATALOGUE)).find("This number is one digit short. It has %(expected)s digits.")
    assert entry is not None
    assert entry.msgstr_plural[0] % {"expected": "۱۲"} == "این شماره یک رقم کم دارد. ۱۲ رقم است."


@pytest.mark.parametrize("mark", "يكۀ٠١٢٣٤٥٦٧٨٩0123456789!")
def test_persian_sentences_use_persian_letters_and_digits(mark: str) -> None:
    for entry in polib.pofile(str(CATALOGUE)):
        for sentence in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert mark not in sentence, entry.msgid
