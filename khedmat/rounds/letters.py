"""Letters about an enrolment: which ones its case allows just now, and what stands in each.

The notices storey writes and keeps them; here a case's decisions, papers, money and dates become its values. All need
the family open.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone, translation

from khedmat.cards.selectors import extensions_beyond, furthest_extension
from khedmat.casework.appeal_models import Appeal
from khedmat.casework.appeal_terms import last_day_to_appeal
from khedmat.casework.enums import AppealState, CaseStep, Outcome, ReferralState
from khedmat.casework.models import Case, Decision
from khedmat.casework.referral_models import Referral
from khedmat.casework.referrals import last_referral_of
from khedmat.common.actor import Actor
from khedmat.common.text import localise_digits
from khedmat.notices.actions import make_letter
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.models import Letter
from khedmat.notices.slots import Line, Result, Value, Values, Words, words
from khedmat.payments.enums import InstalmentState
from khedmat.payments.models import Charge
from khedmat.payments.selectors import live_charge_of, live_parts_of, live_payments_of, payments_of
from khedmat.places.calendar import add_working_days
from khedmat.places.models import Scope
from khedmat.places.selectors import holidays_for
from khedmat.registry.selectors import head_of
from khedmat.rounds.appealing import open_to_lodge
from khedmat.rounds.booking import subject_of
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.enrolment_view import EnrolmentView, MemberView, Paper, enrolment_view
from khedmat.rounds.enums import StandardKind, TextKind
from khedmat.rounds.errors import LetterNotPossible
from khedmat.rounds.rules import Bilingual, RuleOutcome, VersionSpec
from khedmat.rounds.rules.evaluation import PLACEHOLDER, readable
from khedmat.rounds.rules.specs import FactValue
from khedmat.rounds.selectors import content_of
from khedmat.service.models import Booking
from khedmat.service.selectors import live_booking_of, live_bookings_of

Facts = Mapping[str, FactValue]

OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.APPROVE: "approved",
    Outcome.REFUSE: "refused",
    Outcome.RETURN: "returned",
}
# An office's address is not kept yet: it is reached where the letter was handed out.
IN_PERSON: Final = Words(
    {
        "fa": "حضوری، در ساعت‌های کار دفتر",
        "en": "in person, in office hours",
        "prs": "حضوری، در ساعات کاری دفتر",
        "ps": "په خپله، د دفتر په کاري ساعتونو کې",
        "ar": "حضوريًا، في ساعات عمل المكتب",
    },
    frozenset({"prs", "ps", "ar"}),
)
_YES_AND_NO: Final[Mapping[str, tuple[str, str]]] = {
    Language.PRS: ("بلی", "نخیر"),
    Language.PS: ("هو", "نه"),
    Language.AR: ("نعم", "لا"),
}
_UNKNOWN: Final[Mapping[str, str]] = {
    Language.PRS: "معلوم نیست",
    Language.PS: "معلوم نه دی",
    Language.AR: "غير معروف",
}
_ANSWERED: Final = (AppealState.UPHELD, AppealState.DISMISSED)
_ENDED: Final = frozenset({CaseStep.CLOSED, CaseStep.WITHDRAWN})


@dataclass
class CaseLetters:
    """What a case can be written about today."""

    case: Case
    today: date

    @cached_property
    def view(self) -> EnrolmentView:
        """The case as its round sees it."""
        return enrolment_view(self.case)

    @cached_property
    def content(self) -> VersionSpec:
        """The whole content of the case's version, the clients' texts too."""
        return content_of(self.view.version)

    @cached_property
    def there(self) -> Mapping[str, Any]:
        """What there is to tell of besides decisions and papers: one query, and no row of it is read."""
        referrals = Referral.objects.filter(case_id=OuterRef("pk")).reverse()
        found = Case.objects.filter(pk=self.case.pk).values(
            has_booking=Exists(live_bookings_of(subject_of(self.case))),
            has_payment=Exists(live_payments_of(CASE_TYPE, self.case.pk)),
            has_extension=Exists(extensions_beyond(self.case.series, self.view.version.card_valid_until)),
            has_appeal=Exists(Appeal.objects.filter(case_id=OuterRef("pk"), state__in=_ANSWERED)),
            last_referral=Subquery(referrals.values("state")[:1]),
        )
        return found.get()

    @cached_property
    def charge(self) -> Charge | None:
        """What the family owes or paid."""
        return live_charge_of(CASE_TYPE, self.case.pk)

    @cached_property
    def booking(self) -> Booking | None:
        """The appointment that stands."""
        return live_booking_of(subject_of(self.case))

    @cached_property
    def decided(self) -> list[tuple[MemberView, Decision]]:
        """Members with the last thing that was decided about them, but for those sent on to the director."""
        last = {one.member_id: one for one in Decision.objects.filter(case=self.case).order_by("decided_at")}
        found = ((member, last.get(member.case_member.pk)) for member in self.view.members)
        return [(member, one) for member, one in found if one is not None and one.outcome in OUTCOMES]

    @cached_property
    def appeals(self) -> list[Appeal]:
        """Each member's last appeal that was answered."""
        answered = Appeal.objects.filter(case=self.case, state__in=_ANSWERED)
        return list({one.member_id: one for one in answered.order_by("ended_at")}.values())

    @cached_property
    def referral(self) -> Referral | None:
        """The referral that brought the case where it is."""
        last = last_referral_of(self.case)
        return last if last is not None and last.state == ReferralState.ACCEPTED else None

    def kinds(self) -> list[LetterKind]:
        """Kinds of letters that have something to say."""
        return [kind for kind, (is_possible, _values) in _LETTERS.items() if is_possible(self)]

    def values(self, kind: LetterKind) -> Values:
        """What stands in a letter of this kind. Errors: LetterNotPossible."""
        is_possible, values = _LETTERS.get(kind, (lambda _case: False, _no_values))
        if not is_possible(self):
            raise LetterNotPossible
        return {**self._common(), **values(self)}

    def _common(self) -> dict[str, Value]:
        version = self.view.version
        return {
            "office": _place(self.case.scope),
            "reach": IN_PERSON,
            "recipient": head_of(self.case.household).full_name,
            "service": words(version.round.title_fa, en=version.round.title_en),
            "source": self._circular(),
        }

    def _circular(self) -> Words:
        text = self.content.circular_source
        if not self.content.circular_number:
            return _both(text)
        number = self.content.circular_number
        return words(f"بخشنامهٔ {number}؛ {text.fa}", en=f"Circular {number}; {text.en}")

    def working_days_after(self, day: date, kind: StandardKind) -> date:
        """The last day of a time of service that begins after a day."""
        return add_working_days(day, self.content.days_of(kind), holidays_for(self.case.scope_id))

    def client_words(self, kind: TextKind, code: str, field: str, text: Bilingual, facts: Facts | None = None) -> Words:
        """A text of the round in all languages that it has; `facts` fill its placeholders in the other three."""
        found = [one for one in self.content.texts if (one.kind, one.code, one.field) == (kind, code, field)]
        others = {one.language.value: _filled(one.text, facts or {}, one.language.value) for one in found}
        unreviewed = {one.language.value for one in found if not one.is_reviewed}
        return Words({"fa": text.fa, "en": text.en, **others}, frozenset(unreviewed))

    def paper_words(self, paper: Paper) -> Words:
        """The paper's name, with whose it is."""
        title = self.client_words(TextKind.DOCUMENT, paper.code, "title", paper.document.title)
        if paper.person is None:
            return title
        return Words({one: f"{text}: {paper.person.full_name}" for one, text in title.texts.items()}, title.unreviewed)


