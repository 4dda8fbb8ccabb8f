"""What the pages of a case show, made ready: steps, members, papers, amount, rules, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from khedmat.accounts.gate import StaffRequest
from khedmat.cards.models import Card
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.models import Appeal, Case, CaseMember, Decision
from khedmat.common.jalali import age_on
from khedmat.common.text import localise_digits
from khedmat.files.enums import MediaType
from khedmat.rounds.enrolment import note_case_read
from khedmat.rounds.enrolment_view import EnrolmentView, MemberView, Paper, enrolment_view
from khedmat.rounds.enums import PaymentOrder
from khedmat.rounds.happened import LONGEST, Happening, what_happened
from khedmat.rounds.rules import Bilingual, RuleOutcome
from khedmat.rounds.rules.evaluation import readable
from khedmat.rounds.words import FACTS

DONE, NOW, NEXT = "done", "now", "next"
MEMBER_TONES: Mapping[str, str] = {
    MemberStep.ENROLLED: "mute",
    MemberStep.UNDER_REVIEW: "info",
    MemberStep.RETURNED: "warn",
    MemberStep.APPROVED: "ok",
    MemberStep.REFUSED: "warn",
    MemberStep.IN_PRINT: "info",
    MemberStep.READY: "ok",
    MemberStep.HANDED_OVER: "ok",
    MemberStep.WITHDRAWN: "mute",
}
CASE_TONES: Mapping[str, str] = {
    CaseStep.PAID: "ok",
    CaseStep.SUBMITTED: "accent",
    CaseStep.UNDER_REVIEW: "info",
    CaseStep.CLOSED: "ok",
}
# What each mark of the strip waits for, in the order of the work.
_STRIP = (
    (CaseStep.ARRIVED, "papers"),
    (CaseStep.PAPERS_CHECKED, "photographs"),
    (CaseStep.PHOTOGRAPHED, "payment"),
    (CaseStep.PAID, "sending"),
    (CaseStep.SUBMITTED, "review"),
    (CaseStep.UNDER_REVIEW, "review"),
    (CaseStep.CLOSED, "closed"),
)


def words_of(text: Bilingual) -> str:
    """A text of the round in the reader's language."""
    return text.in_language(get_language() or "fa")


def digits(number: int) -> str:
    """A number in the reader's digits."""
    return localise_digits(str(number), get_language() or "fa")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule about one member, as the officer reads it."""

    title: str
    sentence: str
    source: str
    is_met: bool
    asks_director: bool
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One required paper. `key` names it in forms."""

    key: str
    title: str
    whose: str
    is_seen: bool
    file_id: UUID | None
    is_pdf: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class BillRow:
    """One line of the amount with its reason."""

    title: str
    quantity: int
    unit_rial: int
    sum_rial: int
    source: str


@dataclass(frozen=True)
class MemberRow:
    """One member, with what the counter or the officer needs to know of them."""

    view: MemberView
    card_id: UUID | None
    decisions: Sequence[Decision]
    titles: Mapping[str, str]
    error: str = ""

    @property
    def member(self) -> CaseMember:
        """The member in this case."""
        return self.view.case_member

    @property
    def id(self) -> UUID:
        """The member's id in this case."""
        return self.member.pk

    @property
    def name(self) -> str:
        """Full name, as the papers say."""
        return self.view.person.full_name

    @property
    def age(self) -> int:
        """Whole years today."""
        return age_on(self.view.person.birth_on, timezone.localdate())

    @property
    def step_label(self) -> str:
        """Where the member's own request stands."""
        return str(MemberStep(self.member.step).label)

    @property
    def step_tone(self) -> str:
        """Tone of the step."""
        return MEMBER_TONES[self.member.step]

    @property
    def is_waiting(self) -> bool:
        """Whether a decision about the member is awaited."""
        return self.member.step == MemberStep.UNDER_REVIEW

    @property
    def is_returned(self) -> bool:
        """Whether the officer asked for something more."""
        return self.member.step == MemberStep.RETURNED

    @property
    def is_ready(self) -> bool:
        """Whether the card waits for the family."""
        return self.member.step == MemberStep.READY

    @property
    def last_decision(self) -> Decision | None:
        """What was last decided."""
        return self.decisions[-1] if self.decisions else None

    @cached_property
    def rules(self) -> tuple[RuleRow, ...]:
        """What each rule says; those that a person looks at come first."""
        rows = [self._rule(outcome) for outcome in self.view.outcomes]
        return tuple(sorted(rows, key=lambda row: row.is_met))

    @property
    def rules_to_look_at(self) -> tuple[RuleRow, ...]:
        """Rules that ask for a person's look."""
        return tuple(row for row in self.rules if not row.is_met)

    @property
    def rules_met(self) -> tuple[RuleRow, ...]:
        """Rules that hold."""
        return tuple(row for row in self.rules if row.is_met)

    @property
    def reason_from_rules(self) -> str:
        """The rules' own sentences, for an officer to start from."""
        return " ".join(row.sentence for row in (self.rules_to_look_at or self.rules_met))

    @property
    def change(self) -> tuple[str, str, bool]:
        """How the member stands against the last round: tone, words, hollow."""
        facts = self.view.facts
        if facts.is_new_member:
            return "warn", _("New member"), False
        if not facts.has_last_round_card:
            return "warn", _("Last seen in round %(round)s") % {"round": digits(facts.last_round_number or 0)}, False
        return "mute", _("Continues from last round"), True

    def _rule(self, outcome: RuleOutcome) -> RuleRow:
        return RuleRow(
            title=self.titles.get(outcome.code, outcome.code),
            sentence=words_of(outcome.sentence),
            source=words_of(outcome.source),
            is_met=outcome.is_met,
            asks_director=not outcome.is_met and outcome.on_unmet == "director_general",
            inputs=tuple(
                (str(FACTS[name]), readable(value, get_language() or "fa")) for name, value in outcome.inputs.items()
            ),
        )


