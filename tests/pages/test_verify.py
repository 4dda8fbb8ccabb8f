"""The card check in a real browser: offline, silent, and honest about what it cannot tell.

The server is the live site; the bundle and the anchor are those of the shared vectors, handed to the browser on the
way, and its clock is set to the vector's moment.
"""

import json
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright

from khedmat.vault import cose
from tests.pages.look import (
    LOOKS,
    Look,
    assert_accessible,
    assert_no_horizontal_scroll,
    picture,
)

pytestmark = [pytest.mark.browser]

SHARED = json.loads((Path(__file__).parent.parent / "cards" / "vectors.json").read_text(encoding="utf-8"))
VECTORS = {vector["name"]: vector for vector in SHARED["vectors"]}
HEADLINES = {
    "valid": "کارت معتبر است",
    "extended": "کارت معتبر است و تمدید شده",
    "expired one second later": "اعتبار کارت گذشته است",
    "one second too early": "اعتبار کارت هنوز آغاز نشده است",
    "revoked": "کارت باطل شده است",
    "replaced": "کارت تازه‌ای به جای این کارت صادر شده است",
    "key of a stranger": "این کارت از ما نیست",
    "stale bundle": "اکنون نمی‌توان گفت",
}
ADDRESS = {"fa": "/verify/", "en": "/verify/en/"}
FILM_SIDE = 480
TWO_LOOKS = (Look("fa", "light", 360), Look("en", "dark", 1280))


class Checker:
    """One device that opens the check with the bundle and the clock of a vector."""

    def __init__(self, context: BrowserContext, base_url: str, vector: str) -> None:
        self.context = context
        self.base_url = base_url
        self.vector = VECTORS[vector]
        self.anchor: dict[str, str] = SHARED["anchor"]
        bundle = self.vector["bundle"]
        self.bundle: bytes | None = b64decode(SHARED["bundles"][bundle]["data"]) if bundle else None
        context.route("**/verify/bundle", self._give_bundle)
        context.route("**/verify/anchor.json", lambda route: route.fulfill(json=self.anchor))
        self.page: Page = context.new_page()
        self.page.clock.set_fixed_time(datetime.fromtimestamp(self.vector["now"], UTC))

    def _give_bundle(self, route: Route) -> None:
        if self.bundle is None:
            route.fulfill(status=503)
        else:
            route.fulfill(body=self.bundle, content_type="application/cose")

    def open(self, language: str = "fa") -> "Checker":
        self.page.goto(self.base_url + ADDRESS[language])
        return self.settled()

    def settled(self) -> "Checker":
        """All that the page fetches at its opening has come, or failed."""
        self.page.locator("html[data-settled]").wait_for(state="attached", timeout=20_000)
        return self

    def go_offline(self) -> "Checker":
        self.context.set_offline(True)
        self.page.reload()
        return self.settled()

    def paste(self, text: str | None = None) -> str:
        """Check the vector's text, or another; the outcome."""
        if self.page.locator(".kv-paste:not([open])").count():
            self.page.locator(".kv-paste > summary").click()
        self.page.locator("#card-text").fill(self.vector["text"] if text is None else text)
        self.page.locator("[data-part=check-text]").click()
        return self.outcome()

    def outcome(self) -> str:
        result = self.page.locator("[data-part=result]")
        result.wait_for(timeout=10_000)
        return result.get_attribute("data-outcome") or ""

    @property
    def headline(self) -> str:
        return self.page.locator("#result-title").inner_text()

    @property
    def news(self) -> str:
        return self.page.locator("[data-part=news]").get_attribute("data-news") or ""


def qr_picture(text: str) -> Image.Image:
    """The text's code, four pixels a module."""
    drawn = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M"), scale=4
    )
    return Image.frombytes("L", (drawn.shape[1], drawn.shape[0]), bytes(memoryview(drawn).cast("B")))  # type: ignore[arg-type]


