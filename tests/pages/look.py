"""Looking at pages: pictures in both languages, both themes and two widths, and what a machine can check.

Used by every page test. The pictures go to shots/ (git-ignored) to be looked at by people.
"""

import os
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request

ROOT = Path(__file__).resolve().parent.parent.parent
SHOTS = ROOT / "shots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

Language = Literal["fa", "en"]
Theme = Literal["light", "dark"]

WIDTHS = (360, 1280)
LEAST_HEIGHT = {360: 740, 1280: 800}
# Pictures come unsealed, one by one; a look at a page without them is no look.
AWAIT_IMAGES = """() => {
    const coming = [...document.images].filter((one) => !one.complete && one.checkVisibility());
    const come = coming.map((one) => new Promise((done) => { one.onload = one.onerror = done; }));
    return Promise.race([Promise.all(come), new Promise((done) => setTimeout(done, 10000))]).then(() => null);
}"""
# The levels that the house promises, and axe's own best practices.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Look:
    """One way to see a page."""

    language: Language
    theme: Theme
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


LANGUAGES: tuple[Language, ...] = ("fa", "en")
THEMES: tuple[Theme, ...] = ("light", "dark")
ALL_LOOKS = tuple(Look(*parts) for parts in product(LANGUAGES, THEMES, WIDTHS))
# Every language, theme and width once: what `make test` has time for. KHEDMAT_LOOKS=all (`make proof`, and
# whoever changes a page) takes all eight.
LOOKS = ALL_LOOKS if os.environ.get("KHEDMAT_LOOKS") == "all" else (ALL_LOOKS[0], ALL_LOOKS[7])


class Watch:
    """Listens to a page, from its making until `stop`.

    `foreign` are the addresses it loaded from another host than that of `url`; `complaints` are what
    the browser complained of: blocked by the policy, missing files, script errors.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self._page = page
        self._host = urlsplit(url).netloc
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", self._error)

    def stop(self) -> None:
        """No longer listens."""
        self._page.remove_listener("request", self._request)
        self._page.remove_listener("console", self._console)
        self._page.remove_listener("pageerror", self._error)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self._host:
            self.foreign.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        # The page's own status, which a test asks for on purpose, is no complaint.
        own_status = message.location.get("url") == self._page.url and "status of" in message.text
        if message.type == "error" and not own_status:
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _error(self, error: Error) -> None:
        self.complaints.append(str(error))


def wear(page: Page, look: Look, base_url: str) -> None:
    """Sets language, theme and width for the pages opened next."""
    page.context.add_cookies(
        [
            {"name": "django_language", "value": look.language, "url": base_url},
            {"name": "khedmat_theme", "value": look.theme, "url": base_url},
        ]
    )
    page.set_viewport_size({"width": look.width, "height": LEAST_HEIGHT[look.width]})


def picture(page: Page, name: str, look: Look) -> Path:
    """Takes the page as it stands, whole, with the viewport sized to it.

    A full-page capture of a right-to-left page shifts sideways after a resize; a viewport as tall
    as the page does not.
    """
    SHOTS.mkdir(exist_ok=True)
    height = page.evaluate("() => document.fonts.ready.then(() => document.documentElement.scrollHeight)")
    height = max(LEAST_HEIGHT[look.width], height)
    page.set_viewport_size({"width": look.width, "height": height})
    page.evaluate(AWAIT_IMAGES)
    path = SHOTS / f"{name}-{look}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    return path


def shoot(page: Page, url: str, name: str, *, looks: tuple[Look, ...] = LOOKS) -> list[Path]:
    """Opens `url` in every look, takes its picture and checks it; the paths of the pictures."""
    watch = Watch(page, url)
    taken = []
    try:
        for look in looks:
            wear(page, look, origin_of(url))
            page.goto(url)
            taken.append(picture(page, name, look))
            assert_wears(page, look)
            assert_no_horizontal_scroll(page)
            assert_accessible(page)
    finally:
        watch.stop()
    assert_no_foreign_requests(watch)
    assert watch.complaints == [], watch.complaints
    return taken


def origin_of(url: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def assert_wears(page: Page, look: Look) -> None:
    """The page is in the language, direction and theme that were asked for."""
    worn = page.evaluate(
        "() => { const root = document.documentElement; return [root.lang, root.dir, root.dataset.bsTheme]; }"
    )
    assert worn == [look.language, "rtl" if look.language == "fa" else "ltr", look.theme], worn


def assert_accessible(page: Page) -> None:
    """Runs axe on the page as it stands and fails on any violation, naming rule, element and reason."""
    if not page.evaluate("() => 'axe' in window"):
        # Evaluated by the browser's debugger, so that the page's policy need not allow it.
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    found = page.evaluate("(options) => axe.run(document, options).then((r) => r.violations)", options)
    told = [
        f"{violation['id']}: {node['html'][:160]} — {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)


def assert_no_horizontal_scroll(page: Page) -> None:
    """Nothing makes the page wider than the window."""
    extra = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return null;
            const wide = [...document.querySelectorAll('main *, header *')].filter((e) => {
                const box = e.getBoundingClientRect();
                return box.width && (box.right > root.clientWidth + 1 || box.left < -1);
            });
            const named = wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120)).join(' | ');
            return `${root.scrollWidth} > ${root.clientWidth}: ${named}`;
        }"""
    )
    assert extra is None, f"{page.url} scrolls sideways: {extra}"


def assert_no_foreign_requests(watch: Watch) -> None:
    """Everything came from the site itself."""
    assert watch.foreign == [], watch.foreign
