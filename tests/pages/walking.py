"""What people do at their pages in a round: each function is one person's act, in the order of their hands.

Every page is read in English, whose numbers this file can read back. `Window` finds things by their words, as people
do, or by the names of fields.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from procrastinate.contrib.django import app

from khedmat.accounts.models import User
from khedmat.casework.enums import Reached
from khedmat.common.jalali import to_jalali
from khedmat.common.text import localise_digits
from khedmat.service.enums import CounterKind
from tests.pages.look import SHOTS
from tests.simulation.work import face

REASON = "مدرک‌ها دیده شد."
STEPS = (
    Reached.BOOKED,
    Reached.ARRIVED,
    Reached.PHOTOGRAPHED,
    Reached.PAID,
    Reached.SUBMITTED,
    Reached.DECIDED,
    Reached.PRINTED,
    Reached.HANDED_OVER,
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class Window:
    """A browser window of one of the staff."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go(self, address: str) -> None:
        """Open an address; it is there, and allowed."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.ok, f"{address}: {answer.status}"

    def press(self, name: str) -> None:
        """Press a button by its words, and see where that leads."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()
        self.complain_of_errors()

    def follow(self, name: str) -> None:
        """Follow a link by its words; what is seldom done stands in the heading's menu."""
        link, menu = self.page.get_by_role("link", name=name), self.page.locator(".k-head details.k-menu > summary")
        if not link.count() and menu.count():
            menu.first.click()
        with self.page.expect_navigation():
            link.first.click()

    def send(self, selector: str) -> None:
        """Press the one button that a selector finds."""
        with self.page.expect_navigation():
            self.page.locator(selector).click()
        self.complain_of_errors()

    def fill(self, name: str, text: str) -> None:
        """Write into the field of this name."""
        self.page.locator(f"main [name={name}]").first.fill(text)

    def fill_day(self, name: str, day: date) -> None:
        """Write a date as it is said in Iran."""
        jalali = to_jalali(day)
        for part in ("day", "month", "year"):
            field = self.page.locator(f"main [name={name}_{part}]")
            if field.evaluate("(one) => one.tagName") == "SELECT":
                field.select_option(str(getattr(jalali, part)))
            else:
                field.fill(str(getattr(jalali, part)))

    def choose(self, name: str, value: str) -> None:
        """Choose one of several."""
        self.page.locator(f"main [name={name}][value='{value}']").check()

    def sees(self, words: str) -> None:
        """These words stand on the page."""
        expect(self.page.get_by_text(words).first).to_be_visible()

    def complain_of_errors(self) -> None:
        """A form that came back says in the test's own words what was refused."""
        errors = self.page.locator("[data-error-summary]")
        if errors.count():
            raise AssertionError(f"{self.page.url}: {errors.first.inner_text()}")

    @property
    def id(self) -> UUID:
        """The id in the address."""
        found = _ID.search(self.page.url)
        assert found, self.page.url
        return UUID(found.group())


class Staff:
    """The windows of the staff, each opened and signed in when it is first asked for."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self._windows: dict[str, Window] = {}

    def __getitem__(self, name: str) -> Window:
        if name not in self._windows:
            self._windows[name] = self._sign_in(name)
        return self._windows[name]

    def _sign_in(self, name: str) -> Window:
        context = self.browser.new_context(base_url=self.url)
        context.add_cookies([{"name": "django_language", "value": "en", "url": self.url}])
        # The sign-in page has a test of its own (tests/pages/test_line.py); a dozen people would wait for it here.
        client = Client()
        client.force_login(User.objects.get(username=name))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/desk/")
        return Window(page)

    def pictures(self) -> None:
        """Everybody's window as it stands, in shots/."""
        SHOTS.mkdir(exist_ok=True)
        for name, window in self._windows.items():
            window.page.screenshot(path=SHOTS / f"round-stopped-{name}.png")

    def leave(self) -> None:
        """Everybody goes home."""
        for window in self._windows.values():
            window.page.context.close()


@contextmanager
def staff_at_work(browser: Browser, url: str) -> Iterator[Staff]:
    """The staff, until the round is over; where it stops on its way, a picture of each window says how it stood."""
    staff = Staff(browser, url)
    try:
        yield staff
    except BaseException:
        staff.pictures()
        raise
    finally:
        staff.leave()


