"""A clone of its own for the tests of the launcher, with a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from khedmat.config.platform import postgres
from khedmat.config.platform.layout import Layout


def make_layout(folder: Path) -> Layout:
    """The layout of a clone at this folder."""
    return Layout(root=folder, var=folder / "var", keys=folder / "var" / "keys")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Cluster]:
    """A started server below a path too long for a socket; tests may stop and kill it."""
    folder = tmp_path_factory.mktemp("clone") / ("a-folder-with-a-long-name-" * 4) / "khedmat"
    target = postgres.cluster(make_layout(folder))
    postgres.start(target)
    yield target
    postgres.remove(target)
