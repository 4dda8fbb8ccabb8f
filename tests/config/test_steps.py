"""A step is repeated when what it is made from, or what it makes, changed; and only then."""

from pathlib import Path

import pytest

from khedmat.config.platform.steps import digest_of, run_once
from tests.config.conftest import make_layout


def test_step_runs_once_for_the_same_digest(tmp_path: Path) -> None:
    ran: list[int] = []

    outcomes = [run_once(make_layout(tmp_path), "a", digest, lambda: ran.append(1)) for digest in ("x", "x", "y")]

    assert outcomes == [True, False, True]
    assert len(ran) == 2


def test_step_runs_again_when_its_result_is_gone(tmp_path: Path) -> None:
    result = tmp_path / "result"
    run_once(make_layout(tmp_path), "a", "x", result.touch, result=result)
    result.unlink()

    assert run_once(make_layout(tmp_path), "a", "x", result.touch, result=result) is True


def test_failed_step_counts_as_not_done(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_once(make_layout(tmp_path), "a", "x", fail)

    assert run_once(make_layout(tmp_path), "a", "x", lambda: None) is True


@pytest.mark.parametrize("change", ["content", "name", "words"])
def test_digest_changes_with(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("one")
    before = digest_of([folder], "x")

    if change == "content":
        (folder / "file").write_text("two")
    elif change == "name":
        (folder / "file").rename(folder / "other")
    after = digest_of([folder], "y" if change == "words" else "x")

    assert after != before
    assert digest_of([folder], "y" if change == "words" else "x") == after