def film_of(text: str, path: Path) -> Path:
    """A film that a browser takes for its camera: the text's code, still, in the raw format Y4M."""
    frame = Image.new("L", (640, FILM_SIDE), 90)
    code = qr_picture(text)
    code.thumbnail((FILM_SIDE - 20, FILM_SIDE - 20))
    frame.paste(code, ((640 - code.width) // 2, (FILM_SIDE - code.height) // 2))
    colourless = bytes([128]) * (640 * FILM_SIDE // 2)
    with path.open("wb") as film:
        film.write(b"YUV4MPEG2 W640 H480 F5:1 Ip A1:1 C420jpeg\n")
        for _ in range(5):
            film.write(b"FRAME\n" + frame.tobytes() + colourless)
    return path


def launch(playwright: Any, *arguments: str) -> Browser:
    """Headless Chromium of the system."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is missing (`khedmat doctor`)"
    browser: Browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", *arguments])
    return browser


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Any) -> Iterator[Browser]:
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture
def checker(chromium: Browser, live_site: Any) -> Iterator[Callable[[str], Checker]]:
    """`checker("revoked")`: a new device for that vector."""
    contexts: list[BrowserContext] = []

    def make(vector: str) -> Checker:
        contexts.append(chromium.new_context(service_workers="allow"))
        return Checker(contexts[-1], live_site.url, vector)

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", HEADLINES)
def test_check_with_the_network_off(checker: Callable[[str], Checker], name: str) -> None:
    device = checker(name).open().go_offline()
    assert device.paste() == VECTORS[name]["expect"]["outcome"]
    assert device.headline == HEADLINES[name]


def test_result_shows_the_card_and_the_notice(checker: Callable[[str], Checker]) -> None:
    device = checker("extended").open()
    device.paste()
    result = device.page.locator("[data-part=result]")
    for words in ("گل‌آقا نوری", "Gul Agha Noori", "A17-0001-00042", "آمایش ۱۷", "۳۰ آبان ۱۴۰۶", "۲۹ اسفند ۱۴۰۶"):
        expect(result).to_contain_text(words)
    expect(result.locator("[data-slot=notice]")).to_be_visible()


@pytest.mark.parametrize("name", ["revoked", "stale bundle"])
def test_no_last_day_is_shown_of_a_card_that_does_not_count(checker: Callable[[str], Checker], name: str) -> None:
    device = checker(name).open()
    device.paste()
    expect(device.page.locator("[data-slot=effective-until]")).to_be_hidden()
    expect(device.page.locator("[data-slot=valid-until]")).to_be_visible()


def test_both_languages_open_offline_after_one_was_opened(checker: Callable[[str], Checker]) -> None:
    device = checker("valid").open("fa")
    device.context.set_offline(True)
    device.page.goto(device.base_url + ADDRESS["en"])
    device.settled()
    assert device.paste() == "valid"
    assert device.headline == "The card is valid"
    expect(device.page.locator("[data-slot=valid-until]")).to_have_text("21 November 2027")


def test_nothing_leaves_and_nothing_is_kept(checker: Callable[[str], Checker]) -> None:
    device = checker("valid with a portrait").open()
    sent: list[str] = []
    device.context.on("request", lambda request: sent.append(request.url))
    held = _held_by(device.page)
    assert device.paste() == "valid"
    device.page.locator("[data-part=again]").click()
    code = BytesIO()
    qr_picture(device.vector["text"]).save(code, "PNG")
    _give_file(device.page, code.getvalue())
    assert device.outcome() == "valid"
    device.page.wait_for_timeout(500)
    assert sent == []
    assert _held_by(device.page) == held
    device.page.evaluate("() => fetch('/verify/anchor.json').then(() => null)")
    assert len(sent) == 1, "the watch itself must see a request"
    assert held["caches"]["khedmat-verify-data"] == ["/verify/data/bundle", "/verify/data/pinned"]
    shell = held["caches"]["khedmat-verify-shell"]
    assert {path for path in shell if not path.startswith("/static/")} == {
        *ADDRESS.values(),
        "/verify/manifest.webmanifest",
        "/verify/en/manifest.webmanifest",
    }
    assert set(held["caches"]) == {"khedmat-verify-data", "khedmat-verify-shell"}
    assert (held["local"], held["session"], held["databases"], held["cookies"]) == (0, 0, 0, "")


def test_next_card_finds_nothing_of_the_last(checker: Callable[[str], Checker]) -> None:
    device = checker("valid with a portrait").open()
    device.paste()
    device.page.locator("[data-part=again]").click()
    page_text = device.page.evaluate("document.body.textContent + document.querySelector('#card-text').value")
    assert "Gul Agha" not in page_text
    assert "KH1:RRQT" not in page_text


def test_never_fetched_cannot_tell_and_says_what_to_do(checker: Callable[[str], Checker]) -> None:
    device = checker("no bundle").open()
    assert device.news == "no_bundle"
    assert device.paste() == "cannot_tell"
    expect(device.page.locator("[data-slot=sentence]")).to_contain_text("به اینترنت وصل شوید")
    expect(device.page.locator("[data-slot=name]")).to_be_hidden()


def test_bundle_grows_stale_while_the_device_is_offline(checker: Callable[[str], Checker]) -> None:
    device = checker("valid").open()
    device.page.clock.set_fixed_time(datetime.fromtimestamp(device.vector["now"] + 8 * 24 * 3600, UTC))
    device.go_offline()
    assert device.news == "stale"
    assert device.paste() == "cannot_tell"


def test_newer_bundle_is_fetched_when_the_network_is_back(checker: Callable[[str], Checker]) -> None:
    device = checker("revoked")
    newest = device.bundle
    device.bundle = b64decode(SHARED["bundles"]["short_list"]["data"])
    device.open().go_offline()
    assert device.paste() == "cannot_tell"
    device.page.locator("[data-part=again]").click()
    device.bundle = newest
    with device.page.expect_response("**/verify/bundle"):
        device.context.set_offline(False)
    device.page.wait_for_timeout(300)
    assert device.paste() == "revoked"


def test_changed_anchor_is_refused_until_accepted(checker: Callable[[str], Checker]) -> None:
    device = checker("valid").open()
    known = device.anchor
    device.anchor = cose.public_jwk(cose.SigningKey.generate().public)
    device.page.reload()
    device.settled()
    assert device.news == "anchor_changed"
    picture(device.page, "verify-anchor-changed", TWO_LOOKS[0])
    assert_accessible(device.page)
    assert (
        device.page.locator("[data-part=pinned]").inner_text() != device.page.locator("[data-part=seen]").inner_text()
    )
    assert device.paste() == "cannot_tell"
    device.go_offline()
    assert device.news == "anchor_changed"
    device.context.set_offline(False)
    device.page.locator("[data-part=accept]").click()
    expect(device.page.locator("[data-part=anchors]")).to_be_hidden()
    assert device.paste() == "cannot_tell"
    device.anchor = known
    device.page.reload()
    device.settled()
    assert device.news == "anchor_changed"


def test_picture_is_read(checker: Callable[[str], Checker]) -> None:
    device = checker("valid").open().go_offline()
    code = BytesIO()
    qr_picture(device.vector["text"]).rotate(8, expand=True, fillcolor=255).save(code, "PNG")
    _give_file(device.page, code.getvalue())
    assert device.outcome() == "valid"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.7 no picture", "JPEG یا PNG"), (None, "رمزینه‌ای پیدا نشد")],
    ids=["not a picture", "no code in it"],
)
def test_picture_that_cannot_be_read_says_what_to_do(
    checker: Callable[[str], Checker], content: bytes | None, words: str
) -> None:
    device = checker("valid").open()
    if content is None:
        blank = BytesIO()
        Image.new("L", (300, 300), 200).save(blank, "PNG")
        content = blank.getvalue()
    _give_file(device.page, content)
    expect(device.page.locator("[data-part=said]")).to_contain_text(words)
    expect(device.page.locator("[data-part=camera]")).to_be_visible()


def test_camera_reads_a_card(playwright: Any, live_site: Any, tmp_path: Path) -> None:
    film = film_of(VECTORS["valid"]["text"], tmp_path / "card.y4m")
    browser = launch(
        playwright,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    try:
        device = Checker(browser.new_context(permissions=["camera"]), live_site.url, "valid").open().go_offline()
        device.page.locator("[data-part=camera]").click()
        picture(device.page, "verify-camera", TWO_LOOKS[0])
        assert device.outcome() == "valid"
        assert device.page.evaluate("document.querySelector('video').srcObject") is None
    finally:
        browser.close()


def test_refused_camera_names_the_other_ways(checker: Callable[[str], Checker]) -> None:
    device = checker("valid").open("en")
    device.page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia = () =>
               Promise.reject(new DOMException('no', 'NotAllowedError')); }"""
    )
    device.page.locator("[data-part=camera]").click()
    said = device.page.locator("[data-part=said][role=status]")
    expect(said).to_contain_text("choose a picture, or paste the text")
    expect(device.page.locator("[data-part=camera]")).to_be_focused()


def test_keyboard_alone_checks_a_card(checker: Callable[[str], Checker]) -> None:
    device = checker("valid").open("en")
    page = device.page
    page.locator("[data-part=camera]").focus()
    page.keyboard.press("Tab")
    expect(page.locator("[data-part=picture]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.insert_text(device.vector["text"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert device.outcome() == "valid"
    expect(page.locator("#result-title")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=camera]")).to_be_focused()


def test_empty_text_asks_for_one(checker: Callable[[str], Checker]) -> None:
    device = checker("valid").open()
    device.page.locator(".kv-paste > summary").click()
    device.page.locator("[data-part=check-text]").click()
    expect(device.page.locator("[data-part=said]")).to_contain_text("KH1:")
    expect(device.page.locator("#card-text")).to_be_focused()


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("extended", LOOKS),
        ("revoked", TWO_LOOKS),
        ("key of a stranger", TWO_LOOKS),
        ("stale bundle", TWO_LOOKS),
        ("no bundle", TWO_LOOKS),
    ],
)
def test_looks(checker: Callable[[str], Checker], name: str, looks: tuple[Look, ...]) -> None:
    complaints: list[str] = []
    for look in looks:
        device = checker(name)
        device.page.on("console", lambda message: _note_error(message, complaints))
        _wear(device, look)
        device.open(look.language)
        for part in ("start", "result"):
            if part == "result":
                device.paste()
            picture(device.page, f"verify-{name.replace(' ', '-')}-{part}", look)
            assert_no_horizontal_scroll(device.page)
            assert_accessible(device.page)
        device.context.close()
    assert [said for said in complaints if "503" not in said] == []


def _note_error(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error":
        complaints.append(message.text)


def _wear(device: Checker, look: Look) -> None:
    device.context.add_cookies([{"name": "khedmat_theme", "value": look.theme, "url": device.base_url}])
    device.page.set_viewport_size({"width": look.width, "height": 740})


def _give_file(page: Page, content: bytes) -> None:
    page.locator("[data-part=picture]").set_input_files(
        {"name": "card.png", "mimeType": "image/png", "buffer": content}
    )


def _held_by(page: Page) -> dict[str, Any]:
    held: dict[str, Any] = page.evaluate(
        """async () => {
            const held = { caches: {}, cookies: document.cookie };
            for (const name of await caches.keys()) {
                const kept = await (await caches.open(name)).keys();
                held.caches[name] = kept.map((request) => new URL(request.url).pathname).sort();
            }
            held.local = localStorage.length;
            held.session = sessionStorage.length;
            held.databases = (await indexedDB.databases()).length;
            return held;
        }"""
    )
    return held
