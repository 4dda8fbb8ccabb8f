"""Background jobs. Arguments carry ids only; a message belongs to nobody's work, so no one's context is opened."""

from uuid import UUID

from procrastinate.contrib.django import app

from khedmat.notices.expiry import expire_notices
from khedmat.notices.sending import SEND_JOB, send_due_messages, send_message


@app.task(name=SEND_JOB)
def send_job(message_id: str) -> None:
    """Send one message. What does not go out is tried again by `send_due_job`."""
    send_message(UUID(message_id))


@app.periodic(cron="*/5 * * * *")
@app.task(name="notices.send_due", queueing_lock="notices.send_due")
def send_due_job(timestamp: int) -> int:
    """Every five minutes: messages whose next try has come. Answers how many."""
    return send_due_messages()


@app.periodic(cron="45 2 * * *")
@app.task(name="notices.expire", queueing_lock="notices.expire")
def expire_notices_job(timestamp: int) -> int:
    """Each night: slips that ended, messages of more than a year. Answers how many."""
    return expire_notices()
