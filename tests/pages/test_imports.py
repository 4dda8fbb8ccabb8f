"""Bringing in a file in a real browser: every state of the pages, and the keeper's whole way with it."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.live_server_helper import LiveServer
from python_calamine import CalamineWorkbook

from khedmat.common.text import clean_name
from khedmat.config.demo.untidy_register import FIELDS, write_untidy_register
from khedmat.imports.refused_sheet import cell_text
from tests.cast import Cast
from tests.files.samples import picture as photograph
from tests.imports.books import table
from tests.pages.doors import sign_in
from tests.pages.look import shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEADINGS = ("کد خانوار", "نسبت با سرپرست", "جنس", "نام", "شهرت", "نام پدر", "ت. تولد", "شماره مدرک", "یادداشت")
FAMILIES = (
    ("101", "سرپرست", "مرد", "علی", "رضایی", "حسن", "05/04/12", "17441000001", "نزد دفتر"),
    ("101", "همسر", "", "زهرا", "رضایی", "رضا", "05/02/11", "17441000002", ""),
    ("102", "سرپرست", "مرد", "قاسم", "احمدی", "نبی", "03/08/09", "17441000003", ""),
    ("102", "پسرعمو", "مرد", "نعیم", "احمدی", "قاسم", "06/05/04", "17441000004", ""),
    ("103", "همسر", "زن", "ماه‌گل", "نوری", "داود", "07/05/04", "17441000005", ""),
)
ROWS = 2_000


@pytest.fixture(autouse=True)
def _jobs_close_their_connections(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """A job runs in a thread that ends with the worker; a kept connection would outlive both."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)


def run_jobs() -> None:
    """What the worker does, once: in a thread of its own, since Playwright keeps a loop in this one."""

    def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=120)


def send(page: Page, path: Path, source: str) -> str:
    """Send a file for a new source; the address of the run."""
    page.goto("/imports/")
    page.set_input_files("#id_table", path)
    if page.locator("#id_source").count():
        page.select_option("#id_source", "new")
    page.fill("#id_source_name", source)
    page.fill("#id_option_series", "amayesh-17")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/columns/")
    return page.url.removesuffix("columns/")


def name_columns(page: Page) -> None:
    """Take the columns as guessed, with the year first where a date can be read in two ways, and have it checked."""
    for choice in page.locator("select[name^=order_]").all():
        choice.select_option("year_first")
    page.locator("button[form=columns]").click()
    page.wait_for_url(lambda url: not url.endswith("columns/"))


def test_pages_of_an_import_look_right(
    page: Page, live_site: LiveServer, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(page, live_site, cast, "daftari")
    shoot(page, f"{live_site.url}/imports/", "imports-empty")
    run = send(page, table(tmp_path / "فهرست شهریار.xlsx", [HEADINGS, *FAMILIES], top=2), "دفتر شهریار")
    shoot(page, run, "imports-uploaded")
    shoot(page, f"{run}columns/", "imports-columns")
    page.goto(f"{run}columns/")
    page.locator("button[form=columns]").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.screenshot(path="shots/imports-columns-amiss.png", full_page=True)
    name_columns(page)
    shoot(page, run, "imports-checking")
    run_jobs()
    shoot(page, run, "imports-checked")
    page.goto(run)
    page.locator("#run-import").click()
    shoot(page, run, "imports-importing")
    page.goto(run)
    page.locator("#run-pause").click()
    shoot(page, run, "imports-paused")
    page.goto(run)
    page.locator("#run-resume").click()
    run_jobs()
    shoot(page, run, "imports-done")
    broken = send(page, table(tmp_path / "old.xlsx", [HEADINGS, *FAMILIES]), "دفتر ری")
    name_columns(page)
    monkeypatch.setattr("khedmat.imports.checking.find_headings", None)
    for _attempt in range(4):
        run_jobs()
        ProcrastinateJob.objects.filter(status="todo").update(scheduled_at=None)
    shoot(page, broken, "imports-failed")
    page.goto(broken)
    page.locator("#run-cancel").click()
    shoot(page, broken, "imports-cancelled")
    shoot(page, f"{live_site.url}/imports/", "imports-list")
    shoot(page, f"{live_site.url}/desk/", "imports-desk")


def test_file_that_is_no_table_is_refused_at_the_form(
    page: Page, live_site: LiveServer, cast: Cast, tmp_path: Path
) -> None:
    sign_in(page, live_site, cast, "daftari")
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"%PDF-1.7 not a table")
    page.goto("/imports/")
    page.set_input_files("#id_table", path)
    page.locator("main form button.btn-primary").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[data-error-summary] a")).to_have_count(3)
    page.screenshot(path="shots/imports-refused-file.png", full_page=True)


def test_page_of_a_run_follows_its_job(page: Page, live_site: LiveServer, cast: Cast, tmp_path: Path) -> None:
    sign_in(page, live_site, cast, "daftari")
    send(page, table(tmp_path / "register.xlsx", [HEADINGS, *FAMILIES]), "دفتر شهریار")
    name_columns(page)
    expect(page.locator("[data-live=working]")).to_have_count(1)
    crumb = page.locator(".k-crumbs a")
    crumb.focus()
    run_jobs()
    expect(page.locator("#run-import")).to_be_visible(timeout=10_000)
    expect(page.locator("[data-live=working]")).to_have_count(0)
    expect(crumb).to_be_focused()


