"""Jobs of the record."""

from procrastinate.contrib.django import app

from khedmat.audit.actions import link_new_entries


@app.periodic(cron="* * * * *")
@app.task(name="audit.link_new_entries", queueing_lock="audit.link_new_entries")
def link_new_entries_job(timestamp: int) -> int:
    """Every minute: gives new entries their place in the hash chain. Answers how many."""
    return link_new_entries()