@dataclass(frozen=True)
class CaseParts:
    """A case as its pages show it."""

    view: EnrolmentView
    members: Sequence[MemberRow]
    papers: Sequence[PaperRow]
    appeals: Sequence[Appeal]
    happened: Sequence[Happening]

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.view.case

    @property
    def case_id(self) -> UUID:
        """The case's id."""
        return self.case.pk

    @property
    def step_label(self) -> str:
        """Where the case stands."""
        return str(CaseStep(self.case.step).label)

    @property
    def step_tone(self) -> str:
        """Tone of the step."""
        return CASE_TONES.get(self.case.step, "mute")

    @property
    def papers_left(self) -> int:
        """Papers not seen yet."""
        return len(self.view.missing_papers)

    @property
    def papers_seen(self) -> int:
        """Papers seen at the counter."""
        return len(self.papers) - self.papers_left

    @property
    def photographs_left(self) -> int:
        """Members without a photograph."""
        return len(self.view.missing_portraits)

    @property
    def photographs(self) -> int:
        """Members with a photograph."""
        return len(self.members) - self.photographs_left

    @property
    def returned(self) -> list[MemberRow]:
        """Members sent back for completion."""
        return [row for row in self.members if row.is_returned]

    @property
    def waiting(self) -> list[MemberRow]:
        """Members who wait for a decision."""
        return [row for row in self.members if row.is_waiting]

    @property
    def ready(self) -> list[MemberRow]:
        """Members whose card waits for them."""
        return [row for row in self.members if row.is_ready]

    @property
    def pictured(self) -> list[PaperRow]:
        """Papers with a picture."""
        return [row for row in self.papers if row.file_id]

    @property
    def is_open(self) -> bool:
        """Whether papers and photographs may still be added at the counter."""
        counter = {CaseStep.ARRIVED, CaseStep.PAPERS_CHECKED, CaseStep.PHOTOGRAPHED, CaseStep.PAID}
        return self.case.step in counter or bool(self.case.step == CaseStep.UNDER_REVIEW and self.returned)

    @property
    def pays_later(self) -> bool:
        """Whether the round takes the money after the sending."""
        return self.view.content.payment_order == PaymentOrder.AFTER_SUBMISSION

    @property
    def is_ended(self) -> bool:
        """Whether nothing more happens to the case."""
        return self.case.closed_at is not None

    @cached_property
    def bill(self) -> list[BillRow]:
        """The amount, line by line."""
        titles = {line.code: words_of(line.title) for line in self.view.content.tariff}
        is_english = get_language() == "en"
        return [
            BillRow(
                titles[line.code],
                line.quantity,
                line.unit_rial,
                line.sum_rial,
                line.source_en if is_english else line.source_fa,
            )
            for line in self.view.bill.lines
        ]

    @property
    def total_rial(self) -> int:
        """The sum to pay."""
        return self.view.bill.total_rial

    @property
    def steps(self) -> list[dict[str, str]]:
        """The strip of steps; what is left stands under the present one."""
        marks = [
            ("papers", _("Papers"), _("%(left)s left") % {"left": digits(self.papers_left)}),
            (
                "photographs",
                _("Photographs"),
                _("%(some)s of %(all)s") % {"some": digits(self.photographs), "all": digits(len(self.members))},
            ),
            ("payment", _("Payment"), _("at the cashier's")),
            ("sending", _("Sending"), pgettext("step of a case", "ready")),
            ("review", pgettext("step of a case", "Review"), _("in the province")),
            ("card", pgettext("step of a case", "Card"), ""),
        ]
        if self.pays_later:
            # The family pays when it likes until the cards are printed: no mark of its own.
            marks = [mark for mark in marks if mark[0] != "payment"]
        now = self._mark()
        order = [key for key, _label, _note in marks]
        at = order.index(now) if now in order else len(order)
        return [
            {
                "label": label,
                "state": DONE if index < at else NOW if index == at else NEXT,
                "note": note if index == at else "",
            }
            for index, (_key, label, note) in enumerate(marks)
        ]

    def _mark(self) -> str:
        if self.case.step == CaseStep.WITHDRAWN:
            return "papers"
        mark = dict(_STRIP).get(CaseStep(self.case.step), "papers")
        if mark == "payment" and self.pays_later:
            return "sending"
        if mark == "review" and self.case.step == CaseStep.UNDER_REVIEW and not self.waiting and not self.returned:
            return "card"
        return mark

    def may_tell_of(self, *acts: str) -> bool:
        """Whether one of these acts may have happened: what it left behind is worth a query."""
        is_cut = sum(line.times for line in self.happened) >= LONGEST
        return is_cut or any(line.action in acts for line in self.happened)

    def who(self, user_id: UUID) -> str:
        """Name of somebody who acted on the case."""
        return next((line.who for line in self.happened if line.actor_id == user_id), "")


