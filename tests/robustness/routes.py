"""Every route of the site, found by walking the URL resolver; nothing is listed by hand."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, StringConverter, UUIDConverter
from django.urls.resolvers import RoutePattern


@dataclass(frozen=True)
class Route:
    """One address with its gaps. `kinds` tells the kind of each gap: uuid, int or text."""

    template: str
    kinds: Mapping[str, str] = field(hash=False)
    permission: str
    is_public: bool

    def __str__(self) -> str:
        return f"/{self.template}"

    def url(self, values: Mapping[str, object]) -> str:
        """The address with its gaps filled."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda gap: str(values[gap[1]]), self.template)


def all_routes() -> list[Route]:
    """Every route of the root URL configuration, in its order."""
    return list(_walk(get_resolver().url_patterns, "", {}))


def _walk(patterns: list[Any], before: str, kinds: Mapping[str, str]) -> Iterator[Route]:
    for one in patterns:
        assert isinstance(one.pattern, RoutePattern), f"{one.pattern} is no path(): the walk cannot fill it"
        template = before + str(one.pattern)
        gaps = {**kinds, **{name: _kind(converter) for name, converter in one.pattern.converters.items()}}
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, template, gaps)
        elif isinstance(one, URLPattern):
            yield Route(
                template=template,
                kinds=gaps,
                permission=str(getattr(one.callback, "khedmat_permission", "")),
                is_public=bool(getattr(one.callback, "khedmat_public", "")),
            )


def _kind(converter: object) -> str:
    if isinstance(converter, UUIDConverter):
        return "uuid"
    if isinstance(converter, IntConverter):
        return "int"
    assert isinstance(converter, StringConverter), f"no value is known for {converter!r}"
    return "text"
