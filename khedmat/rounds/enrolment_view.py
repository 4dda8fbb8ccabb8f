"""What a round says about a case: papers, rules, amount. Read by pages and by the actions of enrolment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from khedmat.casework.models import Case, CaseMember, PaperCheck
from khedmat.common.jalali import age_on
from khedmat.registry.enums import DocumentKind, Relation, Sex
from khedmat.registry.models import Person, PersonDocument
from khedmat.rounds.known import version_with_content
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.rules import (
    DocumentSpec,
    MemberFacts,
    RuleOutcome,
    TariffBill,
    VersionSpec,
    compute_tariff,
    evaluate_rules,
    needed_papers,
)

CHILDREN = frozenset({Relation.SON, Relation.DAUGHTER})


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that the round asks this household for."""

    document: DocumentSpec
    member_id: UUID | None
    person: Person | None
    is_seen: bool
    file_id: UUID | None
    media_type: str = ""

    @property
    def code(self) -> str:
        """The document's code."""
        return self.document.code


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member, the facts about them, and what each rule says."""

    case_member: CaseMember
    person: Person
    last_document: PersonDocument | None
    facts: MemberFacts
    outcomes: tuple[RuleOutcome, ...]

    @property
    def unmet(self) -> tuple[RuleOutcome, ...]:
        """Rules that ask for a person's look."""
        return tuple(one for one in self.outcomes if not one.is_met)


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """A case as its round sees it."""

    case: Case
    version: RoundVersion
    content: VersionSpec
    members: tuple[MemberView, ...]
    papers: tuple[Paper, ...]
    bill: TariffBill

    @property
    def tariff_reference(self) -> str:
        """Which version's tariff the bill is by, as a charge keeps it."""
        return f"{self.case.series}/{self.version.version}"

    @property
    def missing_papers(self) -> tuple[Paper, ...]:
        """Papers not yet seen."""
        return tuple(paper for paper in self.papers if not paper.is_seen)

    @property
    def missing_portraits(self) -> tuple[MemberView, ...]:
        """Members without a portrait."""
        return tuple(member for member in self.members if member.case_member.portrait_id is None)


def enrolment_view(case: Case, *, under: int | None = None) -> EnrolmentView:
    """Evaluate a case by its own version of the round, or `under` another one. Needs the family open."""
    version, content = version_with_content(case.series, case.series_version if under is None else under)
    rows = list(
        CaseMember.objects.filter(case=case)
        .select_related("person__household")
        .prefetch_related("person__documents")
        .annotate(seen_papers=_seen_papers())
        .order_by("person__position")
    )
    seen = [paper for row in rows for paper in row.seen_papers]
    facts = [_facts(row, rows, case, version) for row in rows]
    members = tuple(
        MemberView(row, row.person, _last_card(row.person, version), fact, tuple(evaluate_rules(content.rules, fact)))
        for row, fact in zip(rows, facts, strict=True)
    )
    return EnrolmentView(
        case=case,
        version=version,
        content=content,
        members=members,
        papers=_papers(rows, seen, content, facts),
        bill=compute_tariff(content.tariff, facts),
    )


def _seen_papers() -> ArraySubquery:
    """For each case member: its own papers that were seen, and the household's, as objects."""
    seen = PaperCheck.objects.filter(Q(member=OuterRef("pk")) | Q(member__isnull=True), case=OuterRef("case"))
    row = JSONObject(
        document_code="document_code", member_id="member_id", file_id="file_id", media_type="file__media_type"
    )
    return ArraySubquery(seen.values(row=row))


def _papers(
    rows: Sequence[CaseMember],
    seen: Iterable[Mapping[str, str | None]],
    content: VersionSpec,
    facts: Sequence[MemberFacts],
) -> tuple[Paper, ...]:
    checks = {(check["document_code"], check["member_id"]): check for check in seen}
    papers = []
    for needed in needed_papers(content.documents, facts):
        row = None if needed.member is None else rows[needed.member]
        check = checks.get((needed.document.code, str(row.pk) if row else None))
        papers.append(
            Paper(
                document=needed.document,
                member_id=row.pk if row else None,
                person=row.person if row else None,
                is_seen=check is not None,
                file_id=UUID(file_id) if check and (file_id := check["file_id"]) else None,
                media_type=(check["media_type"] or "") if check else "",
            )
        )
    return tuple(papers)


def _facts(row: CaseMember, rows: Sequence[CaseMember], case: Case, version: RoundVersion) -> MemberFacts:
    person, on = row.person, version.opens_on
    last = _last_card(person, version)
    father, mother = _parents(person, [one.person for one in rows])
    return MemberFacts(
        round_number=version.round.number,
        round_on=on,
        household_size=len(rows),
        relation=person.relation,
        birth_on=person.birth_on,
        age_on_round=age_on(person.birth_on, on) if person.birth_on <= on else 0,
        is_new_member=last is None,
        has_last_round_card=last is not None and _round_number(last) == version.round.number - 1,
        last_card_valid_until=last.valid_until if last else None,
        last_round_number=_round_number(last) if last else None,
        has_valid_laissez_passer=_has_valid(person, DocumentKind.LAISSEZ_PASSER, on),
        father_has_card=None if father is None else _last_card(father, version) is not None,
        mother_has_card=None if mother is None else _last_card(mother, version) is not None,
        has_portrait=row.portrait_id is not None,
        province_matches=person.household.province_id == case.province_id,
        document_kinds=tuple(sorted({document.kind for document in person.documents.all()})),
    )


def _parents(person: Person, family: Sequence[Person]) -> tuple[Person | None, Person | None]:
    """Father and mother of a son or daughter of the head, as the family's relations tell; else unknown."""
    if person.relation not in CHILDREN:
        return None, None
    couple = [one for one in family if one.relation in {Relation.HEAD, Relation.SPOUSE}]
    father = next((one for one in couple if one.sex == Sex.MALE), None)
    mother = next((one for one in couple if one.sex == Sex.FEMALE), None)
    return father, mother


def _last_card(person: Person, version: RoundVersion) -> PersonDocument | None:
    programme = version.round.programme
    cards = [
        document
        for document in person.documents.all()
        if document.kind == f"{programme}_card" and document.series.startswith(f"{programme}-")
    ]
    earlier = [card for card in cards if _round_number(card) < version.round.number]
    return max(earlier, key=_round_number, default=None)


def _round_number(card: PersonDocument) -> int:
    tail = card.series.rpartition("-")[2]
    return int(tail) if tail.isdecimal() else 0


def _has_valid(person: Person, kind: str, on: date) -> bool:
    return any(
        document.kind == kind and document.valid_until is not None and document.valid_until >= on
        for document in person.documents.all()
    )
