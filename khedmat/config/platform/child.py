"""Starts a program so that it ends when its supervisor does, even by kill -9 (Linux).

`python -m khedmat.config.platform.child SUPERVISOR_PID PROGRAM ARGUMENTS…`
"""

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in <sys/prctl.h>


def main() -> None:
    """Ask the kernel for SIGTERM at the supervisor's death, then become the program."""
    supervisor, program = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGTERM))
    if os.getppid() != supervisor:
        sys.exit("the supervisor was gone before the program started")
    os.execvp(program[0], program)  # noqa: S606 - the supervisor's own fixed commands


if __name__ == "__main__":
    main()
