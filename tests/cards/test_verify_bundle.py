"""What a checker says, held to tests/cards/vectors.json as the page's script is."""

import json
from base64 import b64decode, b64encode
from collections import Counter
from datetime import date
from typing import Any

import pytest

from khedmat.cards.token import CardClaims
from khedmat.cards.verify_bundle import (
    Bundle,
    BundleError,
    Doubt,
    Extension,
    Outcome,
    build_bundle,
    check,
    open_bundle,
)
from khedmat.vault import cose
from tests.cards import make_vectors
from tests.cards.make_vectors import ANCHOR, NOW, SIGNER

FILE: dict[str, Any] = json.loads(make_vectors.PATH.read_text(encoding="utf-8"))
ANCHORS = {ANCHOR.kid: ANCHOR.public}


def opened(name: str | None) -> Bundle | None:
    if name is None:
        return None
    try:
        return open_bundle(b64decode(FILE["bundles"][name]["data"]), ANCHORS)
    except BundleError:
        return None


BUNDLES = {name: opened(name) for name in [None, *FILE["bundles"]]}


def shown(claims: CardClaims | None) -> dict[str, Any] | None:
    if claims is None:
        return None
    return {
        "kind": claims.kind,
        "number": claims.number,
        "series": claims.series,
        "name": claims.name,
        "name_latin": claims.name_latin,
        "valid_from": claims.valid_from.isoformat(),
        "valid_until": claims.valid_until.isoformat(),
        "portrait": b64encode(claims.portrait).decode() if claims.portrait else None,
    }


@pytest.mark.parametrize("vector", FILE["vectors"], ids=lambda vector: vector["name"])
def test_check_says_what_the_vector_says(vector: dict[str, Any]) -> None:
    verdict = check(vector["text"], BUNDLES[vector["bundle"]], vector["now"])
    assert {
        "outcome": verdict.outcome,
        "doubt": verdict.doubt,
        "effective_until": verdict.effective_until.isoformat() if verdict.effective_until else None,
        "claims": shown(verdict.claims),
    } == vector["expect"]


@pytest.mark.parametrize("name", FILE["bundles"])
def test_bundle_opens_as_the_vector_says(name: str) -> None:
    assert (BUNDLES[name] is not None) == FILE["bundles"][name]["opens"]


def test_the_vectors_reach_every_outcome_and_doubt() -> None:
    outcomes = Counter(vector["expect"]["outcome"] for vector in FILE["vectors"])
    doubts = {vector["expect"]["doubt"] for vector in FILE["vectors"]}
    assert set(outcomes) == set(Outcome)
    assert doubts == {*Doubt, None}
    assert len(FILE["vectors"]) >= 40


def test_the_stored_vectors_are_those_of_the_generator() -> None:
    """Signatures are random; all else is compared, so the file cannot lag behind its generator."""
    made = make_vectors.build()

    def expected(content: dict[str, Any]) -> list[Any]:
        vectors = [(v["name"], v["bundle"], v["now"], v["expect"]) for v in content["vectors"]]
        return [vectors, content["anchor"], [(n, b["opens"]) for n, b in content["bundles"].items()]]

    assert expected(made) == expected(FILE)


def bundle(**changes: Any) -> bytes:
    settings: dict[str, Any] = {
        "anchor": ANCHOR,
        "issued_at": NOW,
        "keys": [SIGNER.public],
        "statuses": [(7, 1)],
        "extensions": [],
        **changes,
    }
    return build_bundle(**settings)


def extension(**changes: Any) -> Extension:
    values: dict[str, Any] = {
        "series": "amayesh-17",
        "until": date(2028, 3, 19),
        "notice": "بخشنامه",
        "noticed_on": date(2027, 11, 1),
        **changes,
    }
    return Extension(**values)


def test_build_bundle_is_good_for_seven_days() -> None:
    made = open_bundle(bundle(extensions=[extension()]), ANCHORS)
    assert made.stale_after - made.issued_at == 7 * 24 * 60 * 60
    assert list(made.keys) == [SIGNER.kid]
    assert made.extensions == (extension(),)


def test_extension_of_takes_the_furthest() -> None:
    near, far = extension(until=date(2028, 1, 1)), extension(until=date(2028, 2, 1))
    made = open_bundle(bundle(extensions=[far, near, extension(series="hoviat-17")]), ANCHORS)
    assert made.extension_of("amayesh-17") == far
    assert made.extension_of("amayesh-18") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": [SIGNER.public, SIGNER.public]},
        {"keys": [cose.SigningKey.generate().public for _ in range(65)]},
        {"extensions": [extension(series="Amayesh")]},
        {"extensions": [extension(notice="ن" * 501)]},
        {"extensions": [extension(notice="\u202e")]},
        {"extensions": [extension()] * 501},
        {"issued_at": -1},
    ],
)
def test_build_bundle_refuses_what_no_reader_opens(changes: dict[str, Any]) -> None:
    with pytest.raises(BundleError):
        bundle(**changes)


def test_a_full_bundle_stays_under_a_quarter_of_its_cap() -> None:
    entries = [(index, 1) for index in range(0, 2**19, 100)]
    assert len(bundle(statuses=entries)) < 128 * 1024
