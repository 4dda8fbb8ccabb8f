"""Hours and counts as people read them. Pure but for the language."""

import datetime as dt

from khedmat.common.jalali import TEHRAN
from khedmat.common.text import base_language, localise_digits


def hour_words(value: dt.datetime | dt.time, language: str) -> str:
    """۸:۳۰ or 08:30; of a moment, the hour in Tehran."""
    at = value.astimezone(TEHRAN).time() if isinstance(value, dt.datetime) else value
    if base_language(language) == "en":
        return f"{at.hour:02}:{at.minute:02}"
    return localise_digits(f"{at.hour}:{at.minute:02}", language)
