"""Reads of rounds. Published ones are readable without a working context."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from khedmat.places.models import Scope
from khedmat.rounds.enums import ClosingStep, PaymentOrder, VersionState
from khedmat.rounds.errors import RoundClosed, RoundNotFound, RoundNotOpen
from khedmat.rounds.models import PARTS, BriefingQuestion, Round, RoundClosing, RoundVersion, RoundWindow
from khedmat.rounds.rules import VersionSpec
from khedmat.rounds.rules.loading import examples_from_json

# What pages of a case ask a version for; the rest (texts, cohort, …) comes with `content_of`.
CASE_PARTS = ("rules", "documents", "tariff", "exemptions", "instalments", "standards")


def version_by_id(version_id: UUID) -> RoundVersion:
    """The version with its round; `RoundNotFound` when there is none."""
    version = RoundVersion.objects.select_related("round").filter(pk=version_id).first()
    if version is None:
        raise RoundNotFound
    return version


def versions_in_force() -> QuerySet[RoundVersion]:
    """The last published version of each round."""
    newer = RoundVersion.objects.filter(round=OuterRef("round"), state=VersionState.PUBLISHED)
    last = newer.order_by("-version").values("pk")[:1]
    in_force = RoundVersion.objects.filter(pk=Subquery(last)).select_related("round")
    return in_force.order_by("round__sort", "round__code")


def versions_open_on(day: date) -> QuerySet[RoundVersion]:
    """The versions that take applications on a day, one for each round that is open and was not closed."""
    return versions_in_force().filter(~Exists(_closings()), opens_on__lte=day, closes_on__gte=day)


def open_version_of(round_code: str, day: date, *, province_code: str | None = None) -> RoundVersion:
    """The version in force of a round; `RoundNotFound`, `RoundClosed`, or `RoundNotOpen` on that day there."""
    in_force = versions_in_force().annotate(is_closed=Exists(_closings()))
    version = in_force.filter(round__code=round_code).first()
    if version is None:
        raise RoundNotFound
    if version.is_closed:
        raise RoundClosed
    own = version.windows.filter(code=province_code).first() if province_code else None
    opens_on, closes_on = (own.opens_on, own.closes_on) if own else (version.opens_on, version.closes_on)
    if not opens_on <= day <= closes_on:
        raise RoundNotOpen
    return version


def open_rounds_in(province_id: int, day: date) -> list[Round]:
    """The rounds that take applications in a province on a day: by its own dates, where a round has some."""
    province = Scope.objects.filter(pk=province_id).values("code")[:1]
    own = RoundWindow.objects.filter(version=OuterRef("pk"), code=Subquery(province))
    here = versions_in_force().annotate(
        opens_here=Coalesce(Subquery(own.values("opens_on")[:1]), "opens_on"),
        closes_here=Coalesce(Subquery(own.values("closes_on")[:1]), "closes_on"),
    )
    found = here.filter(~Exists(_closings()), opens_here__lte=day, closes_here__gte=day)
    return [version.round for version in found]


def closing_of(round_: Round) -> RoundClosing | None:
    """What closed a round, if it is closed."""
    return RoundClosing.objects.filter(round=round_, step=ClosingStep.CONFIRMED).first()


def open_proposal_of(round_: Round) -> RoundClosing | None:
    """The proposal to close a round that nobody has answered yet."""
    return RoundClosing.objects.filter(round=round_, step=ClosingStep.PROPOSED, answers__isnull=True).first()


def closed_rounds() -> dict[UUID, date]:
    """The closed rounds, each with the day on which it was closed."""
    return {one.round_id: one.on for one in RoundClosing.objects.filter(step=ClosingStep.CONFIRMED)}


def _closings() -> QuerySet[RoundClosing]:
    return RoundClosing.objects.filter(round=OuterRef("round"), step=ClosingStep.CONFIRMED)


def version_of_case(series: str, version: int) -> RoundVersion:
    """The version that a case was taken under; a running case keeps it. `RoundNotFound` when there is none."""
    found = RoundVersion.objects.select_related("round").filter(round__code=series, version=version).first()
    if found is None:
        raise RoundNotFound
    return found


def version_with_content(series: str, version: int) -> tuple[RoundVersion, VersionSpec]:
    """As `version_of_case`, with what its pages ask for (`CASE_PARTS`): one query, since every page of a case does."""
    found = _with_rows(RoundVersion.objects.filter(round__code=series, version=version), CASE_PARTS).first()
    if found is None:
        raise RoundNotFound
    return found, _content(found, CASE_PARTS)


def all_versions() -> QuerySet[RoundVersion]:
    """Drafts and published versions of all rounds, the newest round and version first."""
    return RoundVersion.objects.select_related("round").order_by("-round__sort", "round__code", "-version")


def version_before(version: RoundVersion) -> RoundVersion | None:
    """What a version is compared with: its round's published version before it, else the last round's in force."""
    own = published_versions_of(version.round.code).filter(version__lt=version.version).first()
    if own is not None:
        return own
    earlier = versions_in_force().filter(round__programme=version.round.programme)
    return earlier.filter(round__number__lt=version.round.number).order_by("-round__number").first()


def published_versions_of(round_code: str) -> QuerySet[RoundVersion]:
    """All published versions of a round, the newest first."""
    published = RoundVersion.objects.filter(round__code=round_code, state=VersionState.PUBLISHED)
    return published.select_related("round").order_by("-version")


def content_of(version: RoundVersion) -> VersionSpec:
    """The version's whole content as `khedmat.rounds.rules` takes it (one query)."""
    return _content(_with_rows(RoundVersion.objects.filter(pk=version.pk), PARTS).get(), PARTS)


def questions_of(version: RoundVersion) -> QuerySet[BriefingQuestion]:
    """What offices asked about the instructions of a version, with the answers, the newest first."""
    return version.questions.select_related("asked_from").prefetch_related("answers").order_by("-asked_at", "-id")


def _with_rows(versions: QuerySet[RoundVersion], parts: Iterable[str]) -> QuerySet[RoundVersion]:
    rows = {f"{part}_rows": _rows_of(PARTS[part]) for part in parts}
    return versions.select_related("round").annotate(**rows)


def _rows_of(model: type[Model]) -> ArraySubquery:
    """All columns of the version's rows of `model`, in order, as an array of objects."""
    columns = [field.attname for field in model._meta.concrete_fields]
    rows = model._default_manager.filter(version=OuterRef("pk")).order_by("order", "code")
    return ArraySubquery(rows.values(row=JSONObject(**{column: column for column in columns})))


def _content(version: RoundVersion, parts: Iterable[str]) -> VersionSpec:
    """The content from the rows that `_with_rows` brought; JSON holds days as text."""
    specs = {
        part: tuple(_row(PARTS[part], values).spec() for values in getattr(version, f"{part}_rows")) for part in parts
    }
    return VersionSpec(
        opens_on=version.opens_on,
        closes_on=version.closes_on,
        card_valid_from=version.card_valid_from,
        card_valid_until=version.card_valid_until,
        circular_number=version.circular_number,
        circular_on=version.circular_on,
        circular_source=version.circular_source,
        examples=examples_from_json(version.examples),
        renews=tuple(version.renews),
        places_per_counter_day=version.places_per_counter_day,
        payment_order=PaymentOrder(version.payment_order),
        **specs,
    )


def _row(model: type[Model], values: dict[str, Any]) -> Any:
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: columns[name].to_python(value) for name, value in values.items()})
