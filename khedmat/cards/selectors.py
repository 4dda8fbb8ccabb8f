"""Reading cards, and the public bundle by which anyone checks one offline."""

from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from khedmat.cards.models import Card, PrintBatch, PublicStatus, ValidityExtension
from khedmat.cards.verify_bundle import Extension, build_bundle
from khedmat.casework.models import Case
from khedmat.common.identifiers import normalise_document_number
from khedmat.registry.models import document_index
from khedmat.vault.cose import SigningKey, public_jwk
from khedmat.vault.keyring import read_key

BUNDLE_CACHE_KEY = "cards:verify-bundle"
BUNDLE_SECONDS = 300


def card_number_index(number: str) -> bytes:
    """Blind index of a card's number: the same as of any presented document."""
    return document_index(normalise_document_number(number))


def cases_awaiting_print() -> list[tuple[UUID, int]]:
    """Cases with approved members, the longest waiting first: (case, how many cards). No names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id, cards FROM guard.cases_awaiting_print()")
        return [(case_id, cards) for case_id, cards in cursor.fetchall()]


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
        bundle = _build()
        cache.set(BUNDLE_CACHE_KEY, bundle, BUNDLE_SECONDS)
    return bytes(bundle)


def anchor_jwk() -> dict[str, str]:
    """The public key that signs the bundle."""
    return public_jwk(_key(Path(settings.KHEDMAT_KEYS_DIR), "anchor.pem").public)


def _build() -> bytes:
    folder = Path(settings.KHEDMAT_KEYS_DIR)
    return build_bundle(
        anchor=_key(folder, "anchor.pem"),
        issued_at=int(timezone.now().timestamp()),
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