def run_jobs() -> None:
    """What the worker does, once: in a thread of its own, since Playwright keeps a loop in this one."""

    def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=60)


# The round's managers


def clones(manager: Window, version_id: UUID, *, number: int, opens_on: date) -> UUID:
    """The next round begins as the last one, with all dates moved; the draft's id."""
    manager.go(f"/rounds/writing/{version_id}/")
    manager.follow("Clone into a new version")
    manager.fill("number", str(number))
    manager.fill("title_fa", f"آمایش {localise_digits(str(number), 'fa')}")
    manager.fill("title_en", f"Amayesh {number}")
    manager.fill_day("opens_on", opens_on)
    manager.press("Keep")
    return manager.id


def names_circular(manager: Window, draft: UUID, number: str, on: date) -> None:
    """What ordered the round: a clone begins without it."""
    manager.go(f"/rounds/writing/{draft}/basics/")
    manager.fill("circular_number", number)
    manager.fill_day("circular_on", on)
    manager.fill("circular_source_fa", f"بخشنامهٔ {localise_digits(number, 'fa')}")
    manager.fill("circular_source_en", f"Circular {number}")
    manager.press("Keep")
    manager.sees("Kept.")


def changes_rule(manager: Window, draft: UUID, code: str, **fields: str) -> None:
    """A rule's sentence and expression are changed, tried on the examples, and kept."""
    manager.go(f"/rounds/writing/{draft}/rules/{code}/")
    for name, text in fields.items():
        manager.fill(name, text)
    manager.press("Try on the examples")
    expect(manager.page.locator("#tried, [aria-labelledby=tried]").first).to_be_visible()
    manager.press("Keep")
    manager.sees("Kept.")


def changes_tariff(manager: Window, draft: UUID, code: str, amount_rial: int) -> None:
    """A fee has another amount."""
    manager.go(f"/rounds/writing/{draft}/tariff/{code}/")
    manager.fill("amount_rial", str(amount_rial))
    manager.press("Keep")
    manager.sees("Kept.")


def checks_and_proposes(manager: Window, draft: UUID, *changed: str) -> None:
    """What is new is looked at, nothing is missing, and the version is proposed."""
    manager.go(f"/rounds/writing/{draft}/check/")
    manager.sees("Nothing is missing")
    for words in changed:
        manager.sees(words)
    manager.go(f"/rounds/writing/{draft}/")
    manager.press("Propose")
    expect(manager.page.locator("button[value=publish]")).to_have_count(0)


def publishes(other: Window, draft: UUID) -> None:
    """The second manager looks at it and publishes it."""
    other.go(f"/rounds/writing/{draft}/")
    other.press("Publish")
    other.sees("In force since")


def extends(manager: Window, code: str, *, until: date, notice: str, noticed_on: date) -> None:
    """All cards of the round are valid longer, by a notice."""
    manager.go(f"/rounds/{code}/")
    manager.fill("notice_number", notice)
    manager.fill_day("noticed_on", noticed_on)
    manager.fill_day("until_on", until)
    manager.press("Show what will hold")
    manager.press("Extend the cards")
    manager.sees(notice)


def proposes_closing(manager: Window, code: str, note: str) -> None:
    """The round shall end, by a circular, before its last day; who proposes does not confirm."""
    manager.go(f"/rounds/{code}/")
    manager.follow("Close the round")
    manager.fill("note", note)
    manager.press("Propose")
    expect(manager.page.locator("button[value=confirm]")).to_have_count(0)


def confirms_closing(other: Window, code: str) -> None:
    """The second manager closes it."""
    other.go(f"/rounds/{code}/closing/")
    other.press("Close the round")
    other.sees("The round is closed")


# The offices


def opens_days(runs: Window, since: date, until: date) -> None:
    """The office's manager opens days, free ones too."""
    runs.go("/office/days/open/")
    runs.fill_day("since", since)
    runs.fill_day("until", until)
    runs.page.locator("main [name=with_free_days]").check()
    runs.press("Open these days")


def sets_up_counter(runs: Window, number: int) -> None:
    """A counter for applications."""
    runs.go("/office/hall/")
    runs.fill("number", str(number))
    runs.page.locator("main select[name=kind]").select_option(CounterKind.CLERK.value)
    runs.press("Add the counter")


def finds_family(clerk: Window, card_number: str) -> None:
    """By the card that the family holds, or reads out on the telephone."""
    clerk.page.locator("header input[name=number] >> visible=true").fill(card_number)
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("Enter")
    clerk.press("Open this family")


