"""Background jobs: what expires by itself. No family is opened."""

from procrastinate.contrib.django import app

from khedmat.casework.drafts import expire_drafts


@app.periodic(cron="35 2 * * *")
@app.task(name="casework.expire_drafts", queueing_lock="casework.expire_drafts")
def expire_drafts_job(timestamp: int) -> int:
    """Each night: drafts of more than seven days. Answers how many."""
    return expire_drafts()
