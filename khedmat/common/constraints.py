"""Which constraint the database found violated, so that an action tells the one fact it expects and hides no other."""

from collections.abc import Callable
from typing import Final, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model

# Where one in a thousand is taken, so many draws are all taken once in 10**60.
MOST_DRAWS: Final = 20
Row = TypeVar("Row", bound=Model)


def violated_constraint(error: IntegrityError) -> str:
    """Name of the violated constraint; empty where PostgreSQL names none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def insert_drawn(draw: Callable[[], str], row_with: Callable[[str], Row], constraint: str) -> tuple[Row, str]:
    """Insert a row that carries a code drawn at random; another is drawn where a row has the same. Row and code.

    Codes that people type are short: among hundreds of thousands, two are the same before long. Which are taken is
    the unique `constraint`'s to tell, for the reader sees their own rows alone. Errors: IntegrityError of any other
    constraint, and of this one after 20 draws.
    """
    draws = 0
    while True:
        draws += 1
        code = draw()
        row = row_with(code)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            if violated_constraint(error) != constraint or draws == MOST_DRAWS:
                raise
        else:
            return row, code
