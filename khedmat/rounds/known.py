"""Contents of published versions, read once by each process: a published version never changes (guarded)."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from khedmat.rounds import selectors
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.rules import VersionSpec


def version_with_content(series: str, version: int) -> tuple[RoundVersion, VersionSpec]:
    """As `selectors.version_with_content`; one small query once the content is known."""
    found = selectors.version_of_case(series, version)
    if found.published_at is None:
        return selectors.version_with_content(series, version)
    return found, _published(found.pk, found.published_at, series, version)


def whole_content(version: RoundVersion) -> VersionSpec:
    """As `selectors.content_of`, the clients' texts too; no query once the content is known."""
    if version.published_at is None:
        return selectors.content_of(version)
    return _whole(version.pk, version.published_at)


# A nation has a few rounds at a time, and old cases keep their versions. The hour of publication is part of the
# key, since a publication that is rolled back may be done again with another content.
@lru_cache(maxsize=64)
def _published(version_id: UUID, published_at: datetime, series: str, version: int) -> VersionSpec:
    return selectors.version_with_content(series, version)[1]


@lru_cache(maxsize=16)
def _whole(version_id: UUID, published_at: datetime) -> VersionSpec:
    return selectors.content_of(selectors.version_by_id(version_id))