@transaction.atomic
def make_case_letter(case_id: UUID, kind: LetterKind, language: str, *, by: Actor) -> Letter:
    """Write a letter about a case as it stands today.

    Errors: LetterNotPossible, RecordNotVisible, PermissionMissing.
    """
    case = open_to_lodge(case_id, by=by)
    values = CaseLetters(case, timezone.localdate()).values(kind)
    return make_letter(kind, case.household_id, CASE_TYPE, case.pk, case.number, values, language, by=by)


def address_of_case(case_id: UUID, household_id: UUID) -> str:
    """Where a slip leads: the case, or its family's page where the case is another office's."""
    if Case.objects.filter(pk=case_id).exists():
        return reverse("rounds:case", args=[case_id])
    return reverse("registry:household", args=[household_id])


# ---------- the kinds ----------


def _decision(letters: CaseLetters) -> dict[str, Value]:
    results = tuple(_result(letters, member, decision) for member, decision in letters.decided)
    values: dict[str, Value] = {"results": results}
    if any(one.outcome == "returned" for one in results):
        values["bring_until"] = letters.working_days_after(letters.today, StandardKind.PAPER_TIME)
    refused = [decision for _, decision in letters.decided if decision.outcome == Outcome.REFUSE]
    if refused:
        # The earliest day: whoever comes by it is in time for each of them.
        values["appeal_until"] = min(last_day_to_appeal(letters.case, decision) for decision in refused)
        values["appeal_days"] = letters.content.days_of(StandardKind.APPEAL_TIME)
    return values


