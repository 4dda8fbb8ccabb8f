"""A round from its clone to its closing, in a real browser, as the people whose work it is.

In `make test` each story once, and each act by hand the first time; what repeats goes through the same actions.
`make proof` walks thirty families, every act at its page. After each part of the round the cockpit's page is read and
compared with counts from the tables.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from khedmat.cards.models import Card
from khedmat.cards.selectors import verify_bundle_at
from khedmat.casework.actions import enter_case
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.models import Case, CaseMember
from khedmat.common.jalali import format_date
from khedmat.config.demo.line import register
from khedmat.payments.enums import ChargeState, RefundState
from khedmat.payments.models import Charge, Refund
from khedmat.payments.selectors import live_charge_of
from khedmat.rounds.booking import subject_of
from khedmat.rounds.enrolment import CASE_TYPE, add_portrait, mark_papers, start_enrolment, submit_enrolment
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.enums import ReliefKind
from khedmat.rounds.errors import RoundClosed
from khedmat.rounds.models import RoundClosing, RoundVersion
from khedmat.rounds.relief import ask_relief, grant_relief
from khedmat.rounds.selectors import content_of
from khedmat.service.enums import CounterKind
from khedmat.service.hall import call_next, give_number, serve
from khedmat.service.models import Counter as Desk
from khedmat.service.opening import open_counter
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast, make_cast
from tests.pages import walking
from tests.pages.passer_by import PasserBy
from tests.pages.walking import Staff
from tests.rounds.counting import counted_by_office
from tests.simulation.town import owner
from tests.simulation.work import face

pytestmark = pytest.mark.browser

ROUND, TITLE = "amayesh-19", "Amayesh 19"
CARD_ISSUE_RIAL = 1_350_000
SENTENCE = "دوره‌ای جا نیفتاده است. آخرین دورهٔ خانوار: {last_round_number}."
CLERKS = {"shahriar": "narges", "rey": "omid"}
CASHIERS = {"shahriar": "kamran", "rey": "ladan"}
MANAGERS = {"shahriar": "shirin", "rey": "reza"}
# Story and office, in the order in which they come.
EACH_ONCE = (
    ("booked", "shahriar"),
    ("walk-in", "shahriar"),
    ("missing paper", "shahriar"),
    ("exemption", "shahriar"),
    ("instalment", "shahriar"),
    ("skipped round", "shahriar"),
    ("appeal", "shahriar"),
    ("withdrawn", "shahriar"),
    ("referred", "shahriar"),
    ("booked", "rey"),
    ("walk-in", "rey"),
    ("instalment", "rey"),
)
THIRTY = EACH_ONCE + EACH_ONCE + (("booked", "rey"), ("walk-in", "rey")) * 3


@dataclass
class Family:
    """One household on its way; `office` is where its case is now."""

    story: str
    office: str
    cards_from: int
    household_id: UUID
    size: int
    case: UUID = field(default_factory=lambda: UUID(int=0))
    number: str = ""

    @property
    def card_number(self) -> str:
        """What the head of the family holds in hand."""
        return f"17{self.cards_from}"


class Walk:
    """A round on its way: what is done by hand, and what by the actions of the same pages."""

    def __init__(self, cast: Cast, staff: Staff, plan: Sequence[tuple[str, str]], *, is_all_by_hand: bool) -> None:
        self.cast, self.staff = cast, staff
        self._is_all_by_hand = is_all_by_hand
        self._done: Counter[str] = Counter()
        self._receipts = 5000
        self.families = [self.family(*one, place) for place, one in enumerate(plan)]

    def family(self, story: str, office: str, place: int) -> Family:
        """A family in the register, with cards of the last round, or of one long before."""
        cards_from = 6_000_000 + place * 100
        series = "amayesh-16" if story == "skipped round" else "amayesh-18"
        size = 3 if story in {"instalment", "missing paper"} else 2
        entry = line.family(cards_from=cards_from, size=size, series=series)
        household = register(self.cast, entry, CLERKS[office])
        return Family(story, office, cards_from, household.pk, size)

    def by_hand(self, act: str) -> bool:
        """Whether this act is done at the page: the first of its kind, or all."""
        self._done[act] += 1
        return self._is_all_by_hand or self._done[act] == 1

    def of(self, *stories: str) -> list[Family]:
        """The families of some stories."""
        return [one for one in self.families if one.story in stories]

    def receipt(self) -> str:
        """The next number of a cashier's book."""
        self._receipts += 1
        return f"{self._receipts}"

    def clerk(self, family: Family) -> walking.Window:
        """The window of the clerk of the family's office."""
        return self.staff[CLERKS[family.office]]

    def case_of(self, family: Family) -> Case:
        """The case as it stands, read by a clerk of its office."""
        with working_context(self.cast[CLERKS[family.office]]):
            return Case.objects.get(pk=family.case)

    def begun(self, family: Family, case_id: UUID) -> None:
        """The family has a case from now on."""
        family.case = case_id
        family.number = self.case_of(family).number

    def cockpit_is_right(self) -> None:
        """What the director's page shows is what the tables hold."""
        with owner() as connected, connected.cursor() as cursor:
            counted = counted_by_office(cursor, ROUND)
        names = {place.pk: place.name_en for place in self.cast.places.values()}
        expected = Counter(
            {(names[office], step): amount for (office, step), amount in counted.items() if step != "withdrawn"}
        )
        assert expected
        assert walking.cockpit_shows(self.staff["director"], ROUND) == expected


