"""How many pages a second do 16 clerks and officers get from a province of 200,000 cases? `make bench ONLY=load`

On a site of its own, with the web server as `make demo` runs it. The same 16 browsers then ask the same server for a
bare Django view, and both again in turn: the ratio is what the machine's speed leaves alone.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from khedmat.config.platform import web
from khedmat.config.platform.site import load_django

CASES: Final = 200_000
SECONDS: Final = 20.0
TURNS: Final = 2


@dataclass
class Measured:
    """Seconds of each page, and pages that were not answered with 200."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    by_kind: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lasted: float = 0.0

    def add(self, other: "Measured") -> None:
        """What another browser measured at the same time."""
        self.seconds += other.seconds
        self.failed += other.failed
        for kind, seconds in other.by_kind.items():
            self.by_kind[kind] += seconds

    @property
    def rate(self) -> float:
        """Pages a second."""
        return len(self.seconds) / self.lasted if self.lasted else 0.0


def percentile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def main() -> int:
    """Print pages a second and p95 of both, by kind of page, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each turn")
    chosen = parser.parse_args()
    load_django()
    from tests.robustness.own_site import own_site_without_server

    with own_site_without_server() as site:
        began = time.monotonic()
        people = _filled(site, chosen.cases)
        filled = time.monotonic() - began
        khedmat, bare = Measured(), Measured()
        with _served(site, "khedmat.config.wsgi:application", {}) as port:
            browsers = [_signed_in(port, one) for one in people]
            with _served(site, "bench._bare:application", {"KHEDMAT_BARE": "1"}) as bare_port:
                for _turn in range(TURNS):
                    _together(khedmat, browsers, chosen.seconds)
                    _together(bare, [_at_bare(bare_port) for _one in people], chosen.seconds / 4)
    for line in report(khedmat, bare, chosen.cases, len(people), filled):
        print(line)
    return 1 if khedmat.failed or bare.failed or not khedmat.seconds else 0


def report(khedmat: Measured, bare: Measured, cases: int, people: int, filled: float) -> Iterator[str]:
    """The lines of the measurement."""
    yield f"{people} people at work on {cases:,} cases (filled in {filled:.0f} s)"
    yield f"{'':<24}{'pages':>8}{'pages/s':>10}{'p50 ms':>9}{'p95 ms':>9}"
    for words, measured in (("Khedmat", khedmat), ("bare Django view", bare)):
        middle, late = percentile(measured.seconds, 0.5), percentile(measured.seconds, 0.95)
        yield f"{words:<24}{len(measured.seconds):>8,}{measured.rate:>10.1f}{middle:>9.1f}{late:>9.1f}"
    for kind, seconds in sorted(khedmat.by_kind.items()):
        yield f"  {kind:<22}{len(seconds):>8,}{'':>10}{percentile(seconds, 0.5):>9.1f}{percentile(seconds, 0.95):>9.1f}"
    late = percentile(khedmat.seconds, 0.95) / max(percentile(bare.seconds, 0.95), 0.001)
    yield f"bare / Khedmat: {bare.rate / max(khedmat.rate, 0.001):.1f} times the pages/s; p95 {late:.1f} times as long"
    yield from (f"FAILED {one}" for one in khedmat.failed[:5] + bare.failed[:5])


def _filled(site: Any, cases: int) -> list[dict[str, Any]]:
    outcome = subprocess.run(
        [sys.executable, "-m", "bench._province", str(cases)],
        env=site.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    people: list[dict[str, Any]] = json.loads(outcome.stdout)
    return people


@contextmanager
def _served(site: Any, application: str, more: dict[str, str]) -> Iterator[int]:
    """The web server of `khedmat run`, for an application, until the end."""
    port = web.free_port()
    command = web.services(site.layout.root, host=web.LOOPBACK, port=port)[0].command
    process = subprocess.Popen(
        [*command[:-1], application],
        cwd=site.layout.root,
        env={**site.environment, **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        web.wait_until_answers(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


Browser = Callable[[float], Measured]


def _together(measured: Measured, browsers: Sequence[Browser], seconds: float) -> None:
    """All at once, for so long."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(browsers)) as pool:
        for one in pool.map(lambda browser: browser(began + seconds), browsers):
            measured.add(one)
    measured.lasted += time.monotonic() - began


def _signed_in(port: int, person: dict[str, Any]) -> Browser:
    """Somebody who goes through their pages, one after the other."""
    from tests.cast import PASSWORD
    from tests.robustness.online import Person

    browser = Person(port, person["name"], PASSWORD)
    browser.sign_in()
    for page in person["pages"]:
        browser.get(page)

    def work(until: float) -> Measured:
        measured = Measured()
        while time.monotonic() < until:
            for page in person["pages"]:
                began = time.monotonic()
                status = browser.get(page).status
                measured.seconds.append(time.monotonic() - began)
                measured.by_kind[_kind(page, person["kind"])].append(measured.seconds[-1])
                if status != http.HTTPStatus.OK:
                    measured.failed.append(f"{person['name']} {page}: {status}")
        return measured

    return work


def _at_bare(port: int) -> Browser:
    """Somebody who asks for the bare view, with a connection for each page, as the others have."""

    def work(until: float) -> Measured:
        measured = Measured()
        while time.monotonic() < until:
            began = time.monotonic()
            connection = http.client.HTTPConnection(web.LOOPBACK, port, timeout=60)
            connection.request("GET", "/")
            response = connection.getresponse()
            response.read()
            connection.close()
            measured.seconds.append(time.monotonic() - began)
            if response.status != http.HTTPStatus.OK:
                measured.failed.append(f"bare: {response.status}")
        return measured

    return work


def _kind(page: str, kind: str) -> str:
    path = page.partition("?")[0].strip("/").split("/")
    names = {"cases": "case", "rounds": "round", "hand-over": "hand-over"}
    if path[0] == "review":
        return "officer: queue" if len(path) == 1 else "officer: case"
    return f"{kind}: {names.get(path[0], path[0])}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khedmat.config.settings")
    sys.exit(main())
