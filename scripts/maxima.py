"""The house's maxima: a function has at most 50 lines, a file 500 (a test file 1,000). Migrations are exempt.

`python scripts/maxima.py [FOLDER …]` prints what is too long and exits with 1.
"""

# ruff: noqa: T201 - printing is what it is for

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FUNCTION = 50
LONGEST_FILE = 500
LONGEST_TEST_FILE = 1000
FOLDERS = ("khedmat", "tests", "scripts", "bench")
EXTENSIONS = {".py", ".html", ".css", ".js", ".mjs", ".sh"}
SKIPPED = {"migrations", "node_modules", "__pycache__", ".venv"}


def findings(root: Path, folders: tuple[str, ...] = FOLDERS) -> Iterator[str]:
    """One sentence for each file or function that is too long."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            shown = path.relative_to(root)
            if path.suffix not in EXTENSIONS or SKIPPED & set(shown.parts) or not path.is_file():
                continue
            text = path.read_text(encoding="utf-8")
            longest = LONGEST_TEST_FILE if shown.parts[0] == "tests" else LONGEST_FILE
            lines = len(text.splitlines())
            if lines > longest:
                yield f"{shown} has {lines} lines, {longest} are allowed: split it by what it is about."
            if path.suffix == ".py":
                yield from _long_functions(shown, text)


def _long_functions(shown: Path, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text, filename=str(shown))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > LONGEST_FUNCTION:
            yield (
                f"{shown}:{node.lineno} {node.name} has {lines} lines, {LONGEST_FUNCTION} are allowed: name its parts."
            )


def main(folders: list[str]) -> int:
    """Print the findings; 1 when there are any."""
    found = list(findings(Path.cwd(), tuple(folders) or FOLDERS))
    print("\n".join(found) if found else "No function or file is too long.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
