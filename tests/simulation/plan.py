"""Who comes when, and how it goes with them: drawn from a seed before the round begins. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

from khedmat.places.calendar import is_working_day

OPENS_ON: Final = date(2026, 9, 26)
SIZES: Final = (1, 1, 2, 2, 3, 3, 4, 5)
# Saturday is full, Thursday short; what days of one week differ by beyond that is drawn.
OF_WEEKDAY: Final = {5: 1.35, 6: 1.1, 0: 1.0, 1: 0.95, 2: 0.95, 3: 0.65}
SPREAD: Final = 0.08


class Story(StrEnum):
    """What is unusual about a family's way."""

    PLAIN = "plain"
    MISSING_PAPER = "missing paper"
    RETURNED = "returned"
    REFUSED = "refused"
    SKIPPED_ROUND = "skipped round"
    WITHDRAWN_AT_COUNTER = "withdrawn at the counter"
    WITHDRAWN_LATER = "withdrawn later, and paid back"
    EXEMPT = "exempt from the levy"
    IN_PARTS = "pays in parts"
    REFERRED = "referred to another office"


class Money(StrEnum):
    """How they pay."""

    CASH = "cash"
    CARD = "card"
    GATEWAY = "gateway"
    GATEWAY_TWICE = "gateway, answered twice and once in vain"


class Appeal(StrEnum):
    """What becomes of a refusal."""

    NONE = "taken as it is"
    UPHELD = "appealed, and approved"
    DISMISSED = "appealed in vain"
    WITHDRAWN = "appealed, and thought better of it"


class Answer(StrEnum):
    """What becomes of a referral."""

    ACCEPTED = "accepted"
    RETURNED = "returned"
    REVOKED = "taken back"


OFTEN: Final = {
    Story.PLAIN: 70,
    Story.MISSING_PAPER: 10,
    Story.RETURNED: 6,
    Story.REFUSED: 6,
    Story.SKIPPED_ROUND: 5,
    Story.WITHDRAWN_AT_COUNTER: 3,
    Story.WITHDRAWN_LATER: 3,
    Story.EXEMPT: 4,
    Story.IN_PARTS: 4,
    Story.REFERRED: 4,
}
APPEALS: Final = {Appeal.NONE: 3, Appeal.UPHELD: 3, Appeal.DISMISSED: 2, Appeal.WITHDRAWN: 1}
ANSWERS: Final = {Answer.ACCEPTED: 6, Answer.RETURNED: 2, Answer.REVOKED: 1}
# How often a case waits for another authority, its clock stopped.
STANDS_STILL: Final = 0.05
# How they come: how often with an appointment, and how often somebody with one does not come that day.
WITH_APPOINTMENT, STAYS_AWAY = 0.45, 0.12
LONGEST_AHEAD, LATER = 5, 2
METHODS: Final = {Money.CASH: 4, Money.CARD: 4, Money.GATEWAY: 2, Money.GATEWAY_TWICE: 1}


@dataclass(frozen=True, slots=True)
class Family:
    """One household of the plan; days are numbers of working days."""

    serial: int
    office: int
    size: int
    story: Story
    money: Money
    # After how many working days it comes with what was missing, and for its cards once they are ready.
    comes_back: int
    # So many working days before it comes it books an appointment; 0: it comes without one.
    books_before: int
    # The appointment was for some days earlier, and it did not come then.
    stays_away: bool
    appeal: Appeal
    answer: Answer
    stands_still: bool

    @property
    def appointment_before(self) -> int:
        """How many working days before it comes the appointment is."""
        return LATER if self.stays_away else 0

    @property
    def cards_from(self) -> int:
        """Number of the first of its cards of the last round; nobody else's."""
        return 50_000_000 + self.serial * 10

    @property
    def series(self) -> str:
        """The round of those cards."""
        return "amayesh-15" if self.story == Story.SKIPPED_ROUND else "amayesh-17"


Plan = dict[tuple[int, date], list[Family]]
Drawn = TypeVar("Drawn")


def working_days(days: int) -> list[date]:
    """The working days among the first so many days of the round."""
    calendar = (OPENS_ON + timedelta(days=ahead) for ahead in range(days))
    return [day for day in calendar if is_working_day(day)]


def plan_round(seed: int, *, households: int, offices: int, days: int) -> Plan:
    """Every family's office and day. Offices differ by a factor of two, days by weekday, trend and chance."""
    rng = Random(seed)
    dates = working_days(days)
    places = [(office, day) for office in range(offices) for day in dates]
    pull = {office: rng.uniform(0.65, 1.35) for office in range(offices)}
    weights = []
    for office, day in places:
        # Few come in the first days, most in the middle of the round.
        share = (day - OPENS_ON).days / days
        trend = 0.75 + share * (1 - share) * 1.6
        weights.append(pull[office] * OF_WEEKDAY[day.weekday()] * trend * rng.gammavariate(1 / SPREAD, SPREAD))
    plan: Plan = defaultdict(list)
    for serial, place in enumerate(rng.choices(places, weights, k=households)):
        plan[place].append(_family(rng, serial, place[0]))
    return plan


def _family(rng: Random, serial: int, office: int) -> Family:
    books = rng.random() < WITH_APPOINTMENT
    stays_away = books and rng.random() < STAYS_AWAY
    return Family(
        serial=serial,
        office=office,
        size=rng.choice(SIZES),
        story=_drawn(rng, OFTEN),
        money=_drawn(rng, METHODS),
        comes_back=rng.randint(1, 3),
        books_before=rng.randint(1, LONGEST_AHEAD) + (LATER if stays_away else 0) if books else 0,
        stays_away=stays_away,
        appeal=_drawn(rng, APPEALS),
        answer=_drawn(rng, ANSWERS),
        stands_still=rng.random() < STANDS_STILL,
    )


def _drawn(rng: Random, often: Mapping[Drawn, int]) -> Drawn:
    return rng.choices(list(often), list(often.values()))[0]
