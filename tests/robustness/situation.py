"""A province at work: families and cases at every step, so that every page has something real to show."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.urls import reverse

from khedmat.accounts.enums import Role
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.appeals import take_appeal
from khedmat.casework.drafts import keep_draft
from khedmat.casework.enums import MemberStep, Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.config.demo import line as demo_line
from khedmat.imports.actions import pause_import, start_import
from khedmat.payments.actions import start_payment
from khedmat.payments.selectors import live_charge_of
from khedmat.registry.actions import look_up
from khedmat.registry.models import Household
from khedmat.rounds.appealing import lodge_enrolment_appeal
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.rounds.enrolment import CASE_TYPE, add_paper, decide, mark_papers, start_enrolment
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.enums import ReliefKind
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.relief import ask_relief
from khedmat.rounds.web.writing.words import PART_TITLES
from khedmat.service.enums import TicketState
from khedmat.service.models import Ticket
from khedmat.service.subjects import Subject
from khedmat.vault.context import working_context
from tests import line
from tests.casework.officers_work import cover, draft_bulk, stop
from tests.casework.recourse import GROUNDS, asked, dismissed
from tests.cast import STAFF, Cast, make_cast
from tests.changes.asking import in_every_state
from tests.factories import staff
from tests.files.samples import pdf
from tests.imports import registers
from tests.notices.telling import told_in_every_way
from tests.payments.moving import move_money
from tests.robustness import state
from tests.rounds.kept import written_on
from tests.service.opened import day_at_work, day_given_up


@dataclass(frozen=True)
class Situation:
    """Who works; what exists in Shahriar's reach (`ids`, by table), in Mashhad, in Rey.

    What was made on the way and stands on no page: addresses (`links`), and the codes of slips. `seats` are the
    addresses at which somebody sits down at a counter before the day begins.
    """

    staff: dict[str, Actor]
    ids: dict[str, list[str]]
    of_mashhad: tuple[str, ...]
    of_rey: tuple[str, ...]
    links: tuple[str, ...]
    codes: tuple[str, ...]
    seats: tuple[tuple[str, str], ...]

    @property
    def everything(self) -> frozenset[str]:
        """Every id there is."""
        return frozenset(_flat(self.ids)).union(self.of_mashhad, self.of_rey)

    def foreign_to(self, reader: str) -> tuple[str, ...]:
        """Ids that must stay closed to one of the staff: a province's staff see both of its offices."""
        actor = self.staff.get(reader)
        is_of_office = actor is not None and actor.role in {Role.CLERK, Role.CASHIER, Role.OFFICE_MANAGER}
        return self.of_mashhad + self.of_rey if is_of_office else self.of_mashhad


@contextmanager
def made_situation() -> Iterator[Situation]:
    """Made in a transaction that is rolled back at the end; whoever sends requests inside uses savepoints."""
    with state.owners_eye(), transaction.atomic():
        made = _make()
        with connection.cursor() as cursor:
            # What waits for the commit is looked at once, here; else it would be anew after every request that writes.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield made
        transaction.set_rollback(True)


def _make() -> Situation:
    cast = make_cast()
    demo_line.open_round(cast)
    draft = written_on(cast, line.ROUND)
    here = _flat(state.ids())
    _in_mashhad(cast)
    with_mashhad = _flat(state.ids())
    line.take_application(cast, line.register(cast, "omid", cards_from=9_200_000, size=2), "omid")
    elsewhere = _flat(state.ids())
    links, codes = _in_shahriar(cast)
    with working_context(cast["narges"]):
        called = Ticket.objects.filter(state=TicketState.CALLED).values_list("counter_id", flat=True)[0]
    return Situation(
        staff={name: cast[name] for name in STAFF},
        ids={table: [one for one in ids if one in here or one not in elsewhere] for table, ids in state.ids().items()},
        of_mashhad=tuple(sorted(with_mashhad - here)),
        of_rey=tuple(sorted(elsewhere - with_mashhad)),
        links=(*links, *_pages_of_draft(draft)),
        codes=tuple(codes),
        seats=(("narges", reverse("service:choose-counter", args=[called])),),
    )


def _pages_of_draft(draft: RoundVersion) -> list[str]:
    """The draft itself before versions that stand, and a new row of each of its parts."""
    rows = [reverse("rounds:write-row", args=[draft.pk, part, "new"]) for part in PART_TITLES]
    return [reverse("rounds:write-version", args=[draft.pk]), *rows]


