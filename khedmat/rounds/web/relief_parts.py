"""What the pages show of a family's requests about its amount, and of the bill that follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Case
from khedmat.payments.models import Charge, Instalment
from khedmat.payments.rules import WaiverLine
from khedmat.payments.selectors import live_bill_of
from khedmat.rounds.enums import ReliefKind, ReliefState
from khedmat.rounds.models import ReliefRequest
from khedmat.rounds.rules import VersionSpec
from khedmat.rounds.web.case_parts import BillRow, words_of

TONES: Mapping[str, str] = {ReliefState.OPEN: "info", ReliefState.GRANTED: "ok", ReliefState.DECLINED: "mute"}
# The amount is set once the papers and photographs are there.
BEFORE_THE_BILL = frozenset({CaseStep.PRE_REGISTERED, CaseStep.BOOKED, CaseStep.ARRIVED, CaseStep.PAPERS_CHECKED})


@dataclass(frozen=True, slots=True)
class ReliefRow:
    """One request with the round's name of what is asked for."""

    request: ReliefRequest
    title: str

    @property
    def tone(self) -> str:
        """Tone of where it stands."""
        return TONES[self.request.state]

    @property
    def is_open(self) -> bool:
        """Whether it waits for the manager."""
        return self.request.state == ReliefState.OPEN


@dataclass(frozen=True)
class ReliefParts:
    """Requests about a case's amount, and what stands in its bill. `may_ask`: the round offers something."""

    rows: Sequence[ReliefRow]
    charge: Charge | None
    waivers: Sequence[BillRow]
    parts: Sequence[Instalment]
    may_ask: bool

    @property
    def is_split(self) -> bool:
        """Whether the amount is paid in parts."""
        return len(self.parts) > 1

    @property
    def total_rial(self) -> int:
        """The amount after exemptions."""
        return (self.charge.amount_rial if self.charge else 0) + sum(row.sum_rial for row in self.waivers)


def relief_parts(case: Case, content: VersionSpec, *, may_have_asked: bool = True) -> ReliefParts:
    """All of it, in two queries at most. Needs the family open.

    `may_have_asked`: false where the page knows already that the family asked for nothing.
    """
    titles = {(ReliefKind.EXEMPTION.value, one.code): words_of(one.title) for one in content.exemptions} | {
        (ReliefKind.INSTALMENTS.value, one.code): words_of(one.title) for one in content.instalments
    }
    requests = list(ReliefRequest.objects.filter(case=case)) if may_have_asked else []
    bill = None if case.step in BEFORE_THE_BILL else live_bill_of(case.case_type, case.pk)
    return ReliefParts(
        rows=[ReliefRow(one, titles.get((one.kind, one.code), one.code)) for one in requests],
        charge=bill.charge if bill else None,
        waivers=[_waiver_row(one) for one in bill.waived] if bill else [],
        parts=bill.parts if bill else [],
        may_ask=bool(titles) and case.closed_at is None,
    )


def _waiver_row(waiver: WaiverLine) -> BillRow:
    is_english = get_language() == "en"
    return BillRow(
        title=waiver.explanation_en if is_english else waiver.explanation_fa,
        quantity=1,
        unit_rial=-waiver.amount_rial,
        sum_rial=-waiver.amount_rial,
        source=waiver.source_en if is_english else waiver.source_fa,
    )
