"""Each untidiness of a cell: what is read from it, or why it is refused."""

from datetime import date, datetime

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.common.identifiers import IdentifierError, normalise_mobile
from khedmat.common.jalali import from_jalali
from khedmat.imports import cells
from khedmat.imports.cells import Read
from khedmat.imports.dates import date_order_of_column, order_of, parts_of, read_date
from khedmat.imports.enums import DateKind, DateOrder
from khedmat.imports.reasons import SENTENCES, Finding, Problem, reason_text, shown_value
from khedmat.registry.importing.people import PEOPLE

TODAY = from_jalali(1405, 9, 1)


def said(found: object) -> str:
    """The Persian sentence, without the marks that isolate values."""
    assert isinstance(found, Finding)
    with override("fa"):
        return reason_text(found, PEOPLE).replace("\u2068", "").replace("\u2069", "")


def notes_of(found: object) -> list[str]:
    assert isinstance(found, Read)
    return [note.code for note in found.notes]


def birth(cell: object, order: DateOrder = DateOrder.AMBIGUOUS) -> Read[date | None] | Problem:
    return read_date(cell, "birth_on", kind=DateKind.BIRTH, order=order, today=TODAY)


def day(cell: object, order: DateOrder = DateOrder.AMBIGUOUS) -> date | None:
    found = birth(cell, order)
    if isinstance(found, Problem):
        pytest.fail(said(found))
    return found.value


FIFTH_ORDIBEHESHT_95 = from_jalali(1395, 2, 5)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("علي", "علی"),
        ("كريمي", "کریمی"),
        ("مصطفى", "مصطفی"),
        ("مـحـمـد", "محمد"),
        ("\xa0زهرا\xa0", "زهرا"),
        ("\u200cزهرا\u200c", "زهرا"),
        ("\u200eزهرا\u200f", "زهرا"),
        ("غلام\xa0 رضا", "غلام رضا"),
        ("سید\u200cحسن", "سید\u200cحسن"),
        ("سید\u200c حسن", "سید حسن"),
        ("ﻋﻠﯽ", "علی"),
        ("خیابان\nبهار", "خیابان بهار"),
    ],
)
def test_name_is_cleaned(written: str, read: str) -> None:
    assert cells.name(written, "given_name") == Read(read)


def test_name_with_digits_is_refused() -> None:
    assert said(cells.name("علی ۲", "given_name")) == "در نام «علی ۲» عدد هست. فقط نام را بنویسید."
    assert isinstance(cells.name(12.0, "given_name"), Problem)


@pytest.mark.parametrize("blank", [None, "", " ", "\xa0", "\u200c", "-", "ـ", "---"])
def test_name_of_marks_alone_is_blank(blank: object) -> None:
    assert cells.name(blank, "family_name") == Read("")


def test_name_with_nul_is_refused() -> None:
    assert said(cells.name("عل\x00ی", "given_name")) == (
        "در نام «عل ی» نویسه‌ای نادیدنی هست. آن را به‌جای چسباندن، دوباره تایپ کنید."
    )


def test_text_longer_than_its_column_is_refused() -> None:
    assert said(cells.text("ب" * 401, "address", most=400)).endswith(
        "بیش از اندازه بلند است. حداکثر ۴۰۰ نویسه بنویسید."
    )


def test_text_given_as_a_number_is_noted() -> None:
    assert notes_of(cells.text(12.0, "address", most=9)) == ["number-as-text"]


@pytest.mark.parametrize(
    "formula",
    ['=HYPERLINK("http://x","y")', "@SUM(A1)", "+cmd|' /C calc'!A0", "-A1+2", "=1+1", "\t=A1", "\u200e=A1", "-SUM(A1)"],
)
def test_formula_is_refused(formula: str) -> None:
    found = cells.text(formula, "address", most=400)
    assert said(found).endswith("مانند فرمول است. خودِ مقدار را بنویسید.")
    assert isinstance(cells.number_text(formula, "household_code"), Problem)


@pytest.mark.parametrize("text", ["- علی", "+98 912", "-", "الف=ب"])
def test_sign_that_runs_nothing_is_kept(text: str) -> None:
    assert isinstance(cells.text(text, "address", most=400), Read)


@pytest.mark.parametrize("given_cell", [12345.0, 12345, "12345.0", "۱۲۳۴۵", "١٢٣٤٥", "'12345", " 12345\xa0", "۱۲۳۴۵٫۰"])
def test_number_in_any_writing(given_cell: object) -> None:
    assert cells.code(given_cell, "household_code") == Read("12345")