def _result(letters: CaseLetters, member: MemberView, decision: Decision) -> Result:
    outcome = OUTCOMES[decision.outcome]
    if outcome == "approved":
        return Result(member.person.full_name, outcome)
    return _explained(letters, member, outcome, decision.reason)


def _explained(letters: CaseLetters, member: MemberView, outcome: str, reason: str) -> Result:
    """The rules that are not met in words, why, what is missing, and what can be done."""
    unmet = member.unmet
    specs = {rule.code: rule for rule in letters.content.rules}
    facts = {name: getattr(member.facts, name) for name in member.facts.__slots__}
    missing = [paper for paper in letters.view.missing_papers if paper.member_id in {None, member.case_member.pk}]
    remedies = [
        letters.client_words(TextKind.REMEDY, one.code, "text", specs[one.code].remedy, facts)
        for one in unmet
        if specs[one.code].remedy.fa
    ]
    return Result(
        name=member.person.full_name,
        outcome=outcome,
        rule=_joined(_rule_words(letters, one, facts) for one in unmet),
        reason=words(reason),
        missing=tuple(letters.paper_words(paper) for paper in missing),
        remedy=_joined(remedies),
        source=_joined(_both(one.source) for one in unmet),
    )


def _rule_words(letters: CaseLetters, outcome: RuleOutcome, facts: Facts) -> Words:
    return letters.client_words(TextKind.RULE, outcome.code, "unmet", outcome.sentence, facts)


def _missing_papers(letters: CaseLetters) -> dict[str, Value]:
    return {
        "missing": tuple(letters.paper_words(paper) for paper in letters.view.missing_papers),
        "bring_until": letters.working_days_after(letters.today, StandardKind.PAPER_TIME),
    }


def _appointment(letters: CaseLetters) -> dict[str, Value]:
    assert letters.booking is not None  # noqa: S101 - for the type alone
    at = timezone.localtime(letters.booking.slot.starts_at)
    documents = letters.view.content.documents
    return {
        "day": at.date(),
        "time": at.time(),
        "bring": tuple(letters.client_words(TextKind.DOCUMENT, one.code, "title", one.title) for one in documents),
    }


def _receipt(letters: CaseLetters) -> dict[str, Value]:
    charge = letters.charge
    assert charge is not None  # noqa: S101 - for the type alone
    attempt = payments_of(charge)[-1]
    due = [part for part in live_parts_of(charge) if part.state == InstalmentState.OPEN]
    values: dict[str, Value] = {
        "lines": tuple(
            Line(words(line["explanation_fa"], en=line["explanation_en"]), line["sum_rial"]) for line in charge.bill
        ),
        "total": charge.amount_rial - charge.waived_rial,
        "method": _in_both(lambda: attempt.method_title),
        "receipt_number": attempt.receipt_number,
        "paid_on": timezone.localdate(attempt.finished_at),
    }
    if due:
        values |= {"still_due": sum(part.amount_rial for part in due), "due_on": min(part.due_on for part in due)}
    return values


