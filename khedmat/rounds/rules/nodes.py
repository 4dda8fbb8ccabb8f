"""A JSON object that knows its own path, so that whatever is wrong in a data file is named by its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from khedmat.rounds.errors import RoundDataMalformed
from khedmat.rounds.rules.specs import Bilingual

Choice = TypeVar("Choice", bound=Enum)


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object and the path to it, so that an error can name the place."""

    path: str
    data: Mapping[str, object]

    @classmethod
    def of(cls, value: object, path: str) -> "Node":
        if not isinstance(value, Mapping):
            raise RoundDataMalformed(path)
        return cls(path, value)

    def node(self, key: str) -> "Node":
        return Node.of(self.data.get(key), f"{self.path}.{key}")

    def nodes(self, key: str) -> Iterator["Node"]:
        items = self.data.get(key, [])
        if not isinstance(items, Sequence) or isinstance(items, str):
            raise RoundDataMalformed(f"{self.path}.{key}")
        for index, item in enumerate(items):
            yield Node.of(item, f"{self.path}.{key}[{index}]")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str):
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def number(self, key: str) -> int:
        value = self.optional_number(key)
        if value is None:
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def optional_number(self, key: str) -> int | None:
        value = self.data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def day(self, key: str) -> date:
        value = self.optional_day(key)
        if value is None:
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def optional_day(self, key: str) -> date | None:
        value = self.data.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise RoundDataMalformed(f"{self.path}.{key}") from error

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        try:
            return kind(self.data.get(key))
        except ValueError as error:
            raise RoundDataMalformed(f"{self.path}.{key}") from error

    def flag(self, key: str) -> bool:
        value = self.data.get(key)
        if not isinstance(value, bool):
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise RoundDataMalformed(f"{self.path}.{key}")
        return tuple(value)

    def both(self, key: str, default: Bilingual | None = None) -> Bilingual:
        """Persian and English; the empty pair where the key is absent and `default` allows it."""
        if default is not None and key not in self.data:
            return default
        pair = self.node(key)
        return Bilingual(pair.text("fa"), pair.text("en"))
