"""How many wrong codes one address may try: a few in ten minutes, counted in the shared cache by a keyed digest."""

from typing import Final

from django.core.cache import cache
from django.http import HttpRequest

from khedmat.service.errors import TooManyTries
from khedmat.vault.crypto import blind_index

MOST_WRONG: Final = 10
WITHIN_SECONDS: Final = 10 * 60


def require_tries_left(request: HttpRequest) -> None:
    """Errors: TooManyTries, for right codes too, so that nothing is learnt by going on."""
    if int(cache.get(_key(request)) or 0) >= MOST_WRONG:
        raise TooManyTries


def note_wrong_code(request: HttpRequest) -> None:
    """One more wrong code from this address; the count is forgotten ten minutes after the first."""
    key = _key(request)
    if not cache.add(key, 1, WITHIN_SECONDS):
        cache.incr(key)


def _key(request: HttpRequest) -> str:
    # Never the address itself: the cache stands in the database.
    return f"appointment-code:{blind_index('visitor', str(request.META.get('REMOTE_ADDR', ''))).hex()}"