def counts_on(page: Page) -> dict[str, int]:
    """The sum of the page, by its words; the page is read in English."""
    cells = page.locator(".ki-sum > div").all()
    return {cell.locator("span").inner_text(): int(cell.locator("b").inner_text()) for cell in cells}


def rows_of(path: Path) -> list[list[Any]]:
    """A workbook's only sheet, from its first row on."""
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)


def correct(sheet: Path, right: Path, into: Path) -> int:
    """The refused sheet with the right rows in the place of the wrong ones; answers how many rows."""
    head, *refused = rows_of(sheet)
    source = rows_of(right)
    corrected = [
        [str(row[0]), "", *(cell_text(None if cell == "" else cell) for cell in source[int(row[0]) - 1])]
        for row in refused
    ]
    table(into, [head, *corrected])
    return len(corrected)


def check_and_import(page: Page) -> dict[str, int]:
    """Name the columns as guessed, check, import; the counts of the check."""
    name_columns(page)
    run_jobs()
    page.reload()
    found = counts_on(page)
    page.locator("#run-import").click()
    run_jobs()
    page.reload()
    expect(page.locator(".k-status", has_text="Imported")).to_be_visible()
    assert counts_on(page) == found
    return found


def test_untidy_register_comes_in_and_its_refused_rows_once_corrected(
    page: Page, live_site: LiveServer, cast: Cast, tmp_path: Path
) -> None:
    untidy, right = tmp_path / "register.xlsx", tmp_path / "right.xlsx"
    summary = write_untidy_register(untidy, rows=ROWS, seed=18, province="تهران", form="xlsx")
    write_untidy_register(right, rows=ROWS, seed=18, province="تهران", form="xlsx", wrong_share=0)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": live_site.url}])
    sign_in(page, live_site, cast, "daftari")
    send(page, untidy, "Old system")
    first = check_and_import(page)
    assert first["read"] == ROWS == first["new"] + first["refused"]
    assert first["refused"] >= len(summary.wrong)
    with page.expect_download() as download:
        page.locator("#refused-sheet").click()
    sheet = tmp_path / "refused.xlsx"
    download.value.save_as(sheet)
    assert {int(row[0]) for row in rows_of(sheet)[1:]} >= set(summary.wrong)

    corrected = tmp_path / "corrected.xlsx"
    assert correct(sheet, right, corrected) == first["refused"]
    page.goto("/imports/")
    page.set_input_files("#id_table", corrected)
    page.fill("#id_option_series", "amayesh-17")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/columns/")
    second = check_and_import(page)
    assert second == {"read": first["refused"], "new": first["refused"], "changed": 0, "unchanged": 0, "refused": 0}

    family = family_of_first_row(right)
    page.context.clear_cookies(name="sessionid")
    sign_in(page, live_site, cast, "narges")
    page.goto("/desk/")
    page.locator("header input[name=number] >> visible=true").fill(family["card"])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open this family").click()
    expect(page.locator("main")).to_contain_text(family["name"])
    address = page.url
    ask_for_another_birth_year(page, family["name"])
    sign_in(page, live_site, cast, "bahram")
    decide_the_change(page)
    sign_in(page, live_site, cast, "narges")
    page.goto(f"{address}history/")
    told = page.locator(".k-time > li").first
    expect(told).to_contain_text("Birth date")
    expect(told).to_contain_text("1972")
    expect(told).to_contain_text("by a change request")
    expect(page.locator("main")).to_contain_text("Old system")


def ask_for_another_birth_year(page: Page, name: str) -> None:
    """At the counter, with a paper."""
    page.get_by_role("link", name="Ask for a change").click()
    page.get_by_role("link", name="Correction of particulars").click()
    page.locator("main .k-list").get_by_role("link", name=name).first.click()
    page.fill("[name=birth_on_year]", "1350")
    page.set_input_files("[name=paper]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    page.locator(".k-action .btn-primary").click()
    expect(page.locator("#family-changes")).to_be_visible()


def decide_the_change(page: Page) -> None:
    """The officer opens the one that waits, and approves it."""
    page.goto("/changes/")
    page.locator("#to-decide").locator("xpath=ancestor::section").get_by_role("link").first.click()
    page.locator("[name=outcome]").first.check()
    page.fill("[name=reason]", "The birth certificate was seen.")
    page.get_by_role("button", name="Keep the decision").click()
    expect(page.get_by_text("Approved").first).to_be_visible()


def family_of_first_row(right: Path) -> dict[str, str]:
    """The head of the first family: the number of the card, and the name as the register writes it."""
    rows = rows_of(right)
    place = FIELDS.index("document_number")
    row = next(row for row in rows if str(row[place]).strip().isdigit())
    return {"card": cell_text(row[place]), "name": clean_name(str(row[FIELDS.index("given_name")]))}
