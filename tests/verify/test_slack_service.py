"""The service as its own process, from a command typed in Slack to the video in the thread."""

import hashlib
from pathlib import Path

from tests.support.local_slack.world import ANA, GENERAL, PRIVATE
from tests.support.slack import words
from tests.support.slack_service import service


async def test_from_a_command_to_the_video_in_the_thread(tmp_path: Path) -> None:
    async with service(tmp_path) as run:
        await run.start()
        assert (await run.people.slash("a red fox runs through snow --yes", channel=PRIVATE)).ok
        await run.slack.until("response_url")
        assert "/invite @Kling" in run.slack.made("response_url")[0].args["text"]
        assert run.rows("SELECT count(*) FROM job") == [(0,)]
        assert (await run.people.slash("a red fox runs through snow --yes")).ok
        await run.until(lambda: len(run.cards()) == 2 and run.videos())
        status, result = run.cards()
        [film] = run.videos()
        assert film["thread_ts"] == result["thread_ts"] == status["ts"]
        data = run.slack.world.file_bytes[film["files"][0]["id"]]
        assert (data[4:8], "red fox" in film["files"][0]["alt_txt"]) == (b"ftyp", True)
        assert hashlib.sha256(data).hexdigest() == run.rows("SELECT video FROM job")[0][0]
        receipt = next(
            one
            for block in result["blocks"]
            for one in block.get("elements", ())
            if "receipt:" in str(one.get("value"))
        )
        assert (await run.people.press(result, receipt["value"])).ok
        await run.slack.until("response_url", times=2)
        assert "Credits" in words(run.slack.made("response_url")[1].args["blocks"])
        assert (await run.people.mention("+ at night --yes", thread=status["ts"])).ok
        await run.until(lambda: len(run.videos()) == 2)
        assert run.rows("SELECT count(*) FROM job WHERE parent IS NOT NULL") == [(1,)]
        assert (await run.people.home()).ok
        await run.slack.until("views.publish")
        home = run.slack.methods.homes[ANA]
        assert f"https://acme.slack.com/archives/{GENERAL}/" in str(home)
        assert run.slack.refusals() == [one for one in run.slack.refusals() if one.error == "channel_not_found"]
        assert "xoxb" not in run.logs[0].read_text()
