"""The keeper's pages through the test client."""

from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.files.web.uploads import MAX_REQUEST_BYTES
from khedmat.imports.actions import expire_imports, pause_import, start_import
from khedmat.imports.checking import check_run
from khedmat.imports.enums import RunState
from khedmat.imports.models import Run, Source
from khedmat.imports.schema import REASON_HEADING, ROW_HEADING
from khedmat.imports.selectors import run_of
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cast import Cast
from tests.imports.books import table as workbook
from tests.imports.registers import FAMILY, HEAD, HEADINGS, SON, WIFE, bring_in, check, send, table

pytestmark = pytest.mark.django_db

LIST = "/imports/"
WRONG = SON | {"birth_on": "1394/13/01"}
AMBIGUOUS = HEAD | {"birth_on": "05/04/12"}


@pytest.fixture
def keeper(cast: Cast) -> Actor:
    return cast["daftari"]


@pytest.fixture
def browser(as_staff: SignIn) -> Client:
    return as_staff("daftari")


def upload(data: bytes, name: str = "register.csv", **fields: str) -> dict[str, Any]:
    return {"table": SimpleUploadedFile(name, data), "source_name": "Shahriar", "option_series": "آمایش ۱۷"} | fields


def runs(by: Actor) -> list[Run]:
    with working_context(by):
        return list(Run.objects.select_related("source").order_by("created_at"))


def page_of(run: Run) -> str:
    return f"{LIST}{run.pk}/"


def offered(client: Client, run: Run, **changed: str) -> dict[str, str]:
    """What the page of columns sends when nothing, or `changed`, was chosen anew."""
    form = client.get(f"{page_of(run)}columns/").context["form"]
    return {name: str(form[name].value() or "") for name in form.fields} | changed


def jobs(name: str) -> int:
    return int(ProcrastinateJob.objects.filter(task_name=name).count())


def text(answer: Any) -> str:
    return str(answer.content.decode())


def rows_of(sheet: bytes) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(BytesIO(sheet))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


# ---------- the list and the file ----------


def test_file_is_kept_with_its_source_and_round(browser: Client, keeper: Actor) -> None:
    answer = browser.post(LIST, upload(table(FAMILY), "C:\\lists\\شهریار.csv"))
    (run,) = runs(keeper)
    assert answer.url == f"{page_of(run)}columns/"  # type: ignore[attr-defined]
    assert (run.file_name, run.source.name, run.options) == ("شهریار.csv", "Shahriar", {"series": "amayesh-17"})
    assert run.state == RunState.UPLOADED


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"option_series": "seventeen"}, "option_series", "round"),
        ({"option_series": ""}, "option_series", "Say which round"),
        ({"source_name": " \u200c"}, "source_name", "Name the source"),
        ({"source_name": ""}, "source_name", "Name the source"),
        ({"source_name": "x" * 81}, "source_name", "too long"),
    ],
)
def test_upload_names_what_is_missing(
    browser: Client, keeper: Actor, fields: dict[str, str], field: str, words: str
) -> None:
    answer = browser.post(LIST, upload(table(FAMILY), **fields))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(answer.context["form"].errors) == [field]
    assert words in text(answer)
    assert runs(keeper) == []


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"%PDF-1.7", "list.xlsx", "not a table"),
        (b"", "list.csv", "no filled rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "list.xls", "old form"),
        (table(FAMILY), "list.xlsx", "ending"),
        (b"<html><table>", "list.xls", "web page"),
    ],
)
def test_file_that_is_no_table_is_not_kept(
    browser: Client, keeper: Actor, as_migrator: Any, data: bytes, name: str, words: str
) -> None:
    answer = browser.post(LIST, upload(data, name))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(answer.context["form"].errors) == ["table"]
    assert words in text(answer)
    assert runs(keeper) == []


def test_file_larger_than_papers_may_be_is_taken_whole(browser: Client, keeper: Actor) -> None:
    note = '"' + "نشانی " * 3_000 + '"'
    rows = [f"{number},پسر,علی,{note}" for number in range(1_300)]
    data = ("کد خانوار,نسبت,نام,نشانی\r\n" + "\r\n".join(rows)).encode()
    assert len(data) > MAX_REQUEST_BYTES
    assert browser.post(LIST, upload(data)).status_code == HTTPStatus.FOUND
    assert len(runs(keeper)) == 1


