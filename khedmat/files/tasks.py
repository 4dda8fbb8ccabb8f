"""Jobs of the files storey."""

from datetime import timedelta

from procrastinate.contrib.django import app

from khedmat.files.blobs import sweep_orphans

ORPHANS_OLDER_THAN = timedelta(days=1)


@app.periodic(cron="40 3 * * *")
@app.task(name="files.sweep_orphan_blobs", queueing_lock="files.sweep_orphan_blobs")
def sweep_orphan_blobs(timestamp: int) -> int:
    """Daily: removes blobs whose transaction never committed. Answers how many."""
    return sweep_orphans(ORPHANS_OLDER_THAN)
