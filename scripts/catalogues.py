"""Every text that the site shows has its Persian: what the sources say against what the catalogues hold.

`python scripts/catalogues.py` prints what is missing, empty, fuzzy, doubled or has lost a placeholder, and
exits with 1. Reads Python and templates itself, so that no gettext tools are needed.
"""

# ruff: noqa: T201 - printing is what it is for

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

# The position of the message, of its plural and of its context among each function's arguments.
FUNCTIONS: dict[str, tuple[int, int | None, int | None]] = {
    "_": (0, None, None),
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
    "npgettext_lazy": (1, 2, 0),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_TEMPLATE_SUFFIXES = {".html", ".txt"}

Message = tuple[str | None, str]  # context, msgid


def used_messages(root: Path) -> dict[Message, str]:
    """Every message in the sources of the house, with the first place that uses it."""
    found: dict[Message, str] = {}
    for path in sorted((root / "khedmat").rglob("*")):
        shown = path.relative_to(root)
        if path.suffix == ".py" and "migrations" not in shown.parts:
            code = path.read_text(encoding="utf-8")
        elif path.suffix in _TEMPLATE_SUFFIXES and "templates" in shown.parts:
            code = _without_layout(templatize(path.read_text(encoding="utf-8"), origin=str(shown)))
        else:
            continue
        for message, line in _messages(ast.parse(code, filename=str(shown))):
            found.setdefault(message, f"{shown}:{line}")
    return found


def findings(root: Path) -> Iterator[str]:
    """One sentence for each message without a right Persian text."""
    catalogue: dict[Message, Path] = {}
    used = used_messages(root)
    for path in sorted(root.glob("khedmat/*/locale/fa/LC_MESSAGES/django.po")):
        shown = path.relative_to(root)
        for entry in polib.pofile(str(path)):
            if entry.obsolete:
                yield f"{shown}: {entry.msgid!r} is obsolete: remove it."
                continue
            yield from (
                f"{shown}: {entry.msgid!r} {fault}."
                for fault in _faults(entry, ours=(entry.msgctxt, entry.msgid) in used)
            )
            catalogue.setdefault((entry.msgctxt, entry.msgid), shown)
    for (context, msgid), place in used.items():
        if (context, msgid) not in catalogue:
            yield f"{place}: {msgid!r} has no Persian text in any catalogue."


def _faults(entry: polib.POEntry, *, ours: bool) -> Iterator[str]:
    if entry.fuzzy:
        yield "is marked fuzzy: check it and remove the mark"
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not texts or not all(text.strip() for text in texts):
        yield "has an empty text"
        return
    expected = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural or ""))
    for text in texts:
        present = set(PLACEHOLDER.findall(text))
        # A singular may say «one» in words; a better wording of Django's own text may leave a value out.
        if present - expected or (expected - present and ours and not entry.msgid_plural):
            yield f"has other placeholders in its text: {sorted(present ^ expected)}"


def _messages(tree: ast.AST) -> Iterator[tuple[Message, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        positions = FUNCTIONS.get(_name(node.func))
        if positions is None:
            continue
        message, _plural, context = positions
        text = _constant(node, message)
        if text:
            yield (_constant(node, context), text), node.lineno


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _constant(node: ast.Call, position: int | None) -> str | None:
    if position is None or position >= len(node.args):
        return None
    argument = node.args[position]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _without_layout(pseudo: str) -> str:
    """Keep the calls of Django's pseudo-code, one a line, with their line numbers; the rest is noise."""
    lines = []
    for line in pseudo.splitlines():
        calls = re.findall(r"(?:n?p?gettext|\b_)\((?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|[^()'\"])*\)", line)
        lines.append("; ".join(calls) or "pass")
    return "\n".join(lines)


def main() -> int:
    """Print the findings; 1 when there are any."""
    settings.configure(USE_I18N=True)
    found = list(findings(Path.cwd()))
    print("\n".join(found) if found else "Every message has its Persian text.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
