"""How many statements each page asks of the database, while somebody walks the site."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_started
from django.db import connection

# Where the test's own transaction stands around the page's, these take the place of BEGIN and COMMIT.
_FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@contextmanager
def counted_queries() -> Iterator[dict[str, list[str]]]:
    """By address, the statements of the page that asked most; filled on leaving (GET alone)."""
    most: dict[str, list[str]] = {}
    seen: list[tuple[str, list[str]]] = []
    current: list[str] = []

    def begin(environ: dict[str, Any], **_signal: object) -> None:
        nonlocal current
        current = []
        if environ.get("REQUEST_METHOD") == "GET":
            seen.append((str(environ.get("PATH_INFO", "")), current))

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(_FRAME):
            current.append(sql)
        return execute(sql, params, many, context)

    request_started.connect(begin)
    try:
        with connection.execute_wrapper(note):
            yield most
    finally:
        request_started.disconnect(begin)
        for path, statements in seen:
            most[path] = max(most.get(path, []), statements, key=len)