@pytest.mark.parametrize("given_cell", [1.2e15, float(2**53 + 2), 12345678901234567, "1.2E+15", "1E+11"])
def test_number_that_lost_digits_is_refused(given_cell: object) -> None:
    assert said(cells.document_number(given_cell, "document_number")).endswith(
        "را اکسل کوتاه کرده و رقم‌های آخر آن از دست رفته است. ستون را متنی (Text) کنید و شماره را دوباره بنویسید."
    )


def test_number_with_fraction_is_refused() -> None:
    assert said(cells.document_number(17.5, "document_number")) == (
        "شمارهٔ مدرک «17.5» اعشار دارد. شماره را همان‌گونه که روی مدرک است بنویسید."
    )


def test_number_turned_into_a_date_is_refused() -> None:
    assert "به تاریخ تبدیل کرده" in said(cells.document_number(datetime(2016, 4, 13), "document_number"))  # noqa: DTZ001


def test_document_number_in_the_stored_form() -> None:
    assert cells.document_number("ab-۱۲ ٣٤", "document_number") == Read("AB1234")
    assert said(cells.document_number("12*34", "document_number")).startswith("در شمارهٔ مدرک «12*34» نشانه‌ای هست")
    assert said(cells.document_number("1" * 41, "document_number")).endswith("حداکثر ۴۰ نویسه بنویسید.")


def test_postal_code_gets_its_lost_zero_back() -> None:
    found = cells.postal_code(134567891.0, "postal_code")
    assert isinstance(found, Read)
    assert found.value == "0134567891"
    assert said(found.notes[0]) == "صفرِ آغاز کد پستی «134567891» افتاده بود؛ به‌صورت 0134567891 خوانده شد."


def test_postal_code_too_short_is_refused() -> None:
    assert said(cells.postal_code("12345", "postal_code")) == (
        "کد پستی «12345» ۵ رقم دارد، ولی باید ۱۰ رقم باشد. آن را دوباره از روی مدرک بخوانید."
    )
    assert said(cells.postal_code("تهران", "postal_code")).endswith("شماره نیست. فقط رقم‌های آن را بنویسید.")


