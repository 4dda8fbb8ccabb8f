"""Makes the Python environment `.venv` from the pinned requirements; needs nothing but Python 3.11.

`python3.11 scripts/environment.py [--dev]`; does nothing when it is up to date.
"""

# ruff: noqa: T201 - it tells the person at the terminal what it does

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RIGHT_VERSION = (3, 11)
_COMMAND = '#!/bin/sh\nexec "$(dirname "$0")/python" -m khedmat.config.cli "$@"\n'


def main(arguments: list[str]) -> int:
    """Make or renew the environment; prints in words what is missing."""
    if sys.version_info[:2] != RIGHT_VERSION:
        print("Khedmat needs Python 3.11. Install it (on Debian 12: apt install python3.11 python3.11-venv).")
        return 1
    wanted = ["base", "dev"] if "--dev" in arguments else ["base"]
    if not _works() and not _make():
        return 1
    for name in wanted:
        if not _install(name):
            return 1
    _link()
    return 0


def _works() -> bool:
    code = "import sys, pip; sys.exit(sys.version_info[:2] != (3, 11))"
    return PYTHON.exists() and subprocess.run([str(PYTHON), "-c", code], check=False).returncode == 0


def _make() -> bool:
    print("Making the Python environment .venv …", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    outcome = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        print((outcome.stdout + outcome.stderr).strip())
        print("Python could not make an environment. On Debian and Ubuntu: apt install python3.11-venv")
        return False
    return True


def _install(name: str) -> bool:
    requirements = ROOT / "requirements" / f"{name}.txt"
    stamp = VENV / f"khedmat-{name}.stamp"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return True
    print(f"Installing the packages of requirements/{name}.txt (pinned with hashes) … ", end="", flush=True)
    began = time.monotonic()
    # dev.txt repeats what it shares with base.txt, at the same versions: each file installs alone.
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    outcome = subprocess.run([*command, "--require-hashes", "-r", str(requirements)], check=False)
    if outcome.returncode != 0:
        print("\nThe packages could not be installed; the lines above say why. Is the network reachable?")
        return False
    stamp.write_text(digest, encoding="ascii")
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return True


def _link() -> None:
    """Put the sources on the environment's path, and the command `khedmat` into its bin folder."""
    packages = next((VENV / "lib").glob("python3.*/site-packages"))
    _write(packages / "khedmat.pth", f"{ROOT}\n")
    command = VENV / "bin" / "khedmat"
    _write(command, _COMMAND)
    command.chmod(0o755)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