def books_by_phone(clerk: Window, card_number: str, title: str) -> UUID:
    """A family on the telephone has a case and the next free time; the case's id."""
    finds_family(clerk, card_number)
    clerk.press(f"Book for {title}")
    case_id = clerk.id
    clerk.page.locator("main input[name=slot]:not(:disabled)").first.check()
    clerk.choose("channel", "phone")
    clerk.press("Book this time")
    expect(clerk.page.locator(".k-slip-code")).to_be_visible()
    return case_id


def receives(clerk: Window, case_id: UUID) -> None:
    """The family that has a case is here: it gets a number, is called, and its case is opened."""
    clerk.go(f"/appointments/enrolment/{case_id}/")
    clerk.press("The family is here")
    clerk.go("/counter/")
    if clerk.page.locator(".k-counters button").count():
        clerk.send(".k-counters button >> nth=0")
    clerk.send("button[data-key=KeyN]")
    clerk.follow("Open case")
    clerk.go(f"/cases/{case_id}/")


def takes_walk_in(clerk: Window, card_number: str, title: str) -> UUID:
    """A family without an appointment is taken into the round; the case's id."""
    finds_family(clerk, card_number)
    clerk.press(f"Take into {title}")
    return clerk.id


def sees_papers_and_faces(clerk: Window, case_id: UUID, size: int) -> None:
    """All papers are seen, all members are photographed: the amount stands."""
    clerk.go(f"/cases/{case_id}/")
    clerk.press("All papers seen")
    faces = [{"name": f"face-{number}.jpg", "mimeType": "image/jpeg", "buffer": face(number)} for number in range(size)]
    clerk.page.locator("#portraits-all").set_input_files(faces)  # type: ignore[arg-type]
    clerk.press("Save the photographs")


