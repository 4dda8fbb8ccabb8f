"""The unprivileged user that the database server runs as: PostgreSQL refuses to run as root."""

import grp
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from typing import TypedDict

from khedmat.config.platform.errors import PlatformError

SERVICE_USER = "khedmat"
_FALLBACKS = ("postgres", "nobody")


class Identity(TypedDict, total=False):
    """The keyword arguments by which subprocess starts a program as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The server's user; `switch` says whether we are root and must change to it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def identity(self) -> Identity:
        """What to give to subprocess so that the program runs as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: str | os.PathLike[str]) -> None:
        """Give the file or folder to the server's user."""
        if self.switch:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """The current user, or, for root, the system user `khedmat`, made where it is missing."""
    if os.geteuid() != 0:
        return Account(pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), os.getegid(), switch=False)
    return _existing(SERVICE_USER) or _created() or _fallback()


def _existing(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid, switch=True) if entry.pw_uid != 0 else None


def _created() -> Account | None:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        return None
    group = ["--gid", SERVICE_USER] if _group_exists() else ["--user-group"]
    command = [program, "--system", "--no-create-home", "--home-dir", "/nonexistent", *group]
    subprocess.run([*command, "--shell", "/bin/false", SERVICE_USER], capture_output=True, check=False)
    return _existing(SERVICE_USER)


def _group_exists() -> bool:
    return any(entry.gr_name == SERVICE_USER for entry in grp.getgrall())


def _fallback() -> Account:
    for name in _FALLBACKS:
        account = _existing(name)
        if account is not None:
            return account
    raise PlatformError(
        "PostgreSQL does not run as root, and no unprivileged user could be made. "
        f"Make one with 'useradd --system {SERVICE_USER}', or run Khedmat as an ordinary user."
    )
