"""How many wrong codes one address may try: a few in ten minutes, counted in the shared cache by a keyed digest."""

from typing import Final

from django.core.cache import cache
from django.http import HttpRequest

from khedmat.service.errors import TooManyTries
from khedmat.vault.crypto import blind_index

MOST_WRONG: Final = 10
WITHIN_SECONDS: Final = 10 * 60
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


def require_tries_left(request: HttpRequest) -> None:
    """Errors: TooManyTries, for right codes too, so that nothing is learnt by going on."""
    if _wrong_ones(request) >= MOST_WRONG:
        raise TooManyTries


def note_wrong_code(request: HttpRequest) -> None:
    """One more wrong code from this address; the count is forgotten ten minutes after the last."""
    cache.set(_key(request), _wrong_ones(request) + 1, WITHIN_SECONDS)


def _wrong_ones(request: HttpRequest) -> int:
    return int(cache.get(_key(request)) or 0)


def _key(request: HttpRequest) -> str:
    # Never the address itself: the cache stands in the database.
    return f"appointment-code:{blind_index('visitor', _visitor(request)).hex()}"


def _visitor(request: HttpRequest) -> str:
    """Where a request comes from. Every visitor of a running site comes through the proxy, which says from where: else
    all would share one count, and whoever guesses would lock everybody out.
    """
    near = str(request.META.get("REMOTE_ADDR", ""))
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return told if told and near in _LOOPBACK else near
