"""`kill -9` where Slack is concerned: between hearing and storing, between an upload and the note of it.

The process is the real `klingbot run`; the local Slack and the sandbox live on. Slack tells again of what wasn't
acknowledged, as it does.
"""

import asyncio
from pathlib import Path

from tests.support.local_slack.world import BOT
from tests.support.slack_service import Service, service

KILLED = -9


async def test_one_message_is_one_job_and_one_video_whenever_the_service_dies(tmp_path: Path) -> None:
    async with service(tmp_path) as run:
        await run.start()
        said = run.people.write(f"<@{BOT}> a red fox runs through snow --yes")
        telling = asyncio.create_task(run.people.mention("", message=said, event_id="Ev1"))
        await asyncio.sleep(0)
        run.kill()
        assert await run.dead() == KILLED
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)

        kill_at(run, "files.completeUploadExternal")
        await run.start()
        assert (await run.people.mention("", message=said, event_id="Ev1", retry=1)).ok
        assert await run.dead() == KILLED

        kill_at(run, "chat.postMessage")
        await run.start()
        assert await run.dead() == KILLED

        run.slack.before_answer = lambda called: None
        await run.start()
        assert (await run.people.mention("", message=said, event_id="Ev2", retry=2)).ok
        await run.until(lambda: run.rows("SELECT state FROM delivery WHERE kind = 'result'") == [("posted",)])
        assert [one["thread_ts"] for one in run.videos()] == [said["ts"]]
        assert len(run.cards()) == 2
        assert run.rows("SELECT count(*), min(state) FROM job") == [(1, "done")]
        assert len(run.sandbox.sold) == 1


def kill_at(run: Service, method: str) -> None:
    """Die when Slack has carried out this method, before the service hears of it."""

    def look(called: str) -> None:
        if called == method:
            run.kill()

    run.slack.before_answer = look
