"""How soon do ten rules say what they say about a member?

`python -m bench.rules [--members 1000]` evaluates the demo round's rules, filled up to ten, for made-up members, and
beside it the same conditions written as plain Python: the ratio is what rules as data cost. Each evaluation gives
every rule's sentence in both languages, its inputs and its source. Best of five rounds, after one to warm up; exits
with 1 when 1,000 evaluations of ten rules take a second or longer.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

RULES: Final = 10
ROUNDS: Final = 5
SEED: Final = 1405
DATA: Final = Path(__file__).parent.parent / "khedmat/rounds/data/amayesh_18.json"
LONGEST_SECONDS_PER_THOUSAND: Final = 1.0


def plain(facts: Any) -> list[bool]:
    """The demo round's conditions as a programmer would write them, ten of them."""
    new, age, last = facts.is_new_member, facts.age_on_round, facts.last_round_number
    first = [
        new or last is None or last < facts.round_number - 1 or facts.has_last_round_card,
        new or last is None or last >= facts.round_number - 1 or facts.has_valid_laissez_passer,
        not new or age is None or age >= 18 or bool(facts.father_has_card and facts.mother_has_card),
        not new or age is None or age < 18 or facts.has_last_round_card,
        bool(facts.province_matches),
        facts.has_portrait,
    ]
    return list(islice(cycle(first), RULES))


def members(count: int) -> list[Any]:
    """Made-up members, the same each time."""
    from khedmat.rounds.rules import MemberFacts

    choice = random.Random(SEED)
    return [
        MemberFacts(
            round_number=18,
            round_on=date(2026, 9, 23),
            household_size=choice.randint(1, 9),
            relation=choice.choice(["head", "wife", "son", "daughter"]),
            age_on_round=choice.randint(0, 90),
            is_new_member=choice.random() < 0.2,
            has_last_round_card=choice.random() < 0.8,
            last_round_number=choice.choice([15, 16, 17, 17, 17]),
            father_has_card=choice.choice([True, False, None]),
            mother_has_card=choice.choice([True, False, None]),
            has_portrait=choice.random() < 0.9,
            province_matches=choice.choice([True, True, False]),
        )
        for _one in range(count)
    ]


def best_seconds(work: Callable[[Any], object], people: Sequence[Any]) -> float:
    """The quickest of some rounds over all members: what the machine can do when nothing else disturbs it."""
    times = []
    for _round in range(ROUNDS + 1):
        began = time.perf_counter()
        for facts in people:
            work(facts)
        times.append(time.perf_counter() - began)
    return min(times[1:])


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khedmat.config.settings")
    import django

    django.setup()
    from khedmat.rounds.actions import round_from_file
    from khedmat.rounds.rules import evaluate_rules

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--members", type=int, default=1_000)
    people = members(parser.parse_args().members)
    own = round_from_file(DATA).version.rules
    rules = [replace(rule, code=f"{rule.code}-{place}") for place, rule in enumerate(islice(cycle(own), RULES))]
    as_data = best_seconds(lambda facts: evaluate_rules(rules, facts), people)
    as_code = best_seconds(plain, people)
    seconds = as_data * 1_000 / len(people)
    lines = (
        f"{len(people):,} members, {RULES} rules each; best of {ROUNDS} rounds",
        "| way | s for 1,000 members | µs for a rule | ratio |",
        "|---|---|---|---|",
        f"| rules as data, each explained in two languages | {seconds:.3f} | {seconds * 1e6 / 1_000 / RULES:.1f} "
        f"| {as_data / as_code:.0f} |",
        f"| the same conditions as Python, unexplained | {as_code * 1_000 / len(people):.5f} "
        f"| {as_code * 1e6 / len(people) / RULES:.2f} | 1 |",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if seconds < LONGEST_SECONDS_PER_THOUSAND else 1


if __name__ == "__main__":
    sys.exit(main())