@pytest.fixture
def cast(live_site: Any, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Cast:
    """The cast and last round, committed for the running site to see."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    # A job runs in a thread that ends with the worker; a kept connection would outlive both.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    cast = make_cast()
    line.open_round(cast)
    return cast


def test_round_from_clone_to_closing(cast: Cast, chromium: Browser, live_site: LiveServer) -> None:
    with walking.staff_at_work(chromium, live_site.url) as staff:
        walk_round(Walk(cast, staff, EACH_ONCE, is_all_by_hand=False))


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_round_of_thirty_families(cast: Cast, chromium: Browser, live_site: LiveServer) -> None:
    with walking.staff_at_work(chromium, live_site.url) as staff:
        walk_round(Walk(cast, staff, THIRTY, is_all_by_hand=True))


def walk_round(walk: Walk) -> None:
    """All parts of the round, the cockpit looked at after each."""
    write_the_round(walk)
    open_offices(walk)
    for part in (
        take_bookings,
        receive_families,
        see_papers_and_faces,
        take_money,
        send_to_the_province,
        let_two_families_go,
        decide_in_the_province,
        put_right,
        print_and_hand_over,
    ):
        part(walk)
        walk.cockpit_is_right()
    extend_all_cards(walk)
    close_the_round(walk)
    walk.cockpit_is_right()


def write_the_round(walk: Walk) -> None:
    """Cloned, a rule and a fee changed, checked, proposed by one manager and published by another."""
    manager, last = walk.staff["manager"], RoundVersion.objects.get()
    draft = walking.clones(manager, last.pk, number=19, opens_on=timezone.localdate())
    walking.names_circular(manager, draft, "19/101", timezone.localdate())
    walking.changes_rule(
        manager,
        draft,
        "no-skipped-round",
        sentence_met_fa=SENTENCE,
        expression="has_valid_laissez_passer || last_round_number >= round_number - 1",
    )
    walking.changes_tariff(manager, draft, "card-issue", CARD_ISSUE_RIAL)
    walking.checks_and_proposes(manager, draft, SENTENCE, "1,350,000")
    walking.publishes(walk.staff["parvin"], draft)
    content = content_of(RoundVersion.objects.get(pk=draft))
    assert {one.amount_rial for one in content.tariff if one.code == "card-issue"} == {CARD_ISSUE_RIAL}


def open_offices(walk: Walk) -> None:
    """Both managers open days and a counter."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    for name in MANAGERS.values():
        walking.opens_days(walk.staff[name], tomorrow, tomorrow + timedelta(days=1))
        if walk.by_hand("counter"):
            walking.sets_up_counter(walk.staff[name], 1)
        else:
            with working_context(walk.cast[name]):
                open_counter(1, CounterKind.CLERK, by=walk.cast[name])


def take_bookings(walk: Walk) -> None:
    """On the telephone, a day before."""
    for family in walk.of("booked"):
        walk.begun(family, walking.books_by_phone(walk.clerk(family), family.card_number, TITLE))


def receive_families(walk: Walk) -> None:
    """Whoever is booked gets a number and is called; the others walk in."""
    for family in walk.families:
        if family.story == "booked":
            _receive(walk, family)
        elif walk.by_hand(f"walk-in in {family.office}"):
            walk.begun(family, walking.takes_walk_in(walk.clerk(family), family.card_number, TITLE))
        else:
            actor = walk.cast[CLERKS[family.office]]
            with working_context(actor):
                walk.begun(family, start_enrolment(family.household_id, ROUND, by=actor).pk)


def _receive(walk: Walk, family: Family) -> None:
    if walk.by_hand("receiving"):
        walking.receives(walk.clerk(family), family.case)
        return
    actor = walk.cast[CLERKS[family.office]]
    with working_context(actor):
        give_number(subject_of(Case.objects.get(pk=family.case)), by=actor)
        counter = Desk.objects.get(scope_id=actor.scope_id)
        serve(call_next(counter.pk, by=actor).pk, by=actor)
        enter_case(family.case, by=actor)


def see_papers_and_faces(walk: Walk) -> None:
    """All papers seen, everybody photographed: the bills stand, at the new fee."""
    for family in walk.families:
        if walk.by_hand("papers"):
            walking.sees_papers_and_faces(walk.clerk(family), family.case, family.size)
            walk.clerk(family).sees(f"{family.size * CARD_ISSUE_RIAL:,}")
        else:
            _papers_and_faces(walk, family)
        assert walk.case_of(family).step == CaseStep.PHOTOGRAPHED


def _papers_and_faces(walk: Walk, family: Family) -> None:
    actor = walk.cast[CLERKS[family.office]]
    with working_context(actor):
        case = enter_case(family.case, by=actor)
        mark_papers(case.pk, case.version, [(one.code, one.member_id) for one in enrolment_view(case).papers], by=actor)
        for number, member in enumerate(CaseMember.objects.filter(case=case).values_list("pk", flat=True)):
            add_portrait(case.pk, member, face(number), by=actor)


def take_money(walk: Walk) -> None:
    """In cash; less where the office's manager grants it, and in parts where the family cannot pay at once."""
    for family in walk.of("exemption", "instalment"):
        _grant(walk, family, "vulnerable" if family.story == "exemption" else "three-parts")
    for family in walk.families:
        cashier = CASHIERS[family.office]
        if walk.by_hand("first part" if family.story == "instalment" else "cash"):
            walking.takes_cash(walk.staff[cashier], family.number, walk.receipt())
        else:
            line.pay(walk.cast, walk.case_of(family), cashier, walk.receipt())
    amounts = {story: _charge(walk, walk.of(story)[0]).settled_rial for story in ("walk-in", "exemption", "instalment")}
    assert amounts == {
        "walk-in": 1_500_000 + 2 * CARD_ISSUE_RIAL,
        "exemption": 2 * CARD_ISSUE_RIAL,
        "instalment": (2_000_000 + 3 * CARD_ISSUE_RIAL) * 40 // 100,
    }


def _grant(walk: Walk, family: Family, code: str) -> None:
    kind = ReliefKind.EXEMPTION if family.story == "exemption" else ReliefKind.INSTALMENTS
    paper = face(3) if kind == ReliefKind.EXEMPTION else None
    if walk.by_hand(code):
        walking.asks_relief(walk.clerk(family), family.case, f"{kind}:{code}", paper)
        walking.grants_relief(walk.staff[MANAGERS[family.office]], family.number)
        return
    clerk, runs = walk.cast[CLERKS[family.office]], walk.cast[MANAGERS[family.office]]
    with working_context(clerk):
        papers = {"support-letter": paper} if paper else {}
        asked = ask_relief(family.case, kind, code, walking.REASON, papers, by=clerk)
    with working_context(runs):
        enter_case(family.case, by=runs)
        grant_relief(asked.pk, walking.REASON, by=runs)


def _charge(walk: Walk, family: Family) -> Charge:
    with working_context(walk.cast[CASHIERS[family.office]]):
        charge = live_charge_of(CASE_TYPE, family.case)
    assert charge is not None
    return charge


def send_to_the_province(walk: Walk) -> None:
    """All but the family that moves away."""
    for family in walk.families:
        if family.story != "referred":
            _send(walk, family)


def _send(walk: Walk, family: Family) -> None:
    if walk.by_hand("sending"):
        walking.sends(walk.clerk(family), family.case)
        return
    actor = walk.cast[CLERKS[family.office]]
    with working_context(actor):
        case = enter_case(family.case, by=actor)
        submit_enrolment(case.pk, case.version, by=actor)


def let_two_families_go(walk: Walk) -> None:
    """One withdraws and has its money back; one moved to Rey, which takes its case over and sends it."""
    for family in walk.of("withdrawn"):
        charge, number = _charge(walk, family), family.number
        walking.withdraws(walk.clerk(family), family.case)
        walking.asks_refund(walk.staff[CASHIERS[family.office]], charge.pk, charge.settled_rial)
        walking.pays_back(walk.staff[MANAGERS[family.office]], number, walk.receipt())
        with working_context(walk.cast["kamran"]):
            assert Refund.objects.get(charge=charge).state == RefundState.PAID
            assert Charge.objects.get(pk=charge.pk).state == ChargeState.PAID
        assert walk.case_of(family).step == CaseStep.WITHDRAWN
    for family in walk.of("referred"):
        walking.refers(walk.clerk(family), family.case, walk.cast.places["rey"].pk)
        family.office = "rey"
        walking.accepts(walk.clerk(family), family.number)
        _send(walk, family)


def decide_in_the_province(walk: Walk) -> None:
    """Approved; one asked for a paper, one refused; a skipped round goes to the director general."""
    bahram = walk.staff["bahram"]
    for family in walk.families:
        if family.story == "withdrawn":
            continue
        if family.story not in {"missing paper", "appeal", "skipped round"} and not walk.by_hand("approval"):
            line.decide_all(walk.cast, family.case)
            continue
        if family.story == "skipped round":
            walking.takes_in_hand(walk.staff["director"], family.number)
            walking.decides_about_all(walk.staff["director"])
            continue
        walking.takes_in_hand(bahram, family.number)
        if family.story == "missing paper":
            walking.decides(bahram, "return", "گواهی ولادت خوانا نیست؛ دوباره بیاورید.")
        elif family.story == "appeal":
            walking.decides(bahram, "refuse", "کارت دورهٔ پیش دیده نشد.")
        walking.decides_about_all(bahram)


def put_right(walk: Walk) -> None:
    """The paper is brought and decided; another officer upholds the appeal."""
    for family in walk.of("missing paper"):
        walking.completes(walk.clerk(family), family.case)
        walking.takes_in_hand(walk.staff["bahram"], family.number)
        walking.decides_about_all(walk.staff["bahram"])
    for family in walk.of("appeal"):
        walking.appeals(walk.clerk(family), family.case)
        walking.upholds_appeal(walk.staff["laleh"], family.number)
    with owner() as connected:
        waiting = connected.execute(
            "SELECT count(*) FROM casework_casemember WHERE step NOT IN (%s, %s)",
            [MemberStep.APPROVED, MemberStep.WITHDRAWN],
        ).fetchone()
    assert waiting == (0,)


def print_and_hand_over(walk: Walk) -> None:
    """Every card printed and in the hands of its family; parts that were left are paid before."""
    walking.prints(walk.staff["printer"])
    for family in walk.families:
        if family.story == "withdrawn":
            continue
        if family.story == "instalment" and walk.by_hand("last parts"):
            for _part in range(2):
                walking.takes_cash(walk.staff[CASHIERS[family.office]], family.number, walk.receipt())
            assert _charge(walk, family).state == ChargeState.PAID
        if walk.by_hand(f"hand-over in {family.office}"):
            walking.hands_over(walk.clerk(family), family.number)
        else:
            line.give_cards(walk.cast, family.case, CLERKS[family.office])
        assert walk.case_of(family).step == CaseStep.CLOSED


def extend_all_cards(walk: Walk) -> None:
    """By a notice: the round's page, a card's page and whoever checks the card in the street say the new day."""
    printed = RoundVersion.objects.get(round__code=ROUND).card_valid_until
    until, family = printed + timedelta(days=90), walk.of("booked")[0]
    walking.extends(walk.staff["manager"], ROUND, until=until, notice="19/214", noticed_on=timezone.localdate())
    narges, bahram = walk.staff["narges"], walk.staff["bahram"]
    narges.go(f"/rounds/{ROUND}/")
    narges.sees(f"Valid until {format_date(until, 'en', 'long')}")
    with working_context(walk.cast["bahram"]):
        enter_case(family.case, by=walk.cast["bahram"])
        card = Card.objects.filter(case_id=family.case)[0]
    bahram.go(f"/cards/{card.pk}/")
    bahram.sees(format_date(until, "en", "long"))
    bahram.sees("extended by notice 19/214")
    after_the_end = datetime.combine(printed + timedelta(days=30), time(12), tzinfo=UTC)
    late = PasserBy(walk.staff.browser, walk.staff.url, at=after_the_end, bundle=verify_bundle_at(after_the_end))
    assert late.outcome_of(card.token) == "extended"
    late.context.close()


def close_the_round(walk: Walk) -> None:
    """Proposed by one manager, confirmed by another; nobody is taken in from then on."""
    walking.proposes_closing(walk.staff["manager"], ROUND, "بر پایهٔ بخشنامهٔ ۱۹/۳۰۱.")
    walking.confirms_closing(walk.staff["parvin"], ROUND)
    assert RoundClosing.objects.count() == 2
    late = walk.family("walk-in", "shahriar", 90)
    narges, actor = walk.staff["narges"], walk.cast["narges"]
    walking.finds_family(narges, late.card_number)
    expect(narges.page.get_by_role("button", name=f"Take into {TITLE}")).to_have_count(0)
    with working_context(actor), pytest.raises(RoundClosed):
        start_enrolment(late.household_id, ROUND, by=actor)
    director = walk.staff["director"]
    director.go(f"/rounds/{ROUND}/cockpit/")
    director.sees("Closed on")
