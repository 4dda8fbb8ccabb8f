"""Small registers of made-up people as files, and the way of a file through the engine."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from khedmat.common.actor import Actor
from khedmat.imports.actions import counts_of, import_next_chunk, map_columns, receive_file, start_import
from khedmat.imports.checking import check_run, preview
from khedmat.imports.models import Run
from khedmat.imports.selectors import run_of

Acting = Callable[[Actor], AbstractContextManager[None]]
SERIES = {"series": "amayesh-17"}
HEADINGS = {
    "household_code": "کد خانوار",
    "relation": "نسبت با سرپرست",
    "given_name": "نام",
    "family_name": "نام خانوادگی",
    "father_name": "نام پدر",
    "sex": "جنسیت",
    "birth_on": "تاریخ تولد",
    "nationality": "تابعیت",
    "document_kind": "نوع مدرک",
    "document_number": "شماره مدرک",
    "valid_until": "تاریخ اعتبار",
    "fida_code": "کد فراگیر",
    "county": "شهرستان",
    "address": "نشانی",
    "postal_code": "کد پستی",
    "phone": "تلفن همراه",
}
HEAD = {
    "household_code": "خ-1",
    "relation": "سرپرست",
    "given_name": "نجیب‌الله",
    "family_name": "محمدی",
    "father_name": "عبدالرحیم",
    "sex": "مرد",
    "birth_on": "1361/02/05",
    "nationality": "افغانستان",
    "document_kind": "کارت آمایش",
    "document_number": "17440000011",
    "valid_until": "1404/12/29",
    "fida_code": "110000000011",
    "county": "شهریار",
    "address": "شهریار، خیابان ولیعصر",
    "postal_code": "3351634871",
    "phone": "09121234567",
}
WIFE = HEAD | {
    "relation": "همسر",
    "given_name": "ذکیه",
    "father_name": "غلام‌سخی",
    "sex": "زن",
    "birth_on": "1366/11/20",
    "document_number": "17440000012",
    "fida_code": "110000000012",
}
SON = HEAD | {
    "relation": "پسر",
    "given_name": "امید",
    "father_name": "نجیب‌الله",
    "birth_on": "1394/07/01",
    "document_number": "17440000013",
    "fida_code": "",
}
FAMILY = (HEAD, WIFE, SON)


def table(rows: Iterable[Mapping[str, str]], *, encoding: str = "utf-8") -> bytes:
    """A CSV file with the canonical headings."""
    lines = [",".join(HEADINGS.values())]
    lines += [",".join(f'"{row[code]}"' for code in HEADINGS) for row in rows]
    return "\r\n".join(lines).encode(encoding)


def send(data: bytes, by: Actor, acting: Acting, *, name: str = "register.csv", source: str = "Old system") -> Run:
    """Received, with the guessed columns named."""
    with acting(by):
        run = receive_file(data, name, kind="people", source_name=source, options=SERIES, by=by)
        found = preview(run_of(run.pk)).found
        return map_columns(run.pk, found.guesses, found.headings, date_orders={}, by=by)


def check(data: bytes, by: Actor, acting: Acting, **how: str) -> Run:
    """Sent and checked."""
    run = send(data, by, acting, **how)
    check_run(run.pk, by=by)
    with acting(by):
        return run_of(run.pk)


def bring_in(data: bytes, by: Actor, acting: Acting, **how: str) -> dict[str, int]:
    """Sent, checked and imported; the counts."""
    run = check(data, by, acting, **how)
    with acting(by):
        start_import(run.pk, by=by)
    return finish(run, by, acting)


def finish(run: Run, by: Actor, acting: Acting) -> dict[str, int]:
    """The rest of an import that is under way."""
    more = True
    while more:
        with acting(by):
            more = import_next_chunk(run.pk, by=by)
    with acting(by):
        return counts_of(run_of(run.pk))
