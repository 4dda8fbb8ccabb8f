"""How long does an untidy register take to come in, and how much memory? `make bench ONLY=register_import`

Makes a site of its own, checks and imports 100,000 rows by the command, imports the same file again, and writes
the same rows by COPY into a bare table in the same run: the ratio is what the machine's speed leaves alone.
"""

import sys
import time

import psycopg

from khedmat.config.platform.site import load_django

ROWS = 100_000


def main() -> int:
    """Print seconds, memory and the ratio to COPY."""
    load_django()
    from tests.imports.whole_import import whole_import

    with whole_import(ROWS) as job:
        checked = job.run(commit=False)
        imported = job.run()
        again = job.run()
        copied = _copied(job.owner_url(), ROWS)
    print(f"{ROWS:,} untidy rows: {imported.counts['new']:,} new, {imported.counts['refused']:,} refused")
    print(f"{'':<28}{'seconds':>9}{'rows/s':>10}{'memory MB':>11}")
    lines = (("check (dry run)", checked), ("import after the check", imported), ("check and import again", again))
    for words, ended in lines:
        print(f"{words:<28}{ended.seconds:>9.1f}{ROWS / ended.seconds:>10,.0f}{ended.peak_kb / 1024:>11.0f}")
    print(f"{'COPY into a bare table':<28}{copied:>9.1f}{ROWS / copied:>10,.0f}")
    print(f"import / COPY: {imported.seconds / copied:.1f}; changed by the second time: {again.counts['changed']}")
    return 0 if again.counts["changed"] == again.counts["new"] == 0 else 1


def _copied(url: str, rows: int) -> float:
    """Seconds for as many rows of the same width, without any of what makes them a register."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_rows (" + ", ".join(f"c{n} text" for n in range(20)) + ")")
        began = time.monotonic()
        with cursor.copy("COPY bench_rows FROM STDIN") as copy:
            for number in range(rows):
                copy.write_row([f"{number} value of column {n}" for n in range(20)])
        connection.commit()
        seconds = time.monotonic() - began
        cursor.execute("DROP TABLE bench_rows")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
