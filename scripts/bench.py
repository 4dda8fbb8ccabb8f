"""Runs the measurements of bench/: `python scripts/bench.py [NAME]`; each prints its ratios."""

# ruff: noqa: T201 - printing is what it is for

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def names() -> list[str]:
    """The measurements there are: modules of bench/ without a leading underscore."""
    return sorted(path.stem for path in (ROOT / "bench").glob("*.py") if not path.stem.startswith("_"))


def main(asked: list[str]) -> int:
    """Run the wanted ones, by name or by its last word (`search` for `person_search`), or all; 1 when one fails or is
    unknown.
    """
    known = names()
    wanted = [next((one for one in known if one == name or one.endswith(f"_{name}")), name) for name in asked]
    unknown = sorted(set(wanted) - set(known))
    if unknown or not known:
        print(f"There is no measurement {', '.join(unknown) or 'yet'}. There are: {', '.join(known) or 'none'}.")
        return 1
    failed = []
    for name in wanted or known:
        print(f"── {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main([name for name in sys.argv[1:] if name]))
