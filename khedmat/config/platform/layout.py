"""Where a clone keeps what it writes, and how it is told apart from its neighbours."""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import khedmat

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True)
class Layout:
    """The folders of one clone (or one installed site).

    `root` holds the code, `var` all that is written, `keys` the secrets, never inside the database.
    """

    root: Path
    var: Path
    keys: Path

    @property
    def run(self) -> Path:
        """Facts about what runs now; safe to lose when nothing runs."""
        return self.var / "run"

    @property
    def database_facts(self) -> Path:
        """Where the launcher says how to reach the database; holds no password."""
        return self.run / "database.json"

    @property
    def database_passwords(self) -> Path:
        """The generated passwords of the database roles."""
        return self.keys / "database.json"

    @property
    def clone_hash(self) -> str:
        """Twelve hexadecimal digits that no other clone on this machine has.

        The random part makes a fresh clone at an old path start with a fresh database: the old one's keys
        went with the old clone, so nobody could read its data.
        """
        identity = "\0".join((str(self.root), str(self.var), _clone_id(self.var)))
        return hashlib.sha256(identity.encode()).hexdigest()[:12]


def current_layout(environ: Mapping[str, str] | None = None) -> Layout:
    """The layout of the running code; `KHEDMAT_VAR_DIR` and `KHEDMAT_KEYS_DIR` move its written parts."""
    environ = os.environ if environ is None else environ
    root = Path(khedmat.__file__).resolve().parents[1]
    var = Path(environ.get("KHEDMAT_VAR_DIR") or root / "var").resolve()
    return Layout(root=root, var=var, keys=Path(environ.get("KHEDMAT_KEYS_DIR") or var / "keys").resolve())


def private_folder(folder: Path) -> Path:
    """Make the folder, and its missing parents, and let nobody but the owner in."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(PRIVATE_FOLDER)
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace the file whole, so that a reader never sees half of it, readable by the owner only."""
    private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a private JSON file whole."""
    write_private(path, json.dumps(content, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """The content of a JSON file, or an empty dictionary when there is none."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content


def _clone_id(var: Path) -> str:
    path = var / "clone-id"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    var.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".clone-id.{secrets.token_hex(6)}")
    draft.write_text(secrets.token_hex(16) + "\n", encoding="ascii")
    try:
        # A hard link refuses to replace: of two starts at once, the first one's id stays.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
