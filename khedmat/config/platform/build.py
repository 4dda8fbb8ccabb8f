"""What is made from the sources before the site can run: static files and compiled translations."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import polib

from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.layout import Layout
from khedmat.config.platform.node import Node, ensure_node
from khedmat.config.platform.steps import digest_of

BUILT_FOLDER = "static-built"


def static_digest(root: Path) -> str:
    """What the browser's files are made from: npm's lock and the frontend's sources."""
    return digest_of([root / "package.json", root / "package-lock.json", root / "frontend"])


def build_static(layout: Layout) -> None:
    """Install the locked npm packages and build `static-built/`; raises PlatformError with npm's words."""
    node = ensure_node(layout.root)
    _run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], layout.root, node)
    _run([*node.node, str(Path("frontend") / "build.mjs")], layout.root, node)


def collected_digest(root: Path) -> str:
    """What collectstatic gathers: the built files, the apps' own and those of the installed packages."""
    return digest_of([root / BUILT_FOLDER, *sorted(root.glob("khedmat/*/static")), root / "requirements" / "base.txt"])


def compile_messages(root: Path) -> list[Path]:
    """Compile every catalogue that is newer than its `.mo`; returns the compiled ones."""
    compiled = []
    for catalogue in sorted(root.glob("khedmat/*/locale/*/LC_MESSAGES/django.po")):
        target = catalogue.with_suffix(".mo")
        if not is_stale(catalogue, target):
            continue
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        polib.pofile(str(catalogue)).save_as_mofile(str(draft))
        draft.replace(target)
        compiled.append(catalogue)
    return compiled


def is_stale(source: Path, target: Path) -> bool:
    """Whether the target is missing or older than its source."""
    return not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns


def _run(command: Sequence[str], root: Path, node: Node) -> None:
    # npm's own scripts look for `node` in PATH, which a packaged Node is not in.
    path = os.pathsep.join((str(Path(shutil.which(node.node[0]) or node.node[0]).parent), os.environ["PATH"]))
    outcome = subprocess.run(
        command, cwd=root, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if outcome.returncode != 0:
        words = "\n".join((outcome.stdout + outcome.stderr).strip().splitlines()[-15:])
        raise PlatformError(f"Building the static files failed at '{' '.join(command[-3:])}':\n{words}")
