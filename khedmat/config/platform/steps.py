"""Steps of a first run that need not be repeated while what they are made from stays the same."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from khedmat.config.platform.layout import Layout, read_json, write_json


def digest_of(files: Iterable[Path], *words: str) -> str:
    """A digest over the names and contents of the files, folders taken whole, and over the words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(_leaves(files)):
        total.update(f"\0{path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def run_once(layout: Layout, name: str, digest: str, action: Callable[[], None], *, result: Path | None = None) -> bool:
    """Run the action unless it ended well before with the same digest; returns whether it ran.

    `result` names what the action makes: when that is gone, the action runs again.
    """
    path = layout.run / "steps.json"
    if read_json(path).get(name) == digest and (result is None or result.exists()):
        return False
    action()
    write_json(path, read_json(path) | {name: digest})
    return True


def _leaves(files: Iterable[Path]) -> Iterable[Path]:
    for path in files:
        if path.is_dir():
            yield from (leaf for leaf in path.rglob("*") if leaf.is_file() and "__pycache__" not in leaf.parts)
        elif path.is_file():
            yield path
