"""Common Expression Language, fenced in: no loops, known names only, short texts, short lists.

The evaluator bounds neither nested loops nor lists, so macros that loop are refused before running.
Dates reach expressions as timestamps at midnight UTC, since the evaluator knows no plain date.
"""

import re
from dataclasses import fields
from datetime import UTC, date, datetime, time
from functools import lru_cache

import cel

from khedmat.rounds.rules.specs import FactValue, MemberFacts

MAX_LENGTH = 1_000
MAX_LIST = 50
FACT_NAMES = frozenset(field.name for field in fields(MemberFacts))
_ALLOWED_FUNCTIONS = frozenset(
    {"_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_+_", "_-_", "-_", "_?_:_", "@in"}
    | {"size", "timestamp", "duration", "startsWith"}
)
_REFUSED_TEXT = re.compile(r"//|\b(?:all|exists|exists_one|map|filter|reduce|bind|has)\s*\(")


class BadExpression(Exception):
    """The expression may not run; the text says why, for the round's managers."""


@lru_cache(maxsize=512)
def compiled(expression: str) -> cel.Program:
    """The expression ready to run; `BadExpression` when it does not parse or steps over the fence."""
    if len(expression) > MAX_LENGTH:
        raise BadExpression(f"longer than {MAX_LENGTH} characters")
    if _REFUSED_TEXT.search(expression):
        raise BadExpression("loops, has() and comments are not allowed")
    try:
        program = cel.compile(expression)
    except (ValueError, TypeError, RuntimeError) as error:
        raise BadExpression("does not parse") from error
    unknown = set(program.variables()) - FACT_NAMES
    if unknown:
        raise BadExpression(f"unknown facts: {', '.join(sorted(unknown))}")
    foreign = set(program.functions()) - _ALLOWED_FUNCTIONS
    if foreign:
        raise BadExpression(f"functions not allowed: {', '.join(sorted(foreign))}")
    return program


def facts_used(expression: str) -> tuple[str, ...]:
    """The facts that an expression names, sorted; none for one that does not compile."""
    try:
        return tuple(sorted(compiled(expression).variables()))
    except BadExpression:
        return ()


def holds(expression: str, facts: MemberFacts) -> bool:
    """The expression's truth for a member; `BadExpression` for any error and for a result not boolean."""
    program = compiled(expression)
    names = program.variables()
    context = {name: _for_cel(getattr(facts, name)) for name in names}
    try:
        result = program.execute(context)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the evaluator is no Exception
        raise BadExpression(f"cannot be computed: {type(error).__name__}") from error
    if not isinstance(result, bool):
        raise BadExpression("is neither true nor false")
    return result


def _for_cel(value: FactValue) -> bool | int | str | datetime | list[str] | None:
    if isinstance(value, date):
        return datetime.combine(value, time.min, tzinfo=UTC)
    if isinstance(value, tuple):
        if len(value) > MAX_LIST:
            raise BadExpression(f"a list of more than {MAX_LIST} entries")
        return list(value)
    return value
