"""Wrong input → the words that must be in the answer: the limit, the value found, the next step.

Around every row the books are compared: ledger, balances, limits, the operator's month, files on the disk, open asks,
jobs, attempts, deliveries, calls at providers, messages in the chat. A refusal leaves all of them as they were.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import wrongs
from tests.support.desk import CEILING
from tests.support.front import ADA, BEN, CAT, front, photo, shown
from tests.support.media import file_of, noise
from tests.support.wrongs import Prepare

Picture = Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One row. `says` and `presses` may hold `{made}`, which `prepare` answers, and `{web}`, an address in public."""

    what: str
    says: str = ""
    presses: str = ""
    pictures: tuple[Picture, ...] = ()
    by: str = BEN
    team: str = "team"
    prepare: Prepare | None = None
    ceiling: int = CEILING
    title: str
    limit: str = ""
    found: str = ""
    then: str
    footer: str = "Nothing was spent."
    ways: tuple[str, ...] = ()
    """What the buttons say that carry a way out; an ask and its pictures are kept for them, and nothing else."""


KEPT_FOR_WAYS = ("asks", "blobs", "files")

TABLE = (
    # what may be spent
    Wrong(what="none left", says="a fox", prepare=wrongs.nothing_left, title="Over the limit",
          limit="The limit of #general is 56 credits a month", found="0 credits left, and this costs 56",
          then="Try something shorter, or ask an administrator"),
    Wrong(what="over the cap", says="a fox", prepare=wrongs.limited(40), title="Over the limit",
          limit="The limit of #general is 40 credits a month", found="40 credits left, and this costs 56",
          then="It resets 1 December. Try something shorter, or ask an administrator"),
    Wrong(what="a workspace that isn't admitted", says="a fox", team="strangers",
          title="Not enough credits in the team's pool", limit="The pool has 0 credits left", found="this costs 56",
          then="An administrator can add some: quota topup 1000"),
    Wrong(what="the operator's ceiling", says="a fox", ceiling=270_000, title="The operator's ceiling is reached",
          limit="may cost $0.27 a month", found="$0.00 are used, and this costs $0.28",
          then="Only the operator can raise it (KLINGBOT_MONTHLY_USD)"),
    Wrong(what="--max below the price, in credits", says="a fox --max 40", title="More than your --max",
          limit="your --max allows 40 credits", found="costs 56 credits", then="Raise --max."),
    Wrong(what="--max that another tier would fit", says="a fox --pro --max 60", title="More than your --max",
          limit="your --max allows 60 credits", found="The cheapest, fal, costs 98 credits",
          then="With --std, fal takes it for at most 56 credits. Or raise --max.",
          ways=("In standard (at most 56 credits)",)),
    Wrong(what="--max below the price, in dollars", says="cost a fox --max $0.20", title="More than your --max",
          limit="your --max allows 40 credits", found="costs 56 credits", then="Raise --max"),
    Wrong(what="a yes without the credits", presses="confirm:{made}", prepare=wrongs.question_then_a_lower_limit,
          title="Over the limit", limit="The limit of #general is 100 credits a month",
          found="100 credits left, and this costs 112", then="ask an administrator"),
    # what was typed
    Wrong(what="unknown flag", says="a fox --durration 10", title="Unknown flag", found="no flag “--durration”",
          then="Did you mean --duration?", ways=("Run corrected (at most 112 credits)",)),
    Wrong(what="a flag that isn't a switch's no", says="a fox --no-blur", title="Unknown flag", found="“--no-blur”",
          then="Did you mean --no blur?", ways=("Run corrected (at most 56 credits)",)),
    Wrong(what="7 seconds", says="a fox --d 7", title="That value can't be used",
          limit="Kling 1.6 makes 5 or 10 seconds", found="you asked for 7", then="Try --d 5 or --d 10",
          ways=("5 s (at most 56 credits)", "10 s (at most 112 credits)")),
    Wrong(what="4:3", says="a fox --ar 4:3", title="That value can't be used", limit="16:9, 9:16 or 1:1",
          found="you asked for 4:3", then="Try --ar 16:9, --ar 9:16 or --ar 1:1",
          ways=("16:9 (at most 56 credits)", "9:16 (at most 56 credits)", "1:1 (at most 56 credits)")),
    Wrong(what="too much guidance", says="a fox --cfg 2", title="That value can't be used",
          limit="--cfg goes from 0 (free) to 1", found="you gave 2", then="Try --cfg 0.5"),
    Wrong(what="elements with cfg", says="they meet --cfg 0.7", pictures=(photo, photo, photo),
          title="That doesn't go together", limit="A scene made from several pictures takes no --cfg",
          then="Leave it out, or use one picture"),
    Wrong(what="end frame on standard", says="morph", pictures=(photo, photo), title="That doesn't go together",
          limit="An end frame needs pro", then="Add --pro, or send one picture",
          ways=("Run with --pro (95 credits)", "Both in one scene (at most 56 credits)")),
    Wrong(what="yes and dry", says="a fox --yes --dry", title="That doesn't go together",
          found="--yes and --dry contradict each other", then="Leave one of them out"),
    Wrong(what="two different lengths", says="a fox --d 5 --d 10", title="That doesn't go together",
          found="--d is there twice with different values", then="Say it once",
          ways=("5 s (at most 56 credits)", "10 s (at most 112 credits)")),
    Wrong(what="no prompt", says="", title="The words are missing", then="Say what happens in the video, for example"),
    Wrong(what="only what to avoid", says="--no a fox", title="The words are missing",
          then="Put the video's words first: a red fox --no blur"),
    Wrong(what="a prompt of 2,501 characters", says="x" * 2_501, title="That value can't be used",
          limit="up to 2,500 characters", found="yours has 2,501", then="Please shorten it"),
    Wrong(what="a message of 10,001 characters", says="x" * 10_001, title="That value can't be used",
          limit="up to 10,000 characters", found="this one has 10,001", then="Please shorten it"),
    Wrong(what="a mistyped verb", says="staus", title="Unknown command", found="no command “staus”",
          then="Did you mean status?", ways=("Run status", "Make a video of these words (at most 56 credits)")),
    Wrong(what="unknown effect", says="--fx sqush", pictures=(photo,), title="Unknown effect",
          found="no effect “sqush”", then="Did you mean squish?",
          ways=("Run corrected (at most 56 credits)",)),
    Wrong(what="words with an effect", says="gently --fx squish", pictures=(photo,), title="That doesn't go together",
          limit="An effect takes pictures and no words", then="Leave out the words, or leave out --fx"),
    Wrong(what="one picture for an effect of two", says="--fx hug", pictures=(photo,), title="A picture is missing",
          limit="takes 2 pictures", found="there is 1", then="Attach what is missing"),
    Wrong(what="unknown provider", says="a fox --via veo", title="Unknown provider", found="no provider “veo”",
          then="Without --via the cheapest one is chosen"),
    Wrong(what="a shape that this provider doesn't make", says="a fox --ar 1:1 --via wavespeed",
          title="Nobody here makes this", limit="wavespeed/text/standard: doesn't take --ar for this",
          then="Without --via, fal takes it for at most 56 credits. Without --ar, wavespeed takes it for at most 56",
          ways=("Without --via (at most 56 credits)", "Without --ar (at most 56 credits)")),
    Wrong(what="a shape that nobody makes of a picture", says="she waves --ar 9:16", pictures=(photo,),
          title="Nobody here makes this", limit="fal/image/standard: doesn't take --ar for this",
          then="Without --ar, wavespeed takes it for 50 credits. With --pro, fal takes it for 95 credits.",
          ways=("Without --ar (50 credits)", "Run with --pro (95 credits)")),
    # what was attached
    Wrong(what="a decompression bomb", says="she waves", pictures=(wrongs.bomb,),
          title="Picture 1 can't be used", limit="more than 60,000,000 pixels", then="Please send a smaller one"),
    Wrong(what="a text file named .jpg", says="she waves", pictures=(wrongs.text_file,),
          title="Picture 1 can't be used",
          found="It isn't a picture", then="Please send a JPEG or PNG"),
    Wrong(what="a 200 px picture", says="she waves", pictures=(wrongs.small,), title="Picture 1 can't be used",
          limit="at least 300 pixels", found="it has 200x200", then="Or let me mend it: --fit pad",
          ways=("Add bars to fit (50 credits)",)),
    Wrong(what="an HTML page as a picture", says="she waves", pictures=(photo, wrongs.web_page),
          title="Picture 2 can't be used", found="a web page, not a picture", then="Attach the picture itself"),
    Wrong(what="a broken HEIC", says="she waves", pictures=(wrongs.heic,), title="Picture 1 can't be used",
          found="damaged, or HEIC of an unusual kind", then="Please export it as JPEG and send that"),
    Wrong(what="better words where nobody has them", says="a fox --enhance",
          title="Nobody here improves prompts",
          found="WaveSpeedAI (setting WAVESPEED_API_KEY), which isn't switched on",
          then="Leave out --enhance"),
    Wrong(what="half a JPEG", says="she waves", pictures=(wrongs.torn,), title="Picture 1 can't be used",
          found="damaged or cut off", then="Please save it anew and send it again"),
    Wrong(what="an empty file", says="she waves", pictures=(bytes,), title="Picture 1 can't be used",
          found="The file is empty", then="Please send it again"),
    Wrong(what="a thread of a picture", says="she waves", pictures=(wrongs.thread,), title="Picture 1 can't be used",
          limit="at least 300 pixels", found="it has 1x3000", then="Please send a larger one"),
    Wrong(what="a banner", says="she waves", pictures=(wrongs.banner,), title="Picture 1 can't be used",
          limit="at most 2.5 times the other", found="here it is 4.00 times",
          then="Please crop it. Or let me mend it: --fit crop or --fit pad",
          ways=("Crop to fit (50 credits)", "Add bars to fit (50 credits)")),
    Wrong(what="26 MB", says="she waves", pictures=(wrongs.enormous,), title="Picture 1 can't be used",
          limit="at most 25,000,000 are taken", found="more than 25,000,000 bytes", then="Please send a smaller one"),
    Wrong(what="five pictures", says="they meet", pictures=(photo,) * 5, title="That value can't be used",
          limit="up to 4 pictures", found="you gave 5", then="Leave some out"),
    Wrong(what="animate without a picture", says="animate she waves", title="A picture is missing",
          then="Attach the picture to animate, or give its public address"),
    Wrong(what="a picture that isn't there", says="she waves --start 3", pictures=(photo,),
          title="A picture is missing", limit="--start names picture 3", found="there is 1",
          then="Attach it, or name one that is there"),
    # what an address leads to
    Wrong(what="an address inside the network", says="animate http://10.0.0.7/camera.jpg she waves",
          title="Picture 1 can't be used", found="couldn't be opened (private)", then="Attach the picture instead"),
    Wrong(what="this very computer", says="animate http://127.0.0.1:8080/metrics she waves",
          title="Picture 1 can't be used", found="(private)", then="Attach the picture instead"),
    Wrong(what="a cloud's metadata", says="animate http://169.254.169.254/latest/meta-data she waves",
          title="Picture 1 can't be used", found="(metadata service)", then="Attach the picture instead"),
    Wrong(what="a redirect to a cloud's metadata", says="animate {web}/fox.jpg she waves",
          prepare=wrongs.leads_to("http://169.254.169.254/latest/meta-data"), title="Picture 1 can't be used",
          found="(metadata service)", then="Attach the picture instead"),
    Wrong(what="a redirect to this very computer", says="animate {web}/fox.jpg she waves",
          prepare=wrongs.leads_to("http://127.0.0.1:{port}/fox.jpg"), title="Picture 1 can't be used",
          found="(private)", then="Attach the picture instead"),
    Wrong(what="a redirect to a file", says="animate {web}/fox.jpg she waves", prepare=wrongs.leads_to("file:///etc/passwd"),
          title="Picture 1 can't be used", found="(not http or https)", then="Attach the picture instead"),
    Wrong(what="a file", says="animate file:///etc/passwd she waves", title="A picture is missing",
          then="give its public address"),
    Wrong(what="a file as a frame", says="she waves --start file:///etc/passwd", title="That value can't be used",
          limit="a picture's number or public address", found="“file:///etc/passwd”", then="Try --start 1"),
    Wrong(what="a password in an address", says="animate http://ana:secret@10.0.0.7/fox.jpg she waves",
          title="A picture is missing", then="give its public address"),
    Wrong(what="a download without an end", says="animate {web}/fox.jpg she waves", prepare=wrongs.no_end_of_it,
          title="Picture 1 can't be used", limit="at most 25,000,000 are taken", found="more than 25,000,000 bytes",
          then="Please send a smaller one"),
    Wrong(what="an address with nothing there", says="animate {web}/fox.jpg she waves",
          title="Picture 1 can't be used", found="(it answers 404)", then="Attach the picture instead"),
    Wrong(what="an address of a page", says="animate {web}/fox.jpg she waves", prepare=wrongs.a_page_there,
          title="Picture 1 can't be used", found="a web page, not a picture", then="give the address of the file"),
    # who, what, when, where
    Wrong(what="cancel of somebody else's job", says="cancel {made}", by=CAT, prepare=wrongs.bens_job,
          title="Not yours",
          limit="for the person who asked for the video", found="“cancel”", then="Please ask them"),
    Wrong(what="the cancel button of somebody else's job", presses="cancel:{made}", by=CAT, prepare=wrongs.bens_job,
          title="Not yours", found="“cancel”", then="Please ask them"),
    Wrong(what="cancel when it has ended", says="cancel {made}", prepare=wrongs.bens_finished_job,
          title="Too late for that", found="stopped already", then="It is stopped already"),
    Wrong(what="cancel when nobody knows", says="cancel {made}", prepare=wrongs.bens_lost_job,
          title="Too late for that",
          found="Whether it was bought isn't known", then="An administrator decides"),
    Wrong(what="confirm by somebody else", presses="confirm:{made}", by=CAT, prepare=wrongs.bens_question,
          title="Not yours",
          found="“confirm”", then="Please ask them"),
    Wrong(what="drop by somebody else", presses="drop:{made}", by=CAT, prepare=wrongs.bens_question, title="Not yours",
          found="“drop”", then="Please ask them"),
    Wrong(what="confirm by an administrator", presses="confirm:{made}", by=ADA, prepare=wrongs.bens_question,
          title="Not yours", found="“confirm”", then="Please ask them"),
    Wrong(what="confirm after a no", presses="confirm:{made}", prepare=wrongs.dropped, title="Too late for that",
          found="answered with no", then="Please ask again"),
    Wrong(what="confirm after it expired", presses="confirm:{made}", prepare=wrongs.expired, title="Too late for that",
          limit="older than a day", then="Please ask again"),
    Wrong(what="confirm of what was never asked", presses="confirm:01jd0000000000000000", title="No such ask",
          found="01jd0000000000000000", then="Please ask again"),
    Wrong(what="quota by a member", says="quota topup 1000", title="Only for administrators", found="“quota”",
          then="Please ask one of them"),
    Wrong(what="jobs by a member", says="jobs", title="Only for administrators", found="“jobs”",
          then="Please ask one of them"),
    Wrong(what="resolve by a member", says="resolve {made} release", prepare=wrongs.bens_lost_job,
          title="Only for administrators", found="“resolve”", then="Please ask one of them"),
    Wrong(what="the release button by a member", presses="resolve-release:{made}", prepare=wrongs.bens_lost_job,
          title="Only for administrators", found="“resolve”", then="Please ask one of them"),
    Wrong(what="the charge button by a member", presses="resolve-charge:{made}", prepare=wrongs.bens_lost_job,
          title="Only for administrators", found="“resolve”", then="Please ask one of them"),
    Wrong(what="resolve of what needs no word", says="resolve {made} release", by=ADA, prepare=wrongs.bens_job,
          title="Too late for that", found="needs no decision now", then="Its receipt: show"),
    Wrong(what="a task without an id", says="resolve {made} task", by=ADA, prepare=wrongs.bens_lost_job,
          title="Something is missing", found="Which task", then="resolve <job> task <id>"),
    Wrong(what="a top-up of nothing", says="quota topup 0", by=ADA, title="That value can't be used",
          limit="above 0", found="“0”", then="quota topup 5,000"),
    Wrong(what="a top-up below nothing", says="quota topup -500", by=ADA, title="That value can't be used",
          limit="above 0", found="“-500”", then="quota topup 5,000"),
    Wrong(what="a limit for a year", says="quota set default 300/year", by=ADA, title="That value can't be used",
          limit="300/day, 300/week or 300/month", found="“300/year”", then="It goes"),
    Wrong(what="a job that isn't there", says="show 7", title="No such job", found="“7”",
          then="Your own are listed by: status"),
    Wrong(what="again without a first time", says="again", title="No such job", then="Your own are listed by: status"),
    Wrong(what="again when the picture is gone", says="again {made}", prepare=wrongs.picture_gone,
          title="The pictures are gone", found="no longer kept", then="Please send them again"),
    Wrong(what="another team's job", says="again {made}", prepare=wrongs.elsewhere, title="No such job",
          then="Your own are listed by: status"),
    Wrong(what="the button of another team's job", presses="again:{made}", prepare=wrongs.elsewhere,
          title="No such job",
          then="Your own are listed by: status"),
    Wrong(what="a yes to another team's question", presses="confirm:{made}", prepare=wrongs.asked_elsewhere,
          title="No such ask", then="Please ask again"),
    Wrong(what="a place where the bot can't post", says="a fox", prepare=wrongs.closed, title="I can't post here",
          found="The platform says: gone", then="Invite me here or let me post, then ask again"),
    Wrong(what="a place that closes while it is posted to", says="a fox", prepare=wrongs.closes,
          title="I can't post here",
          found="The platform says: not in channel", then="Invite me here or let me post, then ask again"),
    # when storage is away
    Wrong(what="no storage", says="a fox", pictures=(photo,), prepare=wrongs.no_storage, title="My storage is away",
          found="I can't read or write my books now", then="Please try again in a few minutes"),
    Wrong(what="no storage for a button", presses="confirm:01jd0000000000000000", prepare=wrongs.no_storage,
          title="My storage is away", found="without them I buy nothing", then="Please try again in a few minutes"),
    Wrong(what="no room for files", says="she waves", pictures=(photo,), prepare=wrongs.no_disk,
          title="My storage is away",
          found="I can't read or write my books now", then="Please try again in a few minutes"),
)  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=[row.what for row in TABLE])
async def test_wrong_input_is_answered_and_changes_nothing(row: Wrong, tmp_path: Path) -> None:
    async with front(tmp_path, ceiling=row.ceiling) as house:
        await house.says("help", by=row.by, team=row.team)  # whoever speaks for the first time gets a row
        made = await row.prepare(house) if row.prepare else None
        before = await house.books()
        fill = {"made": made, "web": house.url("")}
        if row.presses:
            reply = await house.presses(row.presses.format(**fill), by=row.by, team=row.team)
        else:
            reply = await house.says(
                row.says.format(**fill), *(make() for make in row.pictures), by=row.by, team=row.team
            )
        after = await house.books()
    assert {name for name in before if before[name] != after[name]} <= set(KEPT_FOR_WAYS if row.ways else ())
    assert reply.card is not None
    labels = tuple(button.label for button in reply.card.buttons)
    assert labels == ((*row.ways, "Cancel") if row.ways else ())
    assert (reply.card.title, reply.card.footer, reply.private) == (row.title, row.footer, True)
    assert reply.card.tone in ("warning", "bad")
    assert [word for word in (row.limit, row.found, row.then) if word not in shown(reply)] == []


async def test_a_photo_of_11_mb_is_fitted_and_not_refused(tmp_path: Path) -> None:
    large = file_of(noise(3_000, 2_200), quality=99)
    assert len(large) > 11_000_000
    async with front(tmp_path) as house:
        job = await house.orders("animate she waves", large)
        (blob,) = await house.rows("SELECT sha256, size FROM blob")
        assert 0 < blob["size"] <= 10_000_000
        assert (await house.house.reader.view(job)).request.pictures == (f"blob:{blob['sha256']}",)
        assert await house.held() == 50


async def test_the_money_and_the_files_are_looked_at_by_the_comparison_itself(tmp_path: Path) -> None:
    async with front(tmp_path) as house:
        before = await house.books()
        await house.orders("animate she waves", photo())
        after = await house.books()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"entries", "balances", "month", "blobs", "jobs", "deliveries", "files", "messages"}


def test_every_row_says_what_to_do_next() -> None:
    assert [row.what for row in TABLE if not row.then] == []
    assert len({row.what for row in TABLE}) == len(TABLE)
