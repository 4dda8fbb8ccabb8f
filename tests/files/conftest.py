"""A files folder of each test's own, and families that one of the cast has open."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections

from khedmat.common.actor import Actor

GRANT = """
    INSERT INTO accounts_grant (id, user_id, scope_id, household_id, role, purpose, way, opened_at, expires_at)
    VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, 'test', now(), now() + interval '1 hour')
"""


@pytest.fixture
def files_dir(tmp_path: Path, settings: Any) -> Path:
    settings.KHEDMAT_FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def open_family(db: None) -> Iterator[Callable[[Actor], UUID]]:
    """Makes a household id that the actor has a live grant for.

    Households live in a storey above, so the tables' owner writes the grant, beside the test's transaction.
    """
    made: list[UUID] = []
    params = connections["migrator"].get_connection_params()
    with psycopg.connect(**params, autocommit=True) as owner:

        def open_for(actor: Actor) -> UUID:
            household_id = uuid4()
            made.append(household_id)
            owner.execute(GRANT, [actor.user_id, actor.scope_id, household_id, actor.role, actor.purpose])
            return household_id

        yield open_for
        owner.execute("DELETE FROM accounts_grant WHERE household_id = ANY (%s)", [made])
