"""What a message says: fixed texts with an office's name, a day and time, and a code. Pure.

There is no slot for a name, a result, a reason or a nationality, and no free text: whoever reads over a shoulder, and
every gateway on the way, learns that somebody has an appointment, and nothing else.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from khedmat.notices.enums import MessageKind
from khedmat.notices.wording import code_words, day_words, time_words

_TEXTS: Final = Path(__file__).parent / "data" / "messages"
_SLOT: Final = re.compile(r"\{(\w+)\}")
_CODE: Final = re.compile(r"[0-9A-Z]{2,8}(-[0-9A-Z]{2,8}){0,3}")
# Between the marks, a code keeps its own direction in the midst of right-to-left words.
_ISOLATE, _POP = "\u2066", "\u2069"


class UnfitMessage(ValueError):
    """A message lacks what its text says, or holds what is no code."""


@dataclass(frozen=True, slots=True)
class MessageValues:
    """All that may stand in a message. `office` is the name of a place, in the reader's language."""

    office: str
    day: dt.date | None = None
    time: dt.time | None = None
    code: str = ""


@cache
def message_texts() -> Mapping[str, Mapping[str, str]]:
    """Kind → language → text."""
    return _read("v1.json")


@cache
def same_code_texts() -> Mapping[str, Mapping[str, str]]:
    """As `message_texts`, where the family holds its code already: nobody can repeat it, only its digest is kept."""
    return _read("v1_same_code.json")


def _read(name: str) -> Mapping[str, Mapping[str, str]]:
    texts: Mapping[str, Mapping[str, str]] = json.loads((_TEXTS / name).read_text(encoding="utf-8"))
    return texts


def slots_of(kind: MessageKind) -> frozenset[str]:
    """What a message of this kind needs, besides the office."""
    return frozenset(_SLOT.findall(message_texts()[kind]["fa"])) - {"office"}


def compose_message(kind: MessageKind, values: MessageValues, language: str) -> str:
    """The message as it is sent. Errors: UnfitMessage."""
    check_message(kind, values)
    said = {
        "office": values.office,
        "day": day_words(values.day, language) if values.day else "",
        "time": time_words(values.time, language) if values.time else "",
        "code": f"{_ISOLATE}{code_words(values.code, language)}{_POP}" if values.code else "",
    }
    texts = message_texts() if values.code or kind not in same_code_texts() else same_code_texts()
    return texts[kind][language].format_map(said)


def check_message(kind: MessageKind, values: MessageValues) -> None:
    """Everything that the text says is there, nothing else is, and a code is one. Errors: UnfitMessage."""
    given = {name for name in ("day", "time", "code") if getattr(values, name)}
    # Midnight is a time too, though it counts as nothing.
    given |= {"time"} if values.time is not None else set()
    needed = slots_of(kind) - ({"code"} if not values.code and kind in same_code_texts() else set())
    if given != needed or not values.office:
        raise UnfitMessage(f"{kind}: has {sorted(given)}, needs {sorted(needed)}")
    if values.code and not _CODE.fullmatch(values.code):
        raise UnfitMessage(f"{kind}: not a code")