def test_second_click_brings_in_one_file(browser: Client, keeper: Actor) -> None:
    first, second = browser.post(LIST, upload(table(FAMILY))), browser.post(LIST, upload(table(FAMILY)))
    (run,) = runs(keeper)
    assert first.url.startswith(page_of(run))  # type: ignore[attr-defined]
    assert second.url == page_of(run)  # type: ignore[attr-defined]
    assert "brought in before" in text(browser.get(page_of(run)))


def test_same_file_for_another_round_is_another_run(browser: Client, keeper: Actor) -> None:
    browser.post(LIST, upload(table(FAMILY)))
    with working_context(keeper):
        source = str(Source.objects.get().pk)
    browser.post(LIST, upload(table(FAMILY), source=source, source_name="", option_series="amayesh-16"))
    assert [(run.options["series"], run.source.name) for run in runs(keeper)] == [
        ("amayesh-17", "Shahriar"),
        ("amayesh-16", "Shahriar"),
    ]


def test_known_source_is_chosen_beforehand_and_a_typed_name_goes_before_it(browser: Client, keeper: Actor) -> None:
    browser.post(LIST, upload(table(FAMILY)))
    form = browser.get(LIST).context["form"]
    assert [name for _key, name in form.fields["source"].choices] == ["Shahriar", "A new source, named below"]
    source = form.fields["source"].choices[0][0]
    browser.post(LIST, upload(table([HEAD]), source=source, source_name="Rey"))
    unnamed = browser.post(LIST, upload(table([HEAD]), source="new", source_name=""))
    assert "Name the source" in text(unnamed)
    assert [run.source.name for run in runs(keeper)] == ["Shahriar", "Rey"]


def test_list_shows_own_province_alone(browser: Client, cast: Cast) -> None:
    send(table(FAMILY), cast["nasrin"], working_context, name="mashhad.csv", source="Mashhad's")
    check(table([HEAD, WIFE, WRONG]), cast["daftari"], working_context, name="tehran.csv")
    page = text(browser.get(LIST))
    assert "tehran.csv" in page
    assert "mashhad.csv" not in page
    assert "Mashhad&#x27;s" not in page


# ---------- the columns ----------


