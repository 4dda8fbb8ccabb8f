"""The signed, transaction-local token by which PostgreSQL knows who asks and for what.

Policies trust no plain setting: an injected `set_config` without the key yields no row. The key is
kept twice, in the database (readable by its owner alone) and in KHEDMAT_KEYS_DIR/context.json.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction

from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.vault.keyring import KeyMissing, read_key, write_private

SETTING = "khedmat.context"
LIFETIME_SECONDS = 15 * 60
KEYS_KEPT = 3
_BLOCK = 64

# PostgreSQL's routine that refuses a row by a policy. A missing privilege has the same SQLSTATE, and is our fault.
_POLICY_CHECK = "ExecWithCheckOptions"
_INSUFFICIENT_PRIVILEGE = "42501"

_errors_by_state: dict[str, type[DomainError]] = {}


def register_database_error(sqlstate: str, error: type[DomainError]) -> None:
    """Let a SQLSTATE (class KH: the guard functions' own) reach callers as the domain error it stands for."""
    _errors_by_state[sqlstate] = error


def is_refused_by_policy(error: DatabaseError) -> bool:
    """Whether row-level security refused to write a row; false for a privilege that was never granted."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error) or cause.sqlstate != _INSUFFICIENT_PRIVILEGE:
        return False
    return cause.diag.source_function == _POLICY_CHECK


def sign_context(actor: Actor, *, lifetime: int = LIFETIME_SECONDS) -> str:
    """`v1|kid|user|role|scope|purpose|expiry|mac`: the text that `guard.ctx()` accepts."""
    kid, key = _current_key()
    expiry = int(time.time()) + lifetime
    signed = f"v1|{kid}|{actor.user_id}|{actor.role}|{actor.scope_id}|{actor.purpose}|{expiry}"
    return f"{signed}|{hmac.digest(key, signed.encode(), 'sha256').hex()}"


@contextmanager
def working_context(actor: Actor) -> Iterator[None]:
    """One transaction in which the database shows what `actor` may see, and nothing else.

    Within another transaction, the context that stood before stands again on leaving, an error or not; at the
    outermost the token ends with the transaction. Errors raised by guard functions arrive as the DomainError
    registered for their SQLSTATE.
    """
    is_nested = connection.in_atomic_block
    with raising_domain_errors(), transaction.atomic():
        connection.validate_no_broken_transaction()
        former = _put_on(sign_context(actor))
        yield
        # After an error, PostgreSQL itself goes back to the former token with the savepoint.
        if is_nested and _is_sound():
            _put_on(former)


def _put_on(token: str) -> str:
    """Make a token the current one until the transaction ends; answers the one before, empty for none."""
    # Bound by the server: Django's own cursor writes values into the statement, and every session of the
    # app's role could read the token of another office in pg_stat_activity and put it on.
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "WITH former AS MATERIALIZED (SELECT coalesce(current_setting(%s, true), '') AS token) "
            "SELECT token, set_config(%s, %s, true) FROM former",
            [SETTING, SETTING, token],
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def _is_sound() -> bool:
    """Whether the transaction can still be committed: no statement failed, nobody asked for a rollback."""
    status = connection.connection.info.transaction_status
    return status == psycopg.pq.TransactionStatus.INTRANS and not connection.needs_rollback


@contextmanager
def raising_domain_errors() -> Iterator[None]:
    """Map SQLSTATEs to the domain errors registered for them."""
    try:
        yield
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state in _errors_by_state and (state != _INSUFFICIENT_PRIVILEGE or is_refused_by_policy(error)):
            raise _errors_by_state[state]() from error
        raise


def rotate_context_key() -> None:
    """Make a new key, keep the last ones for processes still running, and write both copies."""
    kid, key = secrets.token_hex(4), secrets.token_bytes(32)
    inner, outer = _pads(key)
    with connections["migrator"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO guard.context_key (kid, inner_pad, outer_pad) VALUES (%s, %s, %s)",
            [kid, inner, outer],
        )
        cursor.execute(
            "DELETE FROM guard.context_key WHERE kid NOT IN "
            "(SELECT kid FROM guard.context_key ORDER BY made_at DESC LIMIT %s)",
            [KEYS_KEPT],
        )
    path = Path(settings.KHEDMAT_KEYS_DIR) / "context.json"
    write_private(path, json.dumps({"kid": kid, "key": key.hex()}).encode())
    _cache.clear()


_cache: dict[str, tuple[str, bytes]] = {}


def _current_key() -> tuple[str, bytes]:
    if "key" not in _cache:
        try:
            stored = json.loads(read_key(Path(settings.KHEDMAT_KEYS_DIR), "context.json"))
        except KeyMissing as error:
            raise KeyMissing("context.json: run `khedmat keys rotate-context`") from error
        _cache["key"] = (stored["kid"], bytes.fromhex(stored["key"]))
    return _cache["key"]


def _pads(key: bytes) -> tuple[bytes, bytes]:
    # HMAC (RFC 2104) spelled out, since neither database has pgcrypto: H(outer || H(inner || text)).
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
