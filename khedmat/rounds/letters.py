"""Letters about an enrolment: which ones its case allows just now, and what stands in each.

The notices storey writes and keeps them; here a case's decisions, papers, money and dates become its values. All need
the family open. What has happened and must be told has a key, so that it is told by one letter; `rounds/telling.py`
says which letters come into being by themselves.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone, translation

from khedmat.cards.models import Card
from khedmat.cards.selectors import extensions_beyond, furthest_extension
from khedmat.casework.appeal_models import Appeal
from khedmat.casework.appeal_terms import last_day_to_appeal
from khedmat.casework.enums import AppealState, CaseStep, MemberStep, Outcome, ReferralState
from khedmat.casework.models import Case, Decision
from khedmat.casework.referral_models import Referral
from khedmat.casework.referrals import last_referral_of
from khedmat.common.actor import Actor
from khedmat.common.text import localise_digits
from khedmat.notices.actions import make_letter, make_letter_again
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.errors import LetterTextMissing
from khedmat.notices.models import Letter
from khedmat.notices.selectors import told_to
from khedmat.notices.slots import Line, Result, UnfitValues, Value, Values, Words, words
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
from khedmat.rounds.known import whole_content
from khedmat.rounds.rules import Bilingual, RuleOutcome, VersionSpec
from khedmat.rounds.rules.evaluation import PLACEHOLDER, readable
from khedmat.rounds.rules.specs import FactValue
from khedmat.service.models import Booking
from khedmat.service.selectors import live_booking_of, live_bookings_of

logger = logging.getLogger(__name__)

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
# What happened, by the kind of letter that tells of it; a decision has its own way.
_EVENTS: Final[Mapping[LetterKind, str]] = {
    LetterKind.APPOINTMENT: "booking",
    LetterKind.RECEIPT: "payment",
    LetterKind.EXTENSION: "extension",
    LetterKind.APPEAL: "appeal",
    LetterKind.REFERRAL: "referral",
}
# An appointment has its slip, a payment its numbered receipt: their letters are written where a family asks for one.
BY_THEMSELVES: Final = (LetterKind.DECISION, LetterKind.APPEAL, LetterKind.REFERRAL, LetterKind.EXTENSION)
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
        return whole_content(self.view.version)

    @cached_property
    def there(self) -> Mapping[str, Any]:
        """What there is to tell of besides decisions and papers: ids, in one query, and no row of it is read."""
        referrals = Referral.objects.filter(case_id=OuterRef("pk")).reverse()
        extensions = extensions_beyond(self.case.series, self.view.version.card_valid_until)
        answered = Appeal.objects.filter(case_id=OuterRef("pk"), state__in=_ANSWERED)
        found = Case.objects.filter(pk=self.case.pk).values(
            booking=_one(live_bookings_of(subject_of(self.case))),
            payment=_one(live_payments_of(CASE_TYPE, self.case.pk).order_by("-finished_at")),
            extension=_one(extensions),
            appeal=_one(answered.order_by("-ended_at")),
            referral=_one(referrals.filter(state=ReferralState.ACCEPTED)),
            last_referral=_one(referrals),
            has_card=Exists(Card.objects.filter(case=OuterRef("pk"))),
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
    def decisions(self) -> list[Decision]:
        """What was decided about members, the newest last, but for those sent on to the director."""
        return list(Decision.objects.filter(case=self.case, outcome__in=OUTCOMES).order_by("decided_at"))

    @cached_property
    def decided(self) -> list[tuple[MemberView, Decision]]:
        """Members with what stands about them: not those who wait for a decision again."""
        last = {one.member_id: one for one in self.decisions}
        found = [(member, last.get(member.case_member.pk)) for member in self.view.members]
        return [
            (member, one)
            for member, one in found
            if one is not None and member.case_member.step != MemberStep.UNDER_REVIEW
        ]

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

    def key_of(self, kind: LetterKind) -> str:
        """What happened last that a letter of this kind tells of; empty where it tells how things stand on its day."""
        if kind == LetterKind.DECISION:
            untold = self._untold(())
            return f"decision:{untold[-1].pk}" if untold else ""
        event = _EVENTS.get(kind)
        return f"{event}:{self.there[event]}" if event and self.there[event] else ""

    def waiting(self, told: Collection[str]) -> dict[LetterKind, str]:
        """Letters that ought to be there and are not, with their keys. `told`: the keys of letters that are there.

        A family is told of a refusal or a return at once, since its days run from then; of an approval when none of
        its members waits for a decision any more; of an extension where it has a card.
        """
        possible = self.kinds()
        keys = {kind: self.key_of(kind) for kind in BY_THEMSELVES if kind in possible}
        return {kind: key for kind, key in keys.items() if key and key not in told and self._is_due(kind, told)}

    def _is_due(self, kind: LetterKind, told: Collection[str]) -> bool:
        if kind == LetterKind.EXTENSION:
            return bool(self.there["has_card"])
        if kind != LetterKind.DECISION:
            return True
        is_anybody_waiting = any(one.case_member.step == MemberStep.UNDER_REVIEW for one in self.view.members)
        return not is_anybody_waiting or any(one.outcome != Outcome.APPROVE for one in self._untold(told))

    def _untold(self, told: Collection[str]) -> list[Decision]:
        """Decisions behind the last one that a letter told of, but for approvals that an appeal's answer tells of."""
        found: list[Decision] = []
        for one in self.decisions:
            found = [] if f"decision:{one.pk}" in told else [*found, one]
        appeals = self.appeals if self.there["appeal"] else []
        upheld = {(one.member_id, one.ended_by) for one in appeals if one.state == AppealState.UPHELD}
        return [one for one in found if one.outcome != Outcome.APPROVE or (one.member_id, one.decided_by) not in upheld]

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
    """Write a letter about a case as it stands today; what was told of before is the same letter in this language.

    Errors: LetterNotPossible, RecordNotVisible, PermissionMissing, LetterTextMissing.
    """
    case = open_to_lodge(case_id, by=by)
    letters = CaseLetters(case, timezone.localdate())
    values, key = letters.values(kind), letters.key_of(kind)
    letter = make_letter(kind, case.household_id, CASE_TYPE, case.pk, case.number, values, language, key=key, by=by)
    return letter if letter.language == language else make_letter_again(letter.pk, language, by=by)


