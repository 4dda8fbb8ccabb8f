"""Writing a round as JSON: the inverse of `loading`, for keeping a version beside the code or sending it elsewhere."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from khedmat.rounds.enums import TextKind, TextLanguage
from khedmat.rounds.rules.loading import examples_to_json
from khedmat.rounds.rules.specs import ClientTextSpec, RoundSpec, VersionSpec

_NAMES = {"sentence_met": "met", "sentence_unmet": "unmet"}


def round_to_json(content: RoundSpec) -> dict[str, object]:
    """The round as `round_from_json` reads it."""
    return {
        "code": content.code,
        "programme": content.programme.value,
        "number": content.number,
        "title": _plain(content.title),
        "version": version_to_json(content.version),
    }


def version_to_json(content: VersionSpec) -> dict[str, object]:
    """The content of a version as `round_from_json` reads it."""
    plain = {one.name: _plain(getattr(content, one.name)) for one in fields(content)}
    return plain | {"examples": examples_to_json(content.examples), "texts": _texts(content.texts)}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {_NAMES.get(one.name, one.name): _plain(getattr(value, one.name)) for one in fields(value)}
    return value


def _texts(texts: Sequence[ClientTextSpec]) -> dict[str, Any]:
    """By language and code. A language counts as reviewed when all its texts are: a file says it once."""
    written: dict[str, Any] = {}
    for language in TextLanguage:
        own = [text for text in texts if text.language == language]
        if not own:
            continue
        groups: dict[str, dict[str, dict[str, str]]] = {"rules": {}, "documents": {}}
        for text in own:
            group = groups["documents" if text.kind == TextKind.DOCUMENT else "rules"]
            name = "remedy" if text.kind == TextKind.REMEDY else text.field
            group.setdefault(text.code, {})[name] = text.text
        written[language.value] = {"is_reviewed": all(text.is_reviewed for text in own), **groups}
    return written
