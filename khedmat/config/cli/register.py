"""The register from the command line: the same engine as on the pages, for large files and for scripts."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from khedmat.config.cli.actors import acting_as
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.site import load_django

if TYPE_CHECKING:
    from khedmat.common.actor import Actor
    from khedmat.imports.models import Run

DEFAULT_SOURCE = "Command line"
ROWS_REFUSED = 1


def add_to(subcommands: Any) -> None:
    """Add `register import` and `register example`."""
    register = subcommands.add_parser("register", help="bring last round's register in from a file")
    actions = register.add_subparsers(dest="action", required=True, metavar="ACTION")
    bring = actions.add_parser("import", help="check a file and, with --commit, import it; 1 where rows were refused")
    bring.add_argument("file", type=Path, help="an Excel workbook (.xlsx) or a CSV file")
    bring.add_argument("--round", required=True, help="the round whose cards the file lists, e.g. 'Amayesh 17'")
    bring.add_argument(
        "--commit", action="store_true", help="import what the check allows; without it nothing is written"
    )
    bring.add_argument("--mapping", default=DEFAULT_SOURCE, help="the source whose headings are remembered")
    bring.add_argument("--sheet", default="", help="the sheet to read (default: the first that is not empty)")
    bring.add_argument("--refused", type=Path, help="write the refused rows with their reasons to this .xlsx")
    bring.add_argument("--json", action="store_true", help="print the counts as JSON")
    bring.add_argument("--as", dest="acting", help="user name of the keeper of the register (default: the only one)")
    bring.set_defaults(run=_import)
    example = actions.add_parser("example", help="write an untidy file of made-up people, to try it with")
    example.add_argument("file", type=Path)
    example.add_argument("--rows", type=int, default=2_000)
    example.add_argument("--seed", type=int, default=1)
    example.add_argument("--province", default="تهران")
    example.set_defaults(run=_example)


def _import(given: argparse.Namespace) -> int:
    load_django()
    from khedmat.common.errors import DomainError
    from khedmat.vault.context import working_context

    actor = acting_as(given.acting, role="register_keeper", purpose="keep_register")
    try:
        run = _run_for(given, actor)
        _check(run, given, actor)
        if given.commit:
            _commit(run, given, actor)
        with working_context(actor):
            return _report(run, given, actor)
    except DomainError as error:
        raise PlatformError(str(error)) from error


def _run_for(given: argparse.Namespace, actor: "Actor") -> "Run":
    """A run of this very file that was begun and not ended is gone on with; else a new one."""
    from khedmat.imports.actions import file_digest, map_columns, receive_file
    from khedmat.imports.checking import preview
    from khedmat.imports.enums import RunState
    from khedmat.imports.run_errors import ColumnsMissing
    from khedmat.imports.selectors import run_of, source_named, unfinished_run
    from khedmat.registry.rules import read_series
    from khedmat.vault.context import working_context

    try:
        data = given.file.read_bytes()
    except OSError as error:
        raise PlatformError(f"{given.file} cannot be read: {error.strerror}") from error
    series = read_series(given.round)
    with working_context(actor):
        source = source_named(given.mapping, "people")
        run = unfinished_run(source, file_digest(data)) if source else None
        if run is None:
            options = {"series": series}
            run = receive_file(
                data, given.file.name, kind="people", source_name=given.mapping, options=options, by=actor
            )
        if run.state in {RunState.UPLOADED, RunState.FAILED}:
            found = preview(run_of(run.pk), sheet=given.sheet).found
            try:
                map_columns(run.pk, found.guesses, found.headings, date_orders={}, sheet=given.sheet, by=actor)
            except ColumnsMissing as error:
                missing = ", ".join(found.missing_required)
                raise PlatformError(f"no column was found for: {missing}. Name the headings on screen once.") from error
        return run_of(run.pk)


def _check(run: "Run", given: argparse.Namespace, actor: "Actor") -> None:
    from khedmat.imports.checking import check_run
    from khedmat.imports.enums import RunState

    is_under_way = run.state in {RunState.IMPORTING, RunState.PAUSED}
    if not is_under_way and not (given.commit and run.state == RunState.CHECKED):
        check_run(run.pk, by=actor, progress=_progress("checking", given))


def _commit(run: "Run", given: argparse.Namespace, actor: "Actor") -> None:
    from khedmat.imports.actions import import_next_chunk, start_import
    from khedmat.imports.enums import RunState
    from khedmat.imports.selectors import run_of
    from khedmat.vault.context import working_context

    with working_context(actor):
        if run_of(run.pk).state != RunState.IMPORTING:
            start_import(run.pk, by=actor)
    progress, more = _progress("importing", given), True
    while more:
        with working_context(actor):
            more = import_next_chunk(run.pk, by=actor)
            now = run_of(run.pk)
        progress(now.groups_done, now.groups)


def _progress(words: str, given: argparse.Namespace) -> Any:
    shown = sys.stderr.isatty() and not given.json

    def show(done: int, of: int) -> None:
        if shown and of:
            print(f"\r{words} … {min(100, done * 100 // of)} %", end="" if done < of else "\n", file=sys.stderr)

    return show


def _report(run: "Run", given: argparse.Namespace, actor: "Actor") -> int:
    from khedmat.imports.actions import counts_of, refused_sheet_of
    from khedmat.imports.selectors import run_of, tallies

    now = run_of(run.pk)
    counts = counts_of(now)
    found = [{"code": one.code, "field": one.field, "rows": one.rows, "refused": one.refuses} for one in tallies(now)]
    if given.refused and now.rows_refused:
        given.refused.write_bytes(refused_sheet_of(now.pk, by=actor))
    if given.json:
        print(json.dumps({"run": str(now.pk), "state": now.state, **counts, "findings": found}, ensure_ascii=False))
    else:
        print(
            f"{counts['read']:,} rows read = {counts['new']:,} new + {counts['changed']:,} changed + "
            f"{counts['unchanged']:,} unchanged + {counts['refused']:,} refused; {counts['questions']:,} questions."
        )
        for one in found:
            print(f"  {'refused' if one['refused'] else 'noted':<8}{one['rows']:>8,}  {one['code']} {one['field']}")
        print("Imported." if now.state == "done" else "Nothing is written yet: add --commit to import.")
    return ROWS_REFUSED if now.rows_refused else 0


def _example(given: argparse.Namespace) -> int:
    load_django()
    from khedmat.config.demo.untidy_register import Form, write_untidy_register

    forms: dict[str, Form] = {".xlsx": "xlsx", ".csv": "csv-utf8"}
    form = forms.get(given.file.suffix.lower())
    if form is None:
        raise PlatformError("name the file .xlsx or .csv")
    write_untidy_register(given.file, rows=given.rows, seed=given.seed, province=given.province, form=form)
    print(f"{given.file}: {given.rows:,} rows of made-up people.")
    return 0
