"""A published version's content is read from the database once; a draft's is read each time."""

from typing import Any

from khedmat.rounds.actions import DATA, DEMO_ROUND, create_round_version, round_from_file
from khedmat.rounds.known import version_with_content, whole_content
from khedmat.rounds.selectors import content_of
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast


def test_published_content_is_read_once(cast: Cast, django_assert_num_queries: Any) -> None:
    published = line.open_round(cast)
    first = version_with_content(line.ROUND, published.version)
    with django_assert_num_queries(1):
        again = version_with_content(line.ROUND, published.version)
    assert again == first
    assert again[1].rules == content_of(published).rules


def test_the_whole_published_content_is_read_once_too(cast: Cast, django_assert_num_queries: Any) -> None:
    published = line.open_round(cast)
    first = whole_content(published)
    with django_assert_num_queries(0):
        assert whole_content(published) is first
    assert first == content_of(published)


def test_draft_is_read_each_time(cast: Cast, django_assert_num_queries: Any) -> None:
    """What is not published may change."""
    with working_context(cast["manager"]):
        draft = create_round_version(round_from_file(DATA / DEMO_ROUND), by=cast["manager"])
        for _time in range(2):
            with django_assert_num_queries(2):
                assert version_with_content(line.ROUND, draft.version)[1].rules
