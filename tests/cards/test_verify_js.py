"""The card check's script, run by Node on the vectors that the Python reference is held to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CHANGED_TOKENS_IN_PROOF = 100_000


def run_node(*names: str, **variables: str) -> str:
    """Run the named test files; their output, or a failure that shows it."""
    node = shutil.which("node", path=f"{os.environ.get('PATH', '')}{os.pathsep}{ROOT / '.venv' / 'bin'}")
    assert node, "Node is missing; it builds the static files too (`khedmat doctor`)"
    files = [str(ROOT / "tests" / "cards" / "js" / name) for name in names]
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *files],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "tests/cards/js").glob("*.test.mjs")))
def test_script_agrees_with_the_reference(name: str) -> None:
    assert "\n# fail 0\n" in run_node(name)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_changed_token_is_rejected() -> None:
    run_node("check.test.mjs", KHEDMAT_CHANGED_TOKENS=str(CHANGED_TOKENS_IN_PROOF))
