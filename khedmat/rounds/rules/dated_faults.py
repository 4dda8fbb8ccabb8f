"""What publishing asks of a version's dated data and of its texts for clients: codes and places of what is wrong."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from khedmat.payments.rules import FEWEST_PARTS, MAX_PARTS
from khedmat.registry.enums import DocumentKind
from khedmat.rounds.enums import StandardKind, TextKind, TextLanguage
from khedmat.rounds.rules.specs import TEXT_FIELDS, VersionSpec

Fault = tuple[str, str]
MOST_PLACES = 500
MOST_DAYS = 365
WHOLE = 100


def dated_faults(version: VersionSpec) -> Iterator[Fault]:
    """(code, where) of each fault, in reading order."""
    checks: Sequence[Callable[[VersionSpec], Iterator[Fault]]] = (
        _renews, _windows, _cohort, _places, _exemptions, _instalments, _standards, _remedies, _client_texts,
    )  # fmt: skip
    return chain.from_iterable(check(version) for check in checks)


def needed_texts(version: VersionSpec) -> Iterator[tuple[TextKind, str, str]]:
    """(kind, code, field) of each text that clients read in their own languages."""
    for rule in version.rules:
        for kind in (TextKind.RULE, TextKind.REMEDY):
            for field in TEXT_FIELDS[kind]:
                yield kind, rule.code, field
    for document in version.documents:
        for field in TEXT_FIELDS[TextKind.DOCUMENT]:
            yield TextKind.DOCUMENT, document.code, field


def _renews(version: VersionSpec) -> Iterator[Fault]:
    if not version.renews:
        yield "renews-nothing", "version"
    for kind in version.renews:
        if kind not in DocumentKind.values:
            yield "document-kind-unknown", f"version {kind}"


def _windows(version: VersionSpec) -> Iterator[Fault]:
    for window in version.windows:
        if window.opens_on > window.closes_on:
            yield "dates-out-of-order", f"window {window.province}"


def _cohort(version: VersionSpec) -> Iterator[Fault]:
    for cohort in version.cohort:
        if not 0 <= cohort.households <= cohort.members:
            yield "cohort-without-members", f"cohort {cohort.province}"


def _places(version: VersionSpec) -> Iterator[Fault]:
    if not 1 <= version.places_per_counter_day <= MOST_PLACES:
        yield "places-out-of-range", "capacity"
    for office in version.capacity:
        if not 1 <= office.places <= MOST_PLACES:
            yield "places-out-of-range", f"capacity {office.office}"


def _exemptions(version: VersionSpec) -> Iterator[Fault]:
    kinds = {line.kind for line in version.tariff}
    papers = {document.code for document in version.documents}
    for exemption in version.exemptions:
        where = f"exemption {exemption.code}"
        if exemption.tariff_kind not in kinds:
            yield "fee-kind-unknown", where
        if not 1 <= exemption.percent <= WHOLE:
            yield "percent-out-of-range", where
        if set(exemption.papers) - papers:
            yield "paper-unknown", where


def _instalments(version: VersionSpec) -> Iterator[Fault]:
    for plan in version.instalments:
        in_range = (
            plan.least_rial >= 0
            and FEWEST_PARTS <= plan.count <= MAX_PARTS
            and 1 <= plan.interval_days <= MOST_DAYS
            and 1 <= plan.first_percent < WHOLE
        )
        if not in_range:
            yield "plan-out-of-range", f"instalment {plan.code}"


def _standards(version: VersionSpec) -> Iterator[Fault]:
    for standard in version.standards:
        if not 1 <= standard.days <= MOST_DAYS:
            yield "days-out-of-range", f"standard {standard.code}"
    if version.days_of(StandardKind.SERVICE) > version.days_of(StandardKind.MAXIMUM):
        yield "standards-out-of-order", "standard service"


def _remedies(version: VersionSpec) -> Iterator[Fault]:
    for rule in version.rules:
        if not rule.remedy.fa.strip() or not rule.remedy.en.strip():
            yield "remedy-missing", f"rule {rule.code}"


def _client_texts(version: VersionSpec) -> Iterator[Fault]:
    """A version is for all its clients: each rule, paper and remedy is there in all five languages."""
    needed = dict.fromkeys(needed_texts(version))
    present = {(text.kind, text.code, text.field, text.language) for text in version.texts if text.text.strip()}
    for kind, code, field in needed:
        for language in TextLanguage:
            if (kind, code, field, language) not in present:
                yield "client-text-missing", f"text {language.value} {code}: {kind.value} {field}"
    for text in version.texts:
        if (text.kind, text.code, text.field) not in needed:
            yield "client-text-of-nothing", f"text {text.language.value} {text.code}: {text.kind.value} {text.field}"