def _extension(letters: CaseLetters) -> dict[str, Value]:
    printed = letters.view.version.card_valid_until
    extension = furthest_extension(letters.case.series, printed)
    assert extension is not None  # noqa: S101 - for the type alone
    return {
        "printed_until": printed,
        "valid_until": extension.until_on,
        "notice": words(extension.notice_number),
        "notice_on": extension.noticed_on,
    }


def _appeal(letters: CaseLetters) -> dict[str, Value]:
    members = {one.case_member.pk: one for one in letters.view.members}
    results = [
        _explained(letters, members[one.member_id], "kept", one.reason)
        if one.state == AppealState.DISMISSED
        else Result(members[one.member_id].person.full_name, "upheld", reason=words(one.reason))
        for one in letters.appeals
    ]
    return {"results": tuple(results), "lodged_on": letters.appeals[-1].lodged_on}


def _referral(letters: CaseLetters) -> dict[str, Value]:
    referral = letters.referral
    assert referral is not None  # noqa: S101 - for the type alone
    return {
        "office": _place(referral.from_scope),
        "to_office": _place(letters.case.scope),
        "to_reach": IN_PERSON,
        "referred_on": timezone.localdate(referral.answered_at),
        "reason": _in_both(lambda: str(referral.get_reason_display())),
    }


def _no_values(_letters: CaseLetters) -> dict[str, Value]:
    return {}


_Possible = Callable[[CaseLetters], bool]
_Made = Callable[[CaseLetters], dict[str, Value]]
_LETTERS: Final[Mapping[LetterKind, tuple[_Possible, _Made]]] = {
    LetterKind.DECISION: (lambda letters: bool(letters.decided), _decision),
    LetterKind.MISSING_PAPERS: (
        lambda letters: letters.case.step not in _ENDED and bool(letters.view.missing_papers),
        _missing_papers,
    ),
    LetterKind.APPOINTMENT: (lambda letters: letters.there["has_booking"], _appointment),
    LetterKind.RECEIPT: (lambda letters: letters.there["has_payment"], _receipt),
    LetterKind.EXTENSION: (lambda letters: letters.there["has_extension"], _extension),
    LetterKind.APPEAL: (lambda letters: letters.there["has_appeal"], _appeal),
    LetterKind.REFERRAL: (lambda letters: letters.there["last_referral"] == ReferralState.ACCEPTED, _referral),
}


# ---------- words ----------


def _place(scope: Scope) -> Words:
    return words(scope.name_fa, en=scope.name_en) if scope.name_en else words(scope.name_fa)


def _both(text: Bilingual) -> Words:
    return words(text.fa, en=text.en)


def _in_both(text: Callable[[], str]) -> Words:
    with translation.override("fa"):
        persian = text()
    with translation.override("en"):
        return words(persian, en=text())


def _joined(several: Iterable[Words]) -> Words | None:
    """Several sentences one behind the other, in each language that all of them have."""
    parts = list(several)
    if not parts:
        return None
    languages = set(parts[0].texts).intersection(*(one.texts for one in parts[1:]))
    texts = {one: " ".join(dict.fromkeys(part.texts[one] for part in parts)) for one in languages}
    return Words(texts, frozenset().union(*(one.unreviewed for one in parts)))


def _filled(text: str, facts: Facts, language: str) -> str:
    return PLACEHOLDER.sub(lambda found: _fact(facts.get(found.group(1)), language), text)


def _fact(value: FactValue, language: str) -> str:
    if value is None:
        return _UNKNOWN[language]
    if isinstance(value, bool):
        yes, no = _YES_AND_NO[language]
        return yes if value else no
    return localise_digits(readable(value, "fa"), language)