def asks_relief(clerk: Window, case_id: UUID, choice: str, paper: bytes | None = None) -> None:
    """The clerk asks for a family that cannot pay, with its paper."""
    clerk.go(f"/cases/{case_id}/relief/")
    clerk.choose("choice", choice)
    if paper is not None:
        file: Any = {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": paper}
        clerk.page.locator("main input[type=file]").first.set_input_files(file)
    clerk.fill("reason", REASON)
    clerk.press("Ask the office manager")


def grants_relief(runs: Window, number: str) -> None:
    """The office's manager opens the request from the queue, looks at the paper and grants it."""
    runs.go("/relief/")
    runs.follow(number)
    runs.page.get_by_label("Grant it", exact=True).check()
    runs.page.locator("main textarea").first.fill(REASON)
    runs.press("Keep the decision")


def takes_cash(cashier: Window, number: str, receipt: str) -> None:
    """The family pays what its bill says: the whole, or the next part."""
    cashier.go("/payments/")
    cashier.fill("number", number)
    cashier.press("Open the bill")
    cashier.page.get_by_label("Cash").check()
    cashier.fill("receipt_number", receipt)
    cashier.send(".k-take")
    cashier.sees(receipt)


def sends(clerk: Window, case_id: UUID) -> None:
    """The case goes to the province."""
    clerk.go(f"/cases/{case_id}/")
    clerk.press("Send the case to the province")


def withdraws(clerk: Window, case_id: UUID) -> None:
    """The family does not want to go on."""
    clerk.go(f"/cases/{case_id}/")
    clerk.follow("The family withdraws")
    clerk.press("Withdraw the request")


def asks_refund(cashier: Window, charge_id: UUID, amount_rial: int) -> None:
    """What was paid for nothing goes back."""
    cashier.go(f"/payments/{charge_id}/refund/")
    cashier.page.locator("main select[name=cause]").select_option("withdrawal")
    cashier.fill("amount", str(amount_rial))
    cashier.fill("reason", REASON)
    cashier.press("Ask the office manager")


def pays_back(runs: Window, number: str, voucher: str) -> None:
    """The office's manager gives the money back from the cashier's drawer."""
    runs.go("/payments/refunds/")
    runs.follow(number)
    runs.page.locator("main [name=method][value*=cash]").check()
    drawer = runs.page.locator("main select[name=drawer]")
    if drawer.count():
        drawer.select_option(index=drawer.locator("option").count() - 1)
    runs.fill("voucher", voucher)
    runs.send(".k-take")
    runs.sees("The money is given back")


def refers(clerk: Window, case_id: UUID, place_id: int) -> UUID:
    """The family moved: its case goes to another office, which it knows; the referral's id."""
    clerk.go(f"/cases/{case_id}/")
    clerk.follow("Refer elsewhere")
    clerk.page.locator("main select[name=place]").select_option(str(place_id))
    clerk.choose("reason", "moved")
    clerk.page.locator("main [name=is_known]").check()
    clerk.send("button[form=refer]")
    return clerk.id


def accepts(clerk: Window, number: str) -> None:
    """The other office takes the case over."""
    clerk.go("/referrals/")
    clerk.follow(number)
    clerk.press("Accept")


def completes(clerk: Window, case_id: UUID) -> None:
    """What the officer asked for is brought, and the member is sent again."""
    clerk.go(f"/cases/{case_id}/")
    clerk.sees("The officer asks for something more")
    clerk.send("button[form^=resubmit], form[id^=resubmit] button >> nth=0")


def appeals(clerk: Window, case_id: UUID) -> None:
    """The family does not agree with the refusal."""
    clerk.go(f"/cases/{case_id}/")
    clerk.follow("Take an appeal in")
    clerk.page.locator("main input[name=member]").first.check()
    clerk.fill("grounds", "کارت دورهٔ پیش را آورده‌ایم.")
    clerk.send("button[form=appeal]")


def hands_over(clerk: Window, number: str) -> None:
    """The head of the family takes all cards."""
    clerk.go("/hand-over/")
    clerk.page.locator("main li", has_text=number).get_by_role("button").click()
    clerk.page.wait_for_url("**/hand-over/*/")
    for box in clerk.page.locator("main input[name=cards]").all():
        box.check()
    clerk.page.locator("main input[name=receiver]").first.check()
    clerk.press("Hand over the ticked cards")


# The province


def takes_in_hand(officer: Window, number: str) -> None:
    """A case of the queue is taken."""
    officer.go("/review/")
    officer.follow(number)
    take = officer.page.get_by_role("button", name="Take in hand")
    if take.count():
        officer.press("Take in hand")


def decides(officer: Window, outcome: str, reason: str = REASON) -> None:
    """One member, with a reason; the page goes on to the next by itself."""
    officer.page.locator(f"#decision input[type=radio][value={outcome}]").check()
    officer.page.locator("#decision textarea").fill(reason)
    officer.send("#decision .btn-primary")


def decides_about_all(officer: Window, outcome: str = "approve", reason: str = REASON) -> None:
    """Every member on one page, each with a reason."""
    link = officer.page.get_by_role("link", name="Decide about all")
    if not link.count():
        decides(officer, outcome, reason)
        return
    officer.follow("Decide about all")
    for choice in officer.page.locator(f"input[type=radio][value={outcome}]").all():
        choice.check()
    for field in officer.page.locator("main textarea").all():
        field.fill(reason)
    officer.send("button[form=each]")


def upholds_appeal(officer: Window, number: str) -> None:
    """Another officer takes the appeal and upholds it."""
    officer.go("/appeals/")
    officer.follow(number)
    officer.send("form[action$='/take/'] button")
    officer.choose("outcome", "upheld")
    officer.page.locator("#decision textarea").fill(REASON)
    officer.send("#decision .btn-primary")
    expect(officer.page.locator("#ended")).to_be_visible()


def prints(printer: Window) -> None:
    """One batch: made, drawn by the worker, printed and looked at."""
    printer.go("/print/")
    printer.press("Make a batch")
    printer.page.wait_for_url("**/print/*/")
    run_jobs()
    printer.page.reload()
    printer.press("Printed, all looked at")


# Looking on


def cockpit_shows(reader: Window, code: str) -> Counter[tuple[str, str]]:
    """The counts of the cockpit's page, by the office's name and step, read from its table."""
    reader.go(f"/rounds/{code}/cockpit/")
    rows = reader.page.locator("table", has=reader.page.locator("caption", has_text="Counts of each office"))
    shown: Counter[tuple[str, str]] = Counter()
    for cells in rows.locator("tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    ):
        office = cells[0].split("\n")[0].strip()
        for step, text in zip(STEPS, cells[1:], strict=False):
            if amount := int(text.replace(",", "")):
                shown[office, step] = amount
    return shown