@pytest.mark.parametrize(
    "written", ["0912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "+989123456789", "00989123456789", "0912-345-6789"]
)
def test_mobile_in_any_writing(written: str) -> None:
    assert cells.mobile(written, "phone") == Read("+989123456789")


@pytest.mark.parametrize("written", [9123456789.0, 9123456789, "9123456789"])
def test_mobile_gets_its_lost_zero_back(written: object) -> None:
    found = cells.mobile(written, "phone")
    assert isinstance(found, Read)
    assert (found.value, notes_of(found)) == ("+989123456789", ["leading-zeros"])


def test_mobile_of_a_neighbour_and_none() -> None:
    assert cells.mobile("+93 70 123 4567", "phone") == Read("+93701234567")
    assert said(cells.mobile("021 8888 7777", "phone")) == (
        "تلفن همراه «021 8888 7777» شمارهٔ تلفن همراه نیست. ۱۱ رقم با آغاز ۰۹، یا علامت + و کد کشور را بنویسید."
    )


@given(st.from_regex(r"(\+98|0098|98|0)?9[0-9]{9}", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_mobile_fast_path_says_what_the_library_says(typed: str) -> None:
    found = cells.mobile(typed, "phone")
    try:
        expected = normalise_mobile(typed.replace("00", "+", 1) if typed.startswith("00") else typed)
    except IdentifierError:
        assert isinstance(found, Problem)
    else:
        assert isinstance(found, Read)
        assert found.value == expected


@pytest.mark.parametrize(
    "written",
    [
        "1395/2/5", "۱۳۹۵/۲/۵", "١٣٩٥/٠٢/٠٥", "1395-02-05", "13950205", 13950205, 13950205.0, "۱۳۹۵۰۲۰۵", "95.2.5",
        "95/02/05", "5/2/95", "05-02-1395", "1395.2.5", "1395 / 2 / 5", "1395\\2\\5", "5 اردیبهشت 1395",
        "۵ ثور ۱۳۹۵", "\u200e1395/02/05\u200f", "1395-02-05 00:00:00", "'1395/02/05", "05021395", "950205",
    ],
)  # fmt: skip
def test_date_in_any_writing(written: object) -> None:
    assert day(written) == FIFTH_ORDIBEHESHT_95


@pytest.mark.parametrize("blank", [None, "", " ", "\u200c"])
def test_date_of_nothing_is_none(blank: object) -> None:
    assert birth(blank) == Read(None)


def test_issue_example_is_day_first() -> None:
    assert day("25/1/95") == date(2016, 4, 13)


def test_date_with_two_readings_is_refused_with_both() -> None:
    assert said(birth("5/2/12")) == (
        "تاریخ تولد «5/2/12» دو جور خوانده می‌شود: ۱۴۰۵/۰۲/۱۲ یا ۱۳۱۲/۰۲/۰۵. "
        "سال را چهاررقمی بنویسید، یا ترتیب این ستون را انتخاب کنید."
    )
    assert isinstance(birth("5/2/12", DateOrder.MIXED), Problem)


def test_date_with_two_readings_follows_the_order_of_its_column() -> None:
    assert day("5/2/12", DateOrder.YEAR_FIRST) == from_jalali(1405, 2, 12)
    assert day("5/2/12", DateOrder.DAY_FIRST) == from_jalali(1312, 2, 5)


def test_date_with_one_value_in_both_readings_is_read() -> None:
    assert day("5/2/5") == from_jalali(1405, 2, 5)


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["25/1/95", "1/2/3"], DateOrder.DAY_FIRST),
        (["95/1/25", "1/2/3", None, "x"], DateOrder.YEAR_FIRST),
        (["1395/1/25", "25/1/95"], DateOrder.MIXED),
        (["1/2/3", "4/5/6"], DateOrder.AMBIGUOUS),
        ([], DateOrder.AMBIGUOUS),
        ([13950205.0, "25-1-95"], DateOrder.MIXED),
    ],
)
def test_order_is_decided_for_a_column(column: list[object], order: DateOrder) -> None:
    assert date_order_of_column(column) == order


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("31/12/95", "تاریخ تولد «31/12/95» خوانده نمی‌شود: اسفند ۱۳۹۵، ۳۰ روز دارد. تاریخ درست را بنویسید."),
        ("1398/12/30", "تاریخ تولد «1398/12/30» خوانده نمی‌شود: اسفند ۱۳۹۸، ۲۹ روز دارد. تاریخ درست را بنویسید."),
        ("1395/13/1", "تاریخ تولد «1395/13/1» خوانده نمی‌شود: ماه ۱۳ وجود ندارد. تاریخ درست را بنویسید."),
        ("2/25/2016", "تاریخ تولد «2/25/2016» خوانده نمی‌شود: ماه ۲۵ وجود ندارد. تاریخ درست را بنویسید."),
        ("1395/0/1", "تاریخ تولد «1395/0/1» تاریخ کامل نیست. سال، ماه و روز را مانند ۱۳۹۵/۰۲/۰۵ بنویسید."),
        ("1395", "تاریخ تولد «1395» تاریخ کامل نیست. سال، ماه و روز را مانند ۱۳۹۵/۰۲/۰۵ بنویسید."),
        ("1395/02", "تاریخ تولد «1395/02» تاریخ کامل نیست. سال، ماه و روز را مانند ۱۳۹۵/۰۲/۰۵ بنویسید."),
        ("1600/1/1", "تاریخ تولد «1600/1/1» خوانده نمی‌شود: سال ۱۶۰۰ ممکن نیست. سال را چهاررقمی بنویسید."),
        ("395/1/1", "تاریخ تولد «395/1/1» خوانده نمی‌شود: سال ۳۹۵ ممکن نیست. سال را چهاررقمی بنویسید."),
        ("1410/1/1", "تاریخ تولد «1410/1/1» در آینده است (۱۴۱۰/۰۱/۰۱). تاریخ درست را بنویسید."),
        ("1250/1/1", "تاریخ تولد «1250/1/1» پیش از سال ۱۲۶۰ است (۱۲۵۰/۰۱/۰۱). تاریخ درست را بنویسید."),
        ("نامعلوم", "تاریخ تولد «نامعلوم» تاریخ نیست. آن را مانند ۱۳۹۵/۰۲/۰۵ بنویسید."),
        ("95/1/60", "تاریخ تولد «95/1/60» تاریخ نیست. آن را مانند ۱۳۹۵/۰۲/۰۵ بنویسید."),
        (
            42473.0,
            "تاریخ تولد «42473» عددی است که اکسل به‌جای تاریخ نگه می‌دارد. قالب ستون را تاریخ (Date) کنید، "
            "یا تاریخ را مانند ۱۳۹۵/۰۲/۰۵ بنویسید.",
        ),
    ],
)
def test_date_that_cannot_be_says_why(written: object, reason: str) -> None:
    assert said(birth(written)) == reason


def test_reason_in_english() -> None:
    found = birth("1395/13/1")
    assert isinstance(found, Problem)
    with override("en"):
        assert "there is no month 13. Write the right date." in reason_text(found, PEOPLE)


