"""The settings of the embedded server, written at each start."""

import os
import shutil
from pathlib import Path

ADMIN = "khedmat_admin"
MEGABYTE = 1024 * 1024

ACCESS_RULES = """# The socket's folder is private, and each role has a password of its own.
local all all scram-sha-256
"""
IDENTITY_RULES = "# No operating-system user stands for a database role.\n"


def server_settings(*, socket: Path, log: Path) -> str:
    """The text of postgresql.conf: no network, no lost commit, no personal data in the log."""
    memory = _memory_megabytes()
    values = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{socket}'",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory // 16, 64), 512)}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "dynamic_shared_memory_type": _shared_memory_type(),
        "max_wal_size": "1GB",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
        "password_encryption": "'scram-sha-256'",
        "logging_collector": "on",
        "log_directory": f"'{log}'",
        "log_filename": "'postgresql-%a.log'",
        "log_file_mode": "0600",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "'%m [%p] %q%u@%d '",
        # A failed statement and its DETAIL line carry the values of the row: names, numbers, letters.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_parameter_max_length_on_error": "0",
    }
    return "".join(f"{name} = {value}\n" for name, value in values.items())


def _memory_megabytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE


def _shared_memory_type() -> str:
    """POSIX shared memory, except where a container gives it too little room."""
    try:
        free = shutil.disk_usage("/dev/shm").free  # noqa: S108 - asked for its size only
    except OSError:
        return "mmap"
    return "posix" if free >= 256 * MEGABYTE else "mmap"