def key_of(paper: Paper) -> str:
    """How a form names a paper: code, colon, member."""
    return f"{paper.code}:{paper.member_id or ''}"


def case_parts(
    case: Case, *, member_errors: Mapping[UUID, str] | None = None, paper_errors: Mapping[str, str] | None = None
) -> CaseParts:
    """Everything of an opened case, in five queries at most."""
    view = enrolment_view(case)
    decisions, card_ids, appeals = _decided(case)
    titles = {rule.code: words_of(rule.title) for rule in view.content.rules}
    members = [
        MemberRow(
            one,
            card_ids.get(one.case_member.pk),
            decisions.get(one.case_member.pk, ()),
            titles,
            (member_errors or {}).get(one.case_member.pk, ""),
        )
        for one in view.members
    ]
    names = {str(row.id): row.name for row in members}
    papers = [_paper_row(paper, paper_errors or {}) for paper in view.papers]
    return CaseParts(view, members, papers, appeals, what_happened(case, names))


def _decided(case: Case) -> tuple[dict[UUID, list[Decision]], dict[UUID, UUID], list[Appeal]]:
    """Decisions and live cards by member, and appeals, the newest first: in one query; none before anybody decides."""
    decisions: dict[UUID, list[Decision]] = {}
    card_ids: dict[UUID, UUID] = {}
    if case.step not in {CaseStep.UNDER_REVIEW, CaseStep.CLOSED, CaseStep.WITHDRAWN}:
        return decisions, card_ids, []
    live = Card.objects.filter(case_member=OuterRef("member"), revoked_at__isnull=True)
    one_row_for_each_appeal: QuerySet[Any] = Decision.objects.filter(case=case).annotate(
        card_id=Subquery(live.values("pk")[:1]), appeal=FilteredRelation("appeals")
    )
    rows = list(one_row_for_each_appeal.select_related("appeal").order_by("decided_at", "pk"))
    for decision in {row.pk: row for row in rows}.values():
        decisions.setdefault(decision.member_id, []).append(decision)
        if decision.card_id:
            card_ids[decision.member_id] = decision.card_id
    # Django leaves the attribute out where nothing is joined.
    appeals = [row.appeal for row in rows if hasattr(row, "appeal")]
    return decisions, card_ids, sorted(appeals, key=lambda one: one.lodged_at, reverse=True)


def read_case(
    request: StaffRequest,
    case: Case,
    *,
    member_errors: Mapping[UUID, str] | None = None,
    paper_errors: Mapping[str, str] | None = None,
) -> CaseParts:
    """The parts of an opened case, with the one audit row of reading them."""
    note_case_read(case, by=request.actor)
    return case_parts(case, member_errors=member_errors, paper_errors=paper_errors)


def _paper_row(paper: Paper, errors: Mapping[str, str]) -> PaperRow:
    return PaperRow(
        key=key_of(paper),
        title=words_of(paper.document.title),
        whose=paper.person.full_name if paper.person else "",
        is_seen=paper.is_seen,
        file_id=paper.file_id,
        is_pdf=paper.media_type == MediaType.PDF,
        error=errors.get(key_of(paper), ""),
    )
