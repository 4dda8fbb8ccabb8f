"""What a kind of import consists of: its fields, by code, with the headings that stand for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.functional import Promise

# The two columns a refused sheet adds in front; when the sheet comes back they are dropped.
ROW_HEADING: Final = "ردیف فایل اصلی"
REASON_HEADING: Final = "چه باید کرد"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `heading` is the canonical Persian heading; `label` names it in the reader's language."""

    code: str
    heading: str
    label: str | Promise
    synonyms: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A kind of import. `sentences` are the reasons its own rules add to the engine's, by problem code."""

    code: str
    fields: tuple[Field, ...]
    sentences: Mapping[str, str | Promise] = field(default_factory=dict)

    def label(self, code: str) -> str:
        """The field's name in the active language; the code itself for an unknown one."""
        return next((str(entry.label) for entry in self.fields if entry.code == code), code)

    def required(self) -> tuple[str, ...]:
        """Codes of the fields without which a file cannot be read."""
        return tuple(entry.code for entry in self.fields if entry.required)