def test_gregorian_year_is_read_with_a_note() -> None:
    found = birth("2016-04-13")
    assert isinstance(found, Read)
    assert (found.value, notes_of(found)) == (date(2016, 4, 13), ["gregorian-date"])
    assert said(found.notes[0]) == "تاریخ تولد «2016-04-13» تاریخ میلادی است و به‌صورت ۱۳۹۵/۰۱/۲۵ خوانده شد."
    assert isinstance(birth("2015/02/29"), Problem)


def test_date_cell_of_a_spreadsheet_is_read_with_a_note() -> None:
    for cell in (date(2016, 4, 13), datetime(2016, 4, 13, 3, 4)):  # noqa: DTZ001
        found = birth(cell)
        assert isinstance(found, Read)
        assert (found.value, notes_of(found)) == (date(2016, 4, 13), ["date-cell"])
    assert day(date(1395, 1, 25)) == date(2016, 4, 13)


def test_two_digit_birth_is_the_latest_past_year() -> None:
    assert day("02/5/40") == from_jalali(1340, 5, 2)
    assert day("99/8/3") == from_jalali(1399, 8, 3)
    assert day("00/8/3") == from_jalali(1400, 8, 3)
    assert day("05/12/1", DateOrder.YEAR_FIRST) == from_jalali(1305, 12, 1)
    assert notes_of(birth("99/8/3")) == ["two-digit-year"]


def test_two_digit_expiry_may_lie_ahead() -> None:
    found = read_date("10/6/31", "valid_until", kind=DateKind.EXPIRY, order=DateOrder.YEAR_FIRST, today=TODAY)
    assert isinstance(found, Read)
    assert found.value == from_jalali(1410, 6, 31)
    past = read_date("99/6/31", "valid_until", kind=DateKind.EXPIRY, order=DateOrder.YEAR_FIRST, today=TODAY)
    assert isinstance(past, Read)
    assert past.value == from_jalali(1399, 6, 31)


def test_expiry_far_ahead_and_issue_in_future_are_refused() -> None:
    far = read_date("1450/1/1", "valid_until", kind=DateKind.EXPIRY, order=DateOrder.AMBIGUOUS, today=TODAY)
    assert said(far) == "تاریخ اعتبار «1450/1/1» بیش از اندازه دور است (۱۴۵۰/۰۱/۰۱). تاریخ درست را بنویسید."
    issue = read_date("1406/1/1", "issued_on", kind=DateKind.ISSUE, order=DateOrder.AMBIGUOUS, today=TODAY)
    assert said(issue) == "تاریخ صدور «1406/1/1» در آینده است (۱۴۰۶/۰۱/۰۱). تاریخ درست را بنویسید."


def test_shown_value_is_one_short_line() -> None:
    assert shown_value("الف\n\u202eب" + "ج" * 90) == "الف ب" + "ج" * 34 + "…"
    assert shown_value(12345.0) == "12345"


def test_problem_survives_json() -> None:
    found = birth("5/2/12")
    assert isinstance(found, Problem)
    assert Problem.from_json(found.as_json()) == found


ANY_CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.text(alphabet="0123456789۰۱۲٣٤/-. \u200c\xa0ـ+'=@E", max_size=14),
)


@given(ANY_CELL)
@settings(max_examples=400, deadline=None)
def test_every_reader_is_total_and_every_reason_is_a_sentence(cell: object) -> None:
    outcomes = [
        cells.text(cell, "address", most=400),
        cells.name(cell, "given_name"),
        cells.code(cell, "household_code"),
        cells.document_number(cell, "document_number"),
        cells.digits(cell, "fida_code", least=6, most=20),
        cells.postal_code(cell, "postal_code"),
        cells.mobile(cell, "phone"),
        *(read_date(cell, "birth_on", kind=kind, order=order, today=TODAY) for kind in DateKind for order in DateOrder),
    ]
    for outcome in outcomes:
        for found in [outcome] if isinstance(outcome, Problem) else outcome.notes:
            assert len(said(found)) > 10
            assert found.code in SENTENCES


@given(st.integers(1300, 1405), st.integers(1, 12), st.integers(1, 29), st.sampled_from("/-."), st.booleans())
def test_date_written_out_is_read_back(year: int, month: int, days: int, sign: str, zeros: bool) -> None:
    width = 2 if zeros else 1
    written = f"{year}{sign}{month:0{width}}{sign}{days:0{width}}"
    expected = from_jalali(year, month, days)
    if expected <= TODAY:
        assert day(written) == expected
        assert order_of(parts_of(written) or pytest.fail("no parts")) == DateOrder.YEAR_FIRST
