"""`khedmat register import` as its own process on a site of its own: killed, gone on with, measured."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from khedmat.config.demo.untidy_register import write_untidy_register
from tests.robustness.own_site import ROOT, OwnSite

# What the register holds after an import, but for ids, seals and times. Keyed indexes stand for sealed values.
_STATE = """
SELECT md5(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) FROM (
  SELECT concat_ws('|', encode(h.code_index, 'hex'), encode(h.phone_index, 'hex'), h.county_id, p.position,
    p.given_name, p.family_name, p.latin_name, p.father_name, p.grandfather_name, p.sex, p.birth_on, p.relation,
    p.birth_place IS NULL, p.nationality IS NULL, h.address IS NULL, h.postal_code IS NULL,
    (SELECT string_agg(concat_ws('/', d.kind, encode(d.number_index, 'hex'), d.series, d.issued_on, d.valid_until), ','
       ORDER BY d.kind, d.number_index) FROM registry_persondocument d WHERE d.person_id = p.id),
    (SELECT string_agg(concat_ws('/', v.way, v.row, v.fields::text), ',' ORDER BY v.row, v.fields::text)
       FROM registry_provenance v WHERE v.person_id = p.id)) AS line
  FROM registry_person p JOIN registry_household h ON h.id = p.household_id) AS lines
"""
_EMPTIED = "registry_household, registry_person, imports_source, imports_run"


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run of the command printed; `peak_kb` is its largest resident memory."""

    status: int
    counts: dict[str, Any]
    seconds: float
    peak_kb: int


class WholeImport:
    """One file on one site."""

    def __init__(self, site: OwnSite, path: Path) -> None:
        self._site, self._path, self._words = site, path, path.with_suffix(".words")

    def run(self, *, commit: bool = True) -> Ended:
        """To its end."""
        began = time.monotonic()
        process = self._started(commit)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _peak_kb(process.pid))
            time.sleep(0.05)
        printed = process.communicate()[0].decode()
        assert process.returncode in {0, 1}, self._words.read_text()
        assert printed, self._words.read_text()
        return Ended(process.returncode, json.loads(printed), time.monotonic() - began, peak)

    def kill_after(self, seconds: float) -> bool:
        """kill -9 after so long; false when the command had ended by then."""
        process = self._started(commit=True)
        try:
            process.communicate(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            return True

    def state(self) -> str:
        """A digest of all that the register holds."""
        with self._site.owner() as cursor:
            cursor.execute(_STATE.encode())
            row = cursor.fetchone()
        assert row is not None
        return str(row[0])

    def people(self) -> int:
        """How many the register holds."""
        with self._site.owner() as cursor:
            cursor.execute("SELECT count(*) FROM registry_person")
            row = cursor.fetchone()
        assert row is not None
        return int(row[0])

    def owner_url(self) -> str:
        """Where the tables' owner connects."""
        return self._site.owner_url()

    def empty(self) -> None:
        """As before the first import."""
        with self._site.owner() as cursor:
            cursor.execute(f"TRUNCATE {_EMPTIED} CASCADE".encode())

    def _started(self, commit: bool) -> subprocess.Popen[bytes]:
        words = ["register", "import", str(self._path), "--round", "Amayesh 17", "--as", "daftari", "--json"]
        with self._words.open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "khedmat.config.cli", *words, *(["--commit"] if commit else [])],
                cwd=ROOT,
                env=self._site.environment,
                stdout=subprocess.PIPE,
                stderr=said,
            )


@contextlib.contextmanager
def whole_import(rows: int, *, seed: int = 1405) -> Iterator[WholeImport]:
    """A site without web and jobs, and an untidy file of so many rows; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="khedmat-import-"))
    site = OwnSite(folder)
    try:
        site.prepare()
        path = folder / "register.xlsx"
        write_untidy_register(path, rows=rows, seed=seed, province="تهران", form="xlsx")
        yield WholeImport(site, path)
    finally:
        site.remove()


def _peak_kb(pid: int) -> int:
    """Of the process and the one that reads the workbook for it."""
    peak = 0
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (str(pid), *children):
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{one}/status").read_text())
            peak += int(found[1]) if found else 0
    return peak
