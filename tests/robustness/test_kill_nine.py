"""kill -9 of web, jobs and database while families go through the line: nothing acknowledged is lost.

3 kills in `make test`, 50 in `make proof`. The seed is printed with what was killed when; KHEDMAT_KILL_SEED repeats it.
"""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from random import Random
from threading import Lock, Thread
from typing import Any

import pytest

from tests.robustness.line_online import MEMBERS, Diary, Line
from tests.robustness.own_site import EVERYTHING, TARGETS, OwnSite, own_site
from tests.robustness.whole import half_done, lost

KILLS_OF_PROOF = 50
SEED_OF_TEST = 1405
FAMILIES_AT_ONCE = 2
POSTS_OF_A_FAMILY = 9
LONGEST_DELAY = 0.25


class Killer:
    """Kills parts of the site at random posts, each after a random moment, and looks at what is left."""

    def __init__(self, site: OwnSite, diary: Diary, seed: int, targets: Sequence[str], span: int) -> None:
        self.story: list[str] = []
        self.wrong: list[str] = []
        self._site, self._diary, self._choice = site, diary, Random(seed)
        self._targets = list(targets)
        self._choice.shuffle(self._targets)
        self._at = sorted(self._choice.sample(range(2, span), len(self._targets)), reverse=True)
        self._posts = count(1)
        self._lock = Lock()
        self._busy: Thread | None = None

    @property
    def is_done(self) -> bool:
        """Whether everything was killed that should be."""
        return not self._targets and (self._busy is None or not self._busy.is_alive())

    def before_post(self) -> None:
        """Called before each post of anybody."""
        with self._lock:
            post = next(self._posts)
            is_free = self._busy is None or not self._busy.is_alive()
            if self._targets and post >= self._at[-1] and is_free:
                self._at.pop()
                self._busy = Thread(target=self._strike, args=(self._targets.pop(), post), daemon=True)
                self._busy.start()

    def finish(self) -> None:
        """Wait until the last one is healed."""
        if self._busy is not None:
            self._busy.join()

    def _strike(self, target: str, post: int) -> None:
        delay = self._choice.random() * LONGEST_DELAY
        time.sleep(delay)
        acknowledged = self._diary.so_far()
        began = time.monotonic()
        try:
            what = self._site.kill(target, self._choice)
            self._site.wait_until_healed()
            self.look(acknowledged)
        except Exception as problem:
            self.wrong.append(f"after {target}: {problem!r}")
            return
        self.story.append(f"post {post} + {delay * 1000:.0f} ms: {what}, healed in {time.monotonic() - began:.1f} s")

    def look(self, acknowledged: Sequence[Any]) -> None:
        """Everything acknowledged is there, nothing is there in part."""
        with self._site.owner() as cursor:
            self.wrong += lost(cursor, acknowledged)
            self.wrong += half_done(cursor, self._site.layout.var / "files")


@pytest.fixture(scope="module")
def site() -> Iterator[OwnSite]:
    """A site of its own that runs."""
    with own_site() as running:
        yield running


def drive(site: OwnSite, killer: Killer, diary: Diary, first_number: int) -> int:
    """Families through the whole line, two at a time, until the killer has done his work; answers how many."""
    lines = [
        Line(site.port, diary, before_post=killer.before_post, wait=site.wait_until_healed)
        for _ in range(FAMILIES_AT_ONCE)
    ]
    for line in lines:
        line.sign_in()
    families = 0
    with ThreadPoolExecutor(FAMILIES_AT_ONCE) as together:
        while not families or not killer.is_done:
            numbers = range(first_number + families, first_number + families + FAMILIES_AT_ONCE)
            cases = list(together.map(lambda line, number: line.through_decision(number), lines, numbers))
            lines[0].print_everything()
            list(together.map(lambda line, case: line.hand_over(*case), lines, cases))
            families += FAMILIES_AT_ONCE
    killer.finish()
    return families


def run(site: OwnSite, seed: int, targets: Sequence[str], *, span: int, first_number: int) -> None:
    """Drive, kill, and look once more when all is over."""
    diary = Diary()
    killer = Killer(site, diary, seed, targets, span)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails, and by pytest -rP
    try:
        families = drive(site, killer, diary, first_number)
    finally:
        print("\n".join([*killer.story, *killer.wrong]))  # noqa: T201
    killer.look(diary.so_far())
    assert not killer.wrong
    assert len(killer.story) == len(targets)
    with site.owner() as cursor:
        cursor.execute("SELECT count(*) FROM casework_case WHERE step = 'closed'")
        assert cursor.fetchall() == [(families,)]
        cursor.execute("SELECT count(*) FROM cards_card WHERE state = 'handed_over'")
        assert cursor.fetchall() == [(families * MEMBERS,)]


@pytest.mark.timeout(400)
def test_kill_nine_loses_nothing(site: OwnSite) -> None:
    seed = int(os.environ.get("KHEDMAT_KILL_SEED", SEED_OF_TEST))
    run(site, seed, TARGETS, span=POSTS_OF_A_FAMILY * FAMILIES_AT_ONCE, first_number=4_411_001)


@pytest.mark.proof
@pytest.mark.timeout(7200)
def test_fifty_kills_lose_nothing() -> None:
    seed = int(os.environ.get("KHEDMAT_KILL_SEED") or Random().randrange(10**6))
    choice = Random(seed)
    targets = [choice.choice((*TARGETS, EVERYTHING)) for _ in range(KILLS_OF_PROOF)]
    with own_site() as site:
        run(site, seed, targets, span=KILLS_OF_PROOF * 4, first_number=4_411_001)


def test_looking_sees_what_is_lost_and_what_is_half_done(site: OwnSite) -> None:
    """Each rule of wholeness is shown to fail: after damage in a transaction that is rolled back."""
    files = site.layout.var / "files"
    damage = {
        "DELETE FROM payments_posting WHERE id = (SELECT max(id) FROM payments_posting)": "does not balance",
        "UPDATE payments_charge SET settled_rial = 0": "charge that does not add up",
        "UPDATE casework_case SET step = 'paid', closed_at = NULL, closed_by = NULL": "its record leads to closed",
        "UPDATE casework_casemember SET step = 'approved'": "its record leads to handed_over",
        "DELETE FROM audit_entry WHERE action = 'card.issued'": "card whose record is not one to one",
        "DELETE FROM audit_entry WHERE action = 'file.stored'": "file whose record is not one to one",
        "UPDATE files_blob SET size = size + 1": "not whole on disk",
        "DELETE FROM registry_persondocument WHERE series = 'amayesh-18'": "that the register lacks",
        "DELETE FROM casework_decision": "decisions are not recorded one to one",
    }
    for statement, words in damage.items():
        with site.owner() as cursor:
            assert half_done(cursor, files) == []
            cursor.execute(statement.encode())
            assert any(words in one for one in half_done(cursor, files)), statement
            cursor.connection.rollback()
