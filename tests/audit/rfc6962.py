"""The leaf hash and the chain, computed apart from PostgreSQL: RFC 6962 §2.1 over the row's canonical text."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_LINK = sha256(b"khedmat audit chain").digest()
COLUMNS = (
    "at", "action", "actor_id", "role", "scope_id", "purpose", "subject", "subject_id", "household_id", "case_id",
    "details",
)  # fmt: skip


def jsonb_text(value: Any) -> str:
    """How PostgreSQL writes jsonb: keys by length, then bytes; a blank after each comma and colon."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{jsonb_text(key)}: {jsonb_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(jsonb_text(one) for one in value) + "]"
    return json.dumps(str(value) if isinstance(value, UUID) else value, ensure_ascii=False)


def leaf_hash(row: dict[str, Any]) -> bytes:
    """SHA-256(0x00 || canonical text); the time is in microseconds since 1970."""
    moment = (row["at"] - EPOCH) // timedelta(microseconds=1)
    canonical = [moment, *(row[name] for name in COLUMNS[1:])]
    return sha256(b"\x00" + jsonb_text(canonical).encode()).digest()


def chain(leaves: Iterable[bytes]) -> list[bytes]:
    """chain_hash of each position."""
    found, last = [], FIRST_LINK
    for leaf in leaves:
        last = sha256(last + leaf).digest()
        found.append(last)
    return found