def test_columns_show_headings_samples_and_guesses(browser: Client, keeper: Actor) -> None:
    data = "کد خانوار,نسبت,اسم,یادداشت\r\n101,سرپرست,علی,الف\r\n102,همسر,زهرا,ب\r\n".encode()
    browser.post(LIST, upload(data))
    answer = browser.get(f"{page_of(runs(keeper)[0])}columns/")
    rows = answer.context["form"].rows()
    assert [(row.column.heading, row.field.value()) for row in rows] == [
        ("کد خانوار", "household_code"),
        ("نسبت", "relation"),
        ("اسم", "given_name"),
        ("یادداشت", ""),
    ]
    assert rows[0].column.samples == ("101", "102")
    assert not rows[3].column.is_known
    assert "Birth date" in answer.context["missing"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_large_file_is_looked_at_by_its_first_rows(
    browser: Client, keeper: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr("khedmat.imports.checking._ROWS_LOOKED_AT", 3)
    made = workbook(tmp_path / "a.xlsx", [list(HEADINGS.values()), *([*row.values()] for row in FAMILY)])
    browser.post(LIST, upload(table(FAMILY) if ending == "csv" else made.read_bytes(), f"a.{ending}"))
    (run,) = runs(keeper)
    assert "More than 2 rows were found" in text(browser.get(f"{page_of(run)}columns/"))
    browser.post(f"{page_of(run)}columns/", offered(browser, run))
    check_run(run.pk, by=keeper)
    assert runs(keeper)[0].rows_new == 3


def test_column_without_heading_can_be_named(browser: Client, keeper: Actor, tmp_path: Path) -> None:
    made = workbook(tmp_path / "a.xlsx", [("کد خانوار", "نسبت", "", ""), ("101", "سرپرست", "علی", "")])
    browser.post(LIST, upload(made.read_bytes(), "a.xlsx"))
    rows = browser.get(f"{page_of(runs(keeper)[0])}columns/").context["form"].rows()
    assert [str(row.field.label) for row in rows] == ["کد خانوار", "نسبت", "Column 3, without a heading"]


def test_naming_starts_the_check_and_is_remembered(browser: Client, keeper: Actor) -> None:
    run = send(table(FAMILY), keeper, working_context)
    column = list(HEADINGS).index("phone")
    answer = browser.post(f"{page_of(run)}columns/", offered(browser, run, **{f"column_{column}": ""}))
    assert answer.url == page_of(run)  # type: ignore[attr-defined]
    assert (runs(keeper)[0].state, jobs("imports.check")) == (RunState.CHECKING, 1)
    assert runs(keeper)[0].source.columns["تلفنهمراه"] == ""
    assert "Being checked" in text(browser.get(page_of(run)))


def test_next_file_of_the_source_comes_with_what_was_said(browser: Client, keeper: Actor) -> None:
    data = "خ,نسبت,اسم\r\n101,سرپرست,علی\r\n".encode()
    browser.post(LIST, upload(data))
    (run,) = runs(keeper)
    with working_context(keeper):
        Source.objects.update(columns={"خ": "household_code", "اسم": ""})
    rows = browser.get(f"{page_of(run)}columns/").context["form"].rows()
    assert [(row.field.value(), row.column.is_remembered) for row in rows] == [
        ("household_code", True),
        ("relation", False),
        ("", True),
    ]


def test_missing_and_doubled_columns_are_named(browser: Client, keeper: Actor) -> None:
    run = send(table(FAMILY), keeper, working_context)
    answer = browser.post(f"{page_of(run)}columns/", offered(browser, run, column_0="", column_4="given_name"))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    errors = answer.context["form"].errors
    assert list(errors) == ["column_4", "__all__"]
    assert "named for the same field" in text(answer)
    assert "Household code, Father&#x27;s name" in text(answer)
    assert jobs("imports.check") == 0


def test_dates_that_can_be_read_twice_must_be_chosen(browser: Client, keeper: Actor) -> None:
    run = send(table([AMBIGUOUS]), keeper, working_context)
    column = list(HEADINGS).index("birth_on")
    page = browser.get(f"{page_of(run)}columns/")
    assert "Year 05, month 04, day 12" in text(page)
    assert "Day 05, month 04, year 12" in text(page)
    unsaid = browser.post(f"{page_of(run)}columns/", offered(browser, run))
    assert list(unsaid.context["form"].errors) == [f"order_{column}"]
    said = browser.post(f"{page_of(run)}columns/", offered(browser, run, **{f"order_{column}": "day_first"}))
    assert said.status_code == HTTPStatus.FOUND
    (kept,) = runs(keeper)
    assert kept.date_orders == kept.source.date_orders == {"birth_on": "day_first"}


def test_dates_are_asked_about_where_a_column_is_said_to_hold_them(browser: Client, keeper: Actor) -> None:
    """Only on sending is it known that the column holds dates: the choice then stands beside it."""
    data = table([AMBIGUOUS]).replace("تاریخ تولد".encode(), "ستون".encode())
    browser.post(LIST, upload(data))
    (run,) = runs(keeper)
    column = list(HEADINGS).index("birth_on")
    assert f"order_{column}" not in offered(browser, run)
    answer = browser.post(f"{page_of(run)}columns/", offered(browser, run, **{f"column_{column}": "birth_on"}))
    assert list(answer.context["form"].errors) == [f"order_{column}"]


def test_order_that_the_column_shows_is_not_asked(browser: Client, keeper: Actor) -> None:
    run = send(table(FAMILY), keeper, working_context)
    answer = browser.get(f"{page_of(run)}columns/")
    assert not [name for name in answer.context["form"].fields if name.startswith("order_")]
    assert "Year first" in text(answer)


def test_sheet_is_chosen_where_there_are_several(browser: Client, keeper: Actor, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "two.xlsx")) as book:
        for name, heading in (("یک", "کد خانوار"), ("دو", "نسبت")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, (heading, "نام"))
            sheet.write_row(1, 0, ("101", "علی"))
    browser.post(LIST, upload((tmp_path / "two.xlsx").read_bytes(), "two.xlsx"))
    (run,) = runs(keeper)
    address = f"{page_of(run)}columns/"
    assert [row.column.heading for row in browser.get(address).context["form"].rows()] == ["کد خانوار", "نام"]
    second = browser.get(address, {"sheet": "دو"})
    assert [row.column.heading for row in second.context["form"].rows()] == ["نسبت", "نام"]
    assert 'name="sheet" value="دو"' in text(second)


@pytest.mark.parametrize("sheet", ["x\x00y", "no such sheet", "9" * 400])
def test_sheet_that_is_not_there_is_said(browser: Client, keeper: Actor, tmp_path: Path, sheet: str) -> None:
    made = workbook(tmp_path / "a.xlsx", [("کد خانوار", "نسبت"), ("101", "سرپرست")])
    browser.post(LIST, upload(made.read_bytes(), "a.xlsx"))
    answer = browser.get(f"{page_of(runs(keeper)[0])}columns/", {"sheet": sheet})
    assert answer.status_code == HTTPStatus.OK
    assert ("not in this file" in text(answer)) == (sheet == "no such sheet")


def test_file_without_headings_is_refused_in_words(browser: Client, keeper: Actor) -> None:
    browser.post(LIST, upload(b"1,2,3\r\n4,5,6\r\n"))
    (run,) = runs(keeper)
    answer = browser.get(f"{page_of(run)}columns/")
    assert "No row of headings" in text(answer)
    assert "Send another file" in text(answer)
    assert browser.post(f"{page_of(run)}columns/").status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_columns_of_an_import_under_way_stay(browser: Client, keeper: Actor) -> None:
    run = check(table(FAMILY), keeper, working_context)
    said = offered(browser, run)
    with working_context(keeper):
        start_import(run.pk, by=keeper)
    answer = browser.post(f"{page_of(run)}columns/", said, follow=True)
    assert "at another step" in text(answer)
    assert runs(keeper)[0].state == RunState.IMPORTING


# ---------- the run ----------


def test_page_says_the_sum_and_why(browser: Client, keeper: Actor) -> None:
    run = check(table([HEAD, WIFE, WRONG]), keeper, working_context)
    answer = browser.get(page_of(run))
    (problem,) = answer.context["problems"]
    assert (problem.label, problem.tally.rows) == ("Birth date", 1)
    assert problem.examples[0][0] == [4]
    assert "there is no month" in problem.examples[0][1]
    assert "Amayesh 17" in text(answer)
    assert "nothing is written yet" in text(answer)


def test_page_of_a_file_that_cannot_come_in_offers_no_import(browser: Client, keeper: Actor) -> None:
    run = check(table([WRONG]), keeper, working_context)
    assert 'value="import"' not in text(browser.get(page_of(run)))


def test_import_begins_once(browser: Client, keeper: Actor) -> None:
    run = check(table(FAMILY), keeper, working_context)
    first = browser.post(page_of(run), {"step": "import"}, follow=True)
    assert "under way" in text(first)
    second = browser.post(page_of(run), {"step": "import"}, follow=True)
    assert "at another step" in text(second)
    assert jobs("imports.import") == 1


def test_second_import_of_the_province_is_told_to_wait(browser: Client, keeper: Actor) -> None:
    one, other = check(table(FAMILY), keeper, working_context), check(table([HEAD]), keeper, working_context)
    with working_context(keeper):
        start_import(one.pk, by=keeper)
    assert "Wait for its end" in text(browser.post(page_of(other), {"step": "import"}, follow=True))
    assert jobs("imports.import") == 0


def test_import_is_stopped_and_goes_on(browser: Client, keeper: Actor) -> None:
    run = check(table(FAMILY), keeper, working_context)
    browser.post(page_of(run), {"step": "import"})
    browser.post(page_of(run), {"step": "pause"})
    assert "Go on" in text(browser.get(page_of(run)))
    browser.post(page_of(run), {"step": "import"})
    assert (runs(keeper)[0].state, jobs("imports.import")) == (RunState.IMPORTING, 2)


@pytest.mark.parametrize("state", [RunState.UPLOADED, RunState.CHECKED, RunState.PAUSED])
def test_run_is_cancelled(browser: Client, keeper: Actor, state: RunState) -> None:
    run = (send if state == RunState.UPLOADED else check)(table(FAMILY), keeper, working_context)
    if state == RunState.PAUSED:
        with working_context(keeper):
            start_import(run.pk, by=keeper)
            pause_import(run.pk, by=keeper)
    assert "Nothing of it was written" in text(browser.post(page_of(run), {"step": "cancel"}, follow=True))
    assert runs(keeper)[0].state == RunState.CANCELLED


@pytest.mark.parametrize("step", ["", "delete", "import\x00"])
def test_unknown_step_changes_nothing(browser: Client, keeper: Actor, step: str) -> None:
    run = check(table(FAMILY), keeper, working_context)
    assert "came back incomplete" in text(browser.post(page_of(run), {"step": step}, follow=True))
    assert runs(keeper)[0].state == RunState.CHECKED


def test_stopped_check_says_why_and_is_asked_for_again(browser: Client, keeper: Actor, as_migrator: Any) -> None:
    run = send(table(FAMILY), keeper, working_context)
    with working_context(keeper):
        Run.objects.update(state=RunState.FAILED, failure="table-damaged")
    assert "damaged or cut short" in text(browser.get(page_of(run)))
    browser.post(page_of(run), {"step": "check"})
    assert (runs(keeper)[0].state, runs(keeper)[0].failure, jobs("imports.check")) == (RunState.CHECKING, "", 1)


def test_pages_of_another_province_are_not_there(as_staff: SignIn, keeper: Actor) -> None:
    run = check(table([HEAD, WRONG]), keeper, working_context)
    stranger = as_staff("nasrin")
    for address in (page_of(run), f"{page_of(run)}columns/", f"{page_of(run)}refused.xlsx"):
        assert stranger.get(address).status_code == HTTPStatus.NOT_FOUND
    assert stranger.post(page_of(run), {"step": "cancel"}).status_code == HTTPStatus.NOT_FOUND
    assert stranger.get(f"{LIST}{uuid4()}/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["narges", "bahram", "manager"])
def test_others_bring_nothing_in(as_staff: SignIn, name: str) -> None:
    assert as_staff(name).get(LIST).status_code == HTTPStatus.FORBIDDEN
    assert as_staff(name).post(LIST, upload(table(FAMILY))).status_code == HTTPStatus.FORBIDDEN


# ---------- the refused rows ----------


def test_refused_sheet_is_in_the_readers_language_and_recorded(browser: Client, keeper: Actor, cast: Cast) -> None:
    run = check(table([HEAD, WIFE, WRONG]), keeper, working_context)
    browser.cookies["django_language"] = "fa"
    answer = browser.get(f"{page_of(run)}refused.xlsx")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")
    head, row = rows_of(answer.content)
    assert head == [ROW_HEADING, REASON_HEADING, *HEADINGS.values()]
    assert row[0] == "4"
    assert "ماه" in row[1]
    assert row[2:5] == [WRONG["household_code"], WRONG["relation"], WRONG["given_name"]]
    with working_context(cast["guardian"]):
        assert Entry.objects.filter(action="import.refused-sheet-read", subject_id=str(run.pk)).count() == 1


def test_refused_sheet_sent_again_has_its_own_columns_once(browser: Client, keeper: Actor) -> None:
    first = check(table([HEAD, WIFE, WRONG]), keeper, working_context)
    sheet = browser.get(f"{page_of(first)}refused.xlsx").content
    second = check(sheet, keeper, working_context, name="refused.xlsx")
    head, row = rows_of(browser.get(f"{page_of(second)}refused.xlsx").content)
    assert head == [ROW_HEADING, REASON_HEADING, *HEADINGS.values()]
    assert (row[0], row[2]) == ("2", WRONG["household_code"])


def test_sheet_of_a_file_without_refusals_is_not_there(browser: Client, keeper: Actor) -> None:
    run = check(table(FAMILY), keeper, working_context)
    answer = browser.get(f"{page_of(run)}refused.xlsx")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "No row of this import was refused" in text(answer)


def test_page_and_sheet_after_the_rows_were_deleted(browser: Client, keeper: Actor) -> None:
    bring_in(table([HEAD, WIFE, WRONG]), keeper, working_context)
    (run,) = runs(keeper)
    with working_context(keeper):
        Run.objects.update(ended_at=timezone.now() - timedelta(days=8))
    assert expire_imports() == 1
    page = text(browser.get(page_of(run)))
    assert "The file and its rows are deleted" in page
    assert "refused.xlsx" not in page
    assert browser.get(f"{page_of(run)}refused.xlsx").status_code == HTTPStatus.GONE
    with working_context(keeper):
        assert run_of(UUID(str(run.pk))).rows_refused == 1
