"""Reading cards, and the public bundle by which anyone checks one offline."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from khedmat.accounts.errors import RecordNotVisible
from khedmat.audit.models import Entry
from khedmat.cards.errors import CardNotFound, CodeNotRead
from khedmat.cards.holds import held_back
from khedmat.cards.models import Card, PrintBatch, PublicStatus, ValidityExtension
from khedmat.cards.token import TokenError, decode_card
from khedmat.cards.verify_bundle import Extension, Verdict, build_bundle, check, open_bundle
from khedmat.casework.models import Case
from khedmat.common.errors import DomainError
from khedmat.common.identifiers import normalise_document_number
from khedmat.common.text import to_ascii_digits, trim
from khedmat.places.models import Scope
from khedmat.registry.models import document_index
from khedmat.registry.scans import number_scanned
from khedmat.vault.cose import CoseError, SigningKey, public_jwk
from khedmat.vault.keyring import read_key

BUNDLE_CACHE_KEY = "cards:verify-bundle"
BUNDLE_SECONDS = 300
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u0640_ ", "-"))


@dataclass(frozen=True, slots=True)
class OfficeQueue:
    """What waits for the printer from one office: numbers, no names."""

    office: Scope
    families: int
    cards: int


def card_number_index(number: str) -> bytes:
    """Blind index of a card's number: the same as of any presented document."""
    return document_index(normalise_document_number(number))


def cases_awaiting_print() -> list[tuple[UUID, int]]:
    """Cases with approved members, the longest waiting first: (case, how many cards). No names.

    Left out is what a programme holds back (`cards.holds`).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id, cards FROM guard.cases_awaiting_print()")
        waiting = [(case_id, cards) for case_id, cards in cursor.fetchall()]
    held = held_back(case_id for case_id, _cards in waiting)
    return [(case_id, cards) for case_id, cards in waiting if case_id not in held]


def waiting_by_office() -> list[OfficeQueue]:
    """Approved cards that wait to be printed, the office with most first."""
    waiting = dict(cases_awaiting_print())
    families: Counter[Scope] = Counter()
    cards: Counter[Scope] = Counter()
    for case in Case.objects.filter(pk__in=waiting).select_related("scope"):
        families[case.scope] += 1
        cards[case.scope] += waiting[case.pk]
    return [OfficeQueue(office, families[office], count) for office, count in cards.most_common()]


def batch_cards(batch_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How the cards of each visible batch stand, by state. No names."""
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute("SELECT batch_id, state, cards FROM guard.batch_cards(%s)", [list(batch_ids)])
        for batch_id, state, cards in cursor.fetchall():
            counts[batch_id][state] = cards
    return dict(counts)


def visible_batch(batch_id: UUID) -> PrintBatch:
    """The batch with this id. Errors: RecordNotVisible."""
    batch = PrintBatch.objects.select_related("scope", "pdf").filter(pk=batch_id).first()
    if batch is None:
        raise RecordNotVisible
    return batch


def case_of_presented(text: str) -> UUID:
    """The case that a card's number, its QR's text or a case number leads to, at this very office.

    Opens nothing and tells nothing of another office's. Errors: CardNotFound, CodeNotRead.
    """
    scanned = number_scanned(text)
    if scanned is not None:
        return _case_of_card(scanned)
    typed = to_ascii_digits(trim(text)).upper()
    case = Case.objects.filter(number=typed.translate(_DASHES)).first()
    return case.pk if case else _case_of_card(typed)


def number_in_code(token: str) -> str:
    """The number of the card whose QR's text this is, its signature checked. Errors: CodeNotRead."""
    key = _key(Path(settings.KHEDMAT_KEYS_DIR), "card-signing.pem")
    try:
        return decode_card(token, {key.kid: key.public}).number
    except (TokenError, CoseError) as error:
        raise CodeNotRead from error


def _case_of_card(number: str) -> UUID:
    try:
        index = card_number_index(number)
    except DomainError as error:
        raise CardNotFound from error
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.case_of_card(%s)", [index])
        (case_id,) = cursor.fetchone()
    if case_id is None:
        raise CardNotFound
    return UUID(str(case_id))


def visible_card(card_id: UUID) -> Card:
    """The card with what it shows; its family must be open. Errors: RecordNotVisible."""
    related = Card.objects.select_related("person", "case", "case__scope")
    card = related.filter(pk=card_id).first()
    if card is None:
        raise RecordNotVisible
    return card


def receivers_of(case: Case) -> dict[str, str]:
    """Who took each card of a case that was handed over: ids of persons by ids of cards."""
    entries = Entry.objects.filter(case_id=case.pk, action="card.handed-over")
    return {entry.subject_id: str(entry.details.get("receiver", "")) for entry in entries}


def furthest_extension(series: str, printed_until: date) -> ValidityExtension | None:
    """The notice that carries a card of this round beyond its printed date, if there is one."""
    return extensions_beyond(series, printed_until).first()


def extensions_beyond(series: str, printed_until: date) -> QuerySet[ValidityExtension]:
    """Notices by which cards of a round are valid beyond a printed date."""
    return extensions_of(series).filter(until_on__gt=printed_until)


def verdict_on(card: Card) -> Verdict:
    """What somebody who checks the card just now is told, by the public bundle itself."""
    anchor = _key(Path(settings.KHEDMAT_KEYS_DIR), "anchor.pem")
    bundle = open_bundle(current_verify_bundle(), {anchor.kid: anchor.public})
    return check(card.token, bundle, int(timezone.now().timestamp()))


def cards_of_case(case: Case) -> QuerySet[Card]:
    """All cards of a case, in the family's order. Needs the family open."""
    return Card.objects.filter(case=case).select_related("person", "case_member").order_by("person__position")


def batches() -> QuerySet[PrintBatch]:
    """Print batches of the working place, the newest first."""
    return PrintBatch.objects.select_related("scope", "pdf").order_by("-made_at")


def extensions_of(series: str) -> QuerySet[ValidityExtension]:
    """Extensions of a round, the furthest first."""
    return ValidityExtension.objects.filter(series=series).order_by("-until_on")


def current_verify_bundle() -> bytes:
    """The signed, dated file that `/verify` keeps: keys, status list, extensions. Public.

    Made anew at most every five minutes, and at once after a revocation or extension.
    """
    bundle = cache.get(BUNDLE_CACHE_KEY)
    if bundle is None:
        bundle = verify_bundle_at(timezone.now())
        cache.set(BUNDLE_CACHE_KEY, bundle, BUNDLE_SECONDS)
    return bytes(bundle)


def anchor_jwk() -> dict[str, str]:
    """The public key that signs the bundle."""
    return public_jwk(_key(Path(settings.KHEDMAT_KEYS_DIR), "anchor.pem").public)


def verify_bundle_at(moment: datetime) -> bytes:
    """The bundle as issued at a moment, from what stands in the database now."""
    folder = Path(settings.KHEDMAT_KEYS_DIR)
    return build_bundle(
        anchor=_key(folder, "anchor.pem"),
        issued_at=int(moment.timestamp()),
        keys=[_key(folder, "card-signing.pem").public],
        statuses=PublicStatus.objects.filter(status__gt=0).values_list("index", "status"),
        extensions=[
            Extension(one.series, one.until_on, one.notice_number, one.noticed_on)
            for one in ValidityExtension.objects.order_by("series", "until_on")
        ],
    )


@lru_cache(maxsize=8)
def _key(folder: Path, name: str) -> SigningKey:
    return SigningKey.from_pem(read_key(folder, name))