@transaction.atomic
def write_waiting_letters(case: Case, *, by: Actor) -> list[Letter]:
    """Write what ought to be there and is not, in the language of the family's last letter; else in Persian alone.

    A letter whose text is not published, or whose words do not fit, stops nothing: it goes on to wait, and the page of
    the case's letters says so. Needs the family open. Errors: PermissionMissing.
    """
    letters, told = CaseLetters(case, timezone.localdate()), told_to(case.household_id)
    return [
        letter
        for kind, key in letters.waiting(told.keys).items()
        if (letter := _written(letters, kind, key, told.language, by=by)) is not None
    ]


def _written(letters: CaseLetters, kind: LetterKind, key: str, language: str, *, by: Actor) -> Letter | None:
    case = letters.case
    try:
        values = letters.values(kind)
        return make_letter(kind, case.household_id, CASE_TYPE, case.pk, case.number, values, language, key=key, by=by)
    except (LetterTextMissing, UnfitValues) as error:
        # The slots' names alone are in the error, nobody's words.
        logger.warning("letter %s of case %s waits: %s", kind, case.pk, type(error).__name__)
        return None


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
    LetterKind.APPOINTMENT: (lambda letters: bool(letters.there["booking"]), _appointment),
    LetterKind.RECEIPT: (lambda letters: bool(letters.there["payment"]), _receipt),
    LetterKind.EXTENSION: (lambda letters: bool(letters.there["extension"]), _extension),
    LetterKind.APPEAL: (lambda letters: bool(letters.there["appeal"]), _appeal),
    LetterKind.REFERRAL: (lambda letters: _is_where_referred(letters.there), _referral),
}


def _one(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.values("pk")[:1])


def _is_where_referred(there: Mapping[str, Any]) -> bool:
    """Whether the last that happened to the case's place is an accepted referral."""
    return there["referral"] is not None and there["referral"] == there["last_referral"]


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
