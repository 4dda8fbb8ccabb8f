"""Jobs about jobs."""

from procrastinate import JobContext
from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(name="common.take_up_stalled_jobs", queueing_lock="common.take_up_stalled_jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> int:
    """Every minute: jobs whose worker died in the midst of them begin anew. Answers how many.

    A worker counts as dead when it has not been heard of for half a minute. Every job of this house may run
    twice without harm.
    """
    stalled = list(await context.app.job_manager.get_stalled_jobs())
    for job in stalled:
        await context.app.job_manager.retry_job(job)
    return len(stalled)