def _flat(ids: dict[str, list[str]]) -> set[str]:
    return {one for of_table in ids.values() for one in of_table}


def _in_mashhad(cast: Cast) -> None:
    """Another province: one family up to its cards."""
    cast.actors["cashier-mashhad"] = staff("cashier-mashhad", Role.CASHIER, cast.places["mashhad"])
    cast.actors["printer-khorasan"] = staff("printer-khorasan", Role.CARD_PRINTER, cast.places["khorasan"])
    case = line.take_application(cast, line.register(cast, "mina", cards_from=9_100_000, size=2), "mina")
    line.pay(cast, case, "cashier-mashhad", "90")
    line.submit(cast, case.pk, "mina")
    line.decide_all(cast, case.pk, "sara")
    demo_line.make_prepared_batch(cast, "printer-khorasan")
    cast.actors["office-manager-mashhad"] = staff("office-manager-mashhad", Role.OFFICE_MANAGER, cast.places["mashhad"])
    move_money(cast["mina"], cast["office-manager-mashhad"], cast.places["mashhad"])
    _bring_in(cast, "nasrin")
    waiting = line.take_application(cast, line.register(cast, "mina", cards_from=9_160_000, size=1), "mina")
    line.pay(cast, waiting, "cashier-mashhad", "91")
    line.submit(cast, waiting.pk, "mina")
    stop(waiting.pk, by=cast["sara"])
    draft_bulk([waiting.pk], line.REASON, by=cast["sara"])
    of_khorasan = staff("director-khorasan", Role.DIRECTOR_GENERAL, cast.places["khorasan"])
    cover(cast["sara"], of_khorasan, by=of_khorasan)
    in_every_state(cast["mina"], cast["sara"], line.register(cast, "mina", cards_from=9_150_000, size=2))
    told_in_every_way(case.household_id, by=cast["mina"], case_id=case.pk)


def _in_shahriar(cast: Cast) -> tuple[list[str], list[str]]:
    """One family at each step. The later ones first, so that a batch holds whom it should."""
    numbers = iter(range(5_000_000, 9_000_000, 1_000))

    def family() -> Household:
        return line.register(cast, cards_from=next(numbers), size=2)

    def paid(receipt: str) -> Case:
        case = line.take_application(cast, family())
        line.pay(cast, case, receipt=receipt)
        return case

    def submitted(receipt: str) -> Case:
        return line.submit(cast, paid(receipt).pk)

    handed, ready = submitted("1"), submitted("2")
    for case in (handed, ready):
        line.decide_all(cast, case.pk)
    line.print_cards(cast)
    line.give_cards(cast, handed.pk)
    in_print = submitted("3")
    line.decide_all(cast, in_print.pk)
    demo_line.make_prepared_batch(cast)
    line.decide_all(cast, submitted("4").pk)
    refused = _in_review(cast, submitted)
    written_to = paid("8")
    told_in_every_way(written_to.household_id, by=cast["narges"], case_id=written_to.pk)
    _arrive(cast, family(), with_papers=True)
    _arrive(cast, family(), with_papers=False)
    booked = [_pre_register(cast, family()) for _one in range(3)]
    codes = day_at_work(cast["shirin"], cast["narges"], booked[0])
    day_given_up(cast["shirin"], cast["narges"], booked[1])
    at_bank = line.take_application(cast, family())
    in_need = line.take_application(cast, family())
    _ask_for_relief(cast, in_need)
    move_money(cast["narges"], cast["shirin"], cast.places["shahriar"])
    in_every_state(cast["narges"], cast["bahram"], family())
    _appealed(cast, [submitted("20"), submitted("21"), submitted("22")])
    _referred(cast, [paid("23"), paid("24")])
    _look_up(cast)
    _bring_in(cast, "daftari")
    links = [
        _at_bank(cast, at_bank),
        reverse("registry:household", args=[family().pk]),
        reverse("rounds:appeal-lodge", args=[refused.pk]),
        reverse("rounds:relief", args=[in_need.pk]),
        reverse("service:subject", args=[booked[1].kind, booked[1].id]),
    ]
    return links, codes


def _in_review(cast: Cast, submitted: Callable[[str], Case]) -> Case:
    """What officers have in hand, and one case that waits for them. Answers one with a refusal and no appeal."""
    _review(cast, submitted("5"), Outcome.RETURN)
    _review(cast, submitted("6"), None)
    stop(submitted("61").pk, by=cast["bahram"])
    draft_bulk([submitted("62").pk, submitted("63").pk], line.REASON, by=cast["bahram"])
    cover(cast["laleh"], cast["bahram"], by=cast["director"])
    submitted("7")
    refused = submitted("25")
    _review(cast, refused, Outcome.REFUSE)
    return refused


def _appealed(cast: Cast, cases: list[Case]) -> None:
    """A member of each family refused and an appeal taken in: one in nobody's hand, one in hand, one dismissed."""
    clerk, officer = cast["narges"], cast["laleh"]
    for case in cases:
        _review(cast, case, Outcome.REFUSE)
        with working_context(clerk):
            member_id = CaseMember.objects.get(case=case, step=MemberStep.REFUSED).pk
            appeal = lodge_enrolment_appeal(case.pk, member_id, GROUNDS, pdf(), by=clerk)
        if case is not cases[0]:
            with working_context(officer):
                take_appeal(appeal.pk, by=officer)
    dismissed(appeal, officer)


def _referred(cast: Cast, cases: list[Case]) -> None:
    """Rey and Khorasan are asked to serve a family of Shahriar each, and Shahriar to serve one of Rey."""
    for case, place in zip(cases, ("rey", "khorasan"), strict=True):
        asked(cast["narges"], case, cast.places[place])
    actor = cast["omid"]
    household = line.register(cast, "omid", cards_from=9_250_000, size=2)
    with working_context(actor):
        case = start_enrolment(household.pk, line.ROUND, by=actor)
    asked(actor, case, cast.places["shahriar"])


def _review(cast: Cast, case: Case, outcome: Outcome | None) -> None:
    """In the officer's hand; with an outcome, the first member decided."""
    actor = cast["bahram"]
    with working_context(actor):
        enter_case(case.pk, by=actor)
        take_for_review(case.pk, by=actor)
        if outcome:
            member_id = CaseMember.objects.filter(case=case).values_list("pk", flat=True)[0]
            decide(case.pk, Case.objects.get(pk=case.pk).version, member_id, outcome, line.REASON, by=actor)


def _arrive(cast: Cast, household: Household, *, with_papers: bool) -> None:
    actor = cast["narges"]
    with working_context(actor):
        case = start_enrolment(household.pk, line.ROUND, by=actor)
        papers = [(paper.code, paper.member_id) for paper in enrolment_view(case).papers]
        add_paper(case.pk, *papers[0], pdf(), by=actor)
        keep_draft(case, "papers", {"seen": ["old-cards:"]}, by=actor)
        if with_papers:
            mark_papers(case.pk, Case.objects.get(pk=case.pk).version, papers, by=actor)


def _ask_for_relief(cast: Cast, case: Case) -> None:
    """An exemption and payment in parts, which wait for the office's manager."""
    actor = cast["narges"]
    with working_context(actor):
        ask_relief(case.pk, ReliefKind.EXEMPTION, "vulnerable", line.REASON, {"support-letter": pdf()}, by=actor)
        ask_relief(case.pk, ReliefKind.INSTALMENTS, "three-parts", line.REASON, {}, by=actor)


def _pre_register(cast: Cast, household: Household) -> Subject:
    """A family on the telephone: its case can be booked."""
    with working_context(cast["narges"]):
        return subject_of(pre_register(household.pk, line.ROUND, by=cast["narges"]))


def _bring_in(cast: Cast, name: str) -> None:
    """A keeper's files: one stopped on its way in, one checked with a refused row, one whose columns are not named."""
    actor = cast[name]
    started = registers.check(registers.table(registers.FAMILY), actor, working_context)
    with working_context(actor):
        start_import(started.pk, by=actor)
        pause_import(started.pk, by=actor)
    wrong = registers.SON | {"birth_on": "1394/13/01"}
    registers.check(registers.table([registers.HEAD, wrong]), actor, working_context, name="refused.csv")
    registers.send(registers.table([registers.HEAD]), actor, working_context, name="new.csv")


def _at_bank(cast: Cast, case: Case) -> str:
    """Where the payer of a case is sent: the demo bank's page."""
    actor = cast["kamran"]
    with working_context(actor):
        charge = live_charge_of(CASE_TYPE, case.pk)
        assert charge is not None
        started = start_payment(
            charge.pk,
            gateway_code="demo",
            return_url=f"/payments/{charge.pk}/return/",
            expected_version=charge.version,
            by=actor,
        )
    return started.redirect_url


def _look_up(cast: Cast) -> None:
    """A look-up whose hits can be opened for a quarter of an hour."""
    with working_context(cast["narges"]):
        look_up(number="175000000", by=cast["narges"])
