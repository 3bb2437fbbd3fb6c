"""Every refusal has a sentence of its own that names the limit, what was found, and the next step."""

from typing import get_args

import pytest

from bot.commands import wording
from bot.commands.wording.refusals import say
from bot.errors import (
    AgainstRules,
    BadValue,
    CannotPost,
    CeilingReached,
    Conflict,
    KlingbotError,
    LinkRefused,
    Missing,
    NeedsApproval,
    NoEnhancer,
    NoOffer,
    NotAllowed,
    NotFound,
    NotMember,
    OverBudget,
    OverCap,
    OverLimit,
    Paused,
    PictureHidden,
    PictureReason,
    PictureRefused,
    PoolEmpty,
    Refusal,
    Taker,
    TooLate,
    UnknownWord,
    WhichWorkspace,
)
from bot.kling.effects import SCENES
from tests.support.views import FIRST_OF_DECEMBER

SENTENCES: list[tuple[Refusal, str]] = [
    (
        UnknownWord("flag", "durration", ("duration",)),
        "There is no flag “--durration” here. Did you mean --duration? "
        "All of them: help flags. If it belongs to the words, put the words in quotes.",
    ),
    (
        UnknownWord("verb", "cancle", ("cancel",)),
        "There is no command “cancle” here. Did you mean cancel? To make a video of these words, start with: video",
    ),
    (
        UnknownWord("scene", "xxx"),
        "There is no effect “xxx” here. Some that exist: hug, kiss, squish, jelly_press, day_to_night.",
    ),
    (
        UnknownWord("provider", "fall", ("fal", "cheapest")),
        "There is no provider “fall” here. Did you mean fal or cheapest? "
        "Without --via the cheapest one is chosen; cost compares them all.",
    ),
    (
        UnknownWord("word", "sett", ("set", "topup", "refill")),
        "There is no word “sett” here. Did you mean set, topup or refill? How it goes: help",
    ),
    (BadValue("d", "7", ("5", "10")), "Kling 1.6 makes 5 or 10 seconds; you asked for 7. Try --d 5 or --d 10."),
    (
        BadValue("ar", "4:3", ("16:9", "9:16", "1:1")),
        "Kling 1.6 makes 16:9, 9:16 or 1:1; you asked for 4:3. Try --ar 16:9, --ar 9:16 or --ar 1:1.",
    ),
    (BadValue("cfg", "2"), "--cfg goes from 0 (free) to 1 (close to the prompt); you gave 2. Try --cfg 0.5."),
    (
        BadValue("prompt", "2612", ("2500",)),
        "Kling 1.6 reads up to 2,500 characters of a prompt; yours has 2,612. Please shorten it.",
    ),
    (BadValue("pictures", "5", ("4",)), "Kling 1.6 takes up to 4 pictures; you gave 5. Leave some out."),
    (BadValue("pro", "1"), "--pro stands alone; leave out “1”."),
    (BadValue("zone", "x", ("a", "b")), "zone takes a or b; you gave “x”. Please use one of these."),
    (BadValue("fx", "x"), "“x” can't be used for --fx. Please change it."),
    (
        BadValue("rate", "300", ("300/day", "300/week", "300/month")),
        "“300” isn't an amount for a period. It goes: 300/day, 300/week or 300/month.",
    ),
    (
        Missing("prompt"),
        "Say what happens in the video, for example: video a red fox runs through snow. Or attach a picture.",
    ),
    (
        Missing("prompt", "no"),
        "There are no words for the video itself: all words after --no are what to avoid. "
        "Put the video's words first: a red fox --no blur",
    ),
    (Missing("value", "d"), "--d needs a value: 5 or 10. For example: --d 10"),
    (
        Missing("picture", "animate"),
        "Attach the picture to animate, or give its public address. For a video from words alone, start with: video",
    ),
    (
        Missing("picture", "fx", needed=2, found=1),
        "This effect takes 2 pictures, one a person; there is 1. Attach what is missing.",
    ),
    (
        Missing("picture", "start", needed=3, found=2),
        "--start names picture 3; there are 2. Attach it, or name one that is there.",
    ),
    (
        NoEnhancer((("WaveSpeedAI", "WAVESPEED_API_KEY"),)),
        "Prompts are improved by WaveSpeedAI (setting WAVESPEED_API_KEY), which isn't switched on here. "
        "Leave out --enhance.",
    ),
    (
        PictureRefused(1, "too_long_and_thin", "4.00", "2.5", ("crop", "pad")),
        "One side may be at most 2.5 times the other; here it is 4.00 times. Please crop it. "
        "Or let me mend it: --fit crop or --fit pad.",
    ),
    (
        PictureRefused(1, "unreadable", "HEIC"),
        "It is damaged, or HEIC of an unusual kind. Please export it as JPEG and send that.",
    ),
    (
        PictureHidden("Apps → Animate"),
        "This chat doesn't show me the message that you reply to. Use Apps → Animate in the menu of that message, or "
        "attach the picture to your own.",
    ),
    (
        PictureHidden("files:read"),
        "I lack the right files:read. Whoever installed me gives it to me and installs me again; "
        "then send it once more.",
    ),
    (
        NoOffer((("kling/text/pro", "field:camera:none on 1.6"),)),
        "No provider that is switched on takes all of it. You could leave out --camera. "
        "Camera moves by number are unconfirmed for Kling 1.6; in the words they work: slow zoom in, pan left.",
    ),
    (
        NoOffer((("fal/image/pro", "field:still:none in its schema"), ("gmi/image/pro", "field:still"))),
        "No provider that is switched on takes all of it. You could leave out --still. "
        "Masks are unconfirmed for Kling 1.6; say in the words what moves, and what stays still.",
    ),
    (Missing("tea"), "Please say which tea you mean."),
    (
        Conflict("end", "standard"),
        "An end frame needs pro. Add --pro, or send one picture, or put both into one scene with --ref 1,2.",
    ),
    (
        Conflict("cfg", "elements"),
        "A scene made from several pictures takes no --cfg. Leave it out, or use one picture.",
    ),
    (Conflict("d", "d"), "--d is there twice with different values. Say it once."),
    (Conflict("pro", "std"), "--pro and --std contradict each other. Leave one of them out."),
    (Conflict("d", "hug_pro"), "The effect hug_pro is always 5 seconds long. Leave out --d."),
    (Conflict("fx", "ar"), "An effect takes no --ar. Leave it out, or leave out --fx."),
    (Conflict("d", "status"), "“status” takes no --d. Leave it out."),
    (
        Conflict("d", "again"),
        "“again” takes no --d. Leave it out. "
        "To change something, copy the command on the video's card and change that.",
    ),
    (
        PictureRefused(2, "too_small", "200x100", "300"),
        "Each side needs at least 300 pixels; it has 200x100. Please send a larger one.",
    ),
    (
        PictureRefused(1, "too_many_bytes", "30000000", "25000000"),
        "It has 30,000,000 bytes, and at most 25,000,000 are taken. Please send a smaller one.",
    ),
    (
        OverBudget(90, 60),
        "The cheapest offer costs 90 credits; your --max allows 60 credits. Raise --max.",
    ),
    (
        OverLimit("default", 1500, 1480, 50, FIRST_OF_DECEMBER, "month"),
        "Your limit is 1,500 credits a month: 20 credits left, and this costs 50. "
        "It resets 1 December. Try something shorter, or ask for more: credits ask 50",
    ),
    (
        OverLimit("role:chat:7", 300, 290, 50, FIRST_OF_DECEMBER, "week", "Designers"),
        "The limit of Designers is 300 credits a week: 10 credits left, and this costs 50. "
        "It resets 1 December. Try something shorter, or ask for more: credits ask 50",
    ),
    (
        NeedsApproval(450, 200),
        "What costs more than 200 credits is approved by somebody in this team, and this costs 450. "
        "Please ask again, and it goes to them.",
    ),
    (
        OverCap(450, 400),
        "One video may cost at most 400 credits in this team, and this costs 450. Try --d 5, or leave out --pro. "
        "An administrator can change it: quota set job 400",
    ),
    (
        Paused("budget review"),
        "budget review\nAn administrator paused this team: nothing new is made. What is under way is finished.",
    ),
    (
        AgainstRules("word", "nude"),
        "The word “nude” is refused in prompts here. Say it without that word. "
        "An administrator can change it: quota rules allow nude",
    ),
    (
        AgainstRules("effects"),
        "This team doesn't use ready-made effects. An administrator can change it: quota rules effects on",
    ),
    (
        LinkRefused("person", "code"),
        "It is wrong, used, or older than ten minutes. A new one, there: credits link",
    ),
    (
        LinkRefused("workspace", "open"),
        "This team has open jobs or approvals. When they have ended: quota link and the code. See: status",
    ),
    (
        PoolEmpty(1, 50, FIRST_OF_DECEMBER),
        "The pool has 1 credit left, and this costs 50. It is filled up again 1 December. "
        "An administrator can add some: quota topup 1000",
    ),
    (
        PoolEmpty(0, 50, None),
        "The pool has 0 credits left, and this costs 50. An administrator can add some: quota topup 1000",
    ),
    (
        CeilingReached(50_000_000, 49_800_000, 250_000, FIRST_OF_DECEMBER),
        "All videos together may cost $50.00 a month: $49.80 are used, and this costs $0.25. "
        "It starts anew 1 December. Only the operator can raise it (KLINGBOT_MONTHLY_USD).",
    ),
    (NotAllowed("quota", "administrator"), "“quota” is for administrators. Please ask one of them."),
    (
        NotAllowed("quota", "operator"),
        "Credits of a team that isn't in KLINGBOT_WORKSPACES come from whoever runs this bot, and who is in "
        "KLINGBOT_ADMINS. Please ask them.",
    ),
    (NotAllowed("cancel", "owner"), "“cancel” is for the person who asked for the video. Please ask them."),
    (NotFound("job", "7"), "There is no job “7” here. Your own are listed by: status"),
    (NotFound("picture", "7"), "Pictures of that video are no longer kept. Please send them again, with the words."),
    (NotFound("task", "t"), "There is no task “t” here. Or it belongs to another job already. Please check the id."),
    (NotFound("hold", "7"), "There is no hold “7” here. Please check the name."),
    (TooLate("confirm", "expired"), "That question is older than a day. Please ask again."),
    (TooLate("confirm", "accepted"), "It is being made already; it was bought once."),
    (TooLate("resolve", "done"), "It needs no decision now. Its receipt: show"),
    (TooLate("rename", "done"), "It is done by now. How it stands: status"),
    (
        CannotPost("not_in_channel"),
        "The platform says: not in channel. Invite me here or let me post, then ask again.",
    ),
    (
        OverBudget(90, 60, "fal"),
        "The cheapest, fal, costs 90 credits; your --max allows 60 credits. Raise --max.",
    ),
    (
        OverBudget(
            90, 60, "fal", (Taker(provider="fal", credits=56, estimated=True, change="tier", value="standard"),)
        ),
        "The cheapest, fal, costs 90 credits; your --max allows 60 credits. With --std, fal takes it for at most "
        "56 credits. Or raise --max.",
    ),
    (
        Conflict(
            "end", "standard", (Taker(provider="kling", credits=98, estimated=False, change="tier", value="pro"),)
        ),
        "An end frame needs pro. Add --pro, or send one picture, or put both into one scene with --ref 1,2. "
        "With --pro, kling takes it for 98 credits.",
    ),
    (
        NoOffer(
            (("wavespeed/text/standard", "field:aspect_ratio"),),
            (
                Taker(provider="vidgo", credits=45, estimated=False, change="via"),
                Taker(provider="wavespeed", credits=56, estimated=True, change="field", field="aspect_ratio"),
                Taker(provider="fal", credits=1, estimated=False, change="duration", value="5"),
            ),
        ),
        "No provider that is switched on takes all of it. Without --via, vidgo takes it for 45 credits. "
        "Without --ar, wavespeed takes it for at most 56 credits. With --d 5, fal takes it for 1 credit.",
    ),
    (
        NoOffer(
            (("fal/image/pro", "start_required:start"),),
            (Taker(provider="kling", credits=98, estimated=False, change="off"),),
        ),
        "No provider that is switched on takes all of it. "
        "kling would take it for 98 credits; ask an administrator to switch it on.",
    ),
    (
        NoOffer((), (Taker(provider="gmi", credits=70, estimated=True, change="disabled"),)),
        "No provider that is switched on takes all of it. gmi would take it for at most 70 credits; "
        "ask an administrator to switch that offer on.",
    ),
    (
        NoOffer((("kling/extend/pro", "origin"), ("fal/text/pro", "workflow"))),
        "No provider that is switched on takes all of it. A video goes on only where it was made.",
    ),
    (
        NoOffer(
            (
                ("fal/image/standard", "field:aspect_ratio"),
                ("wavespeed/image/standard", "via"),
                ("x/text/pro", "workflow"),
            )
        ),
        "No provider that is switched on takes all of it. You could leave out --ar, or leave out --via.",
    ),
    (
        NoOffer((("fal/text/pro", "tier"), ("fal/text/pro", "off"))),
        "No provider that is switched on takes all of it. You could try the other tier (--pro or --std), "
        "or ask an administrator to switch another provider on.",
    ),
    (
        NotMember("slack"),
        "Slack doesn't say that you are an active member of this team, or doesn't answer at the moment. "
        "If you are one, try again in a minute.",
    ),
    (
        Paused("audit", everywhere=True),
        "audit\nThe operator paused everything here: nothing new is made. What is under way is finished.",
    ),
    (
        OverLimit("tag:acme", 100, 90, 56, 1_767_225_600_000, "month", "acme"),
        "The limit of the tag acme is 100 credits a month: 10 credits left, and this costs 56. It resets 1 January. "
        "Try something shorter, or ask an administrator.",
    ),
    (
        NotAllowed("pause", "operator"),
        "Everything is paused, and goes on, for whoever runs this bot and is in KLINGBOT_ADMINS. "
        "For this team alone: quota pause",
    ),
    (BadValue("tag", "a b", ("acme",)), "A tag is one word of letters and digits, such as acme; you gave “a b”."),
    (
        Missing("number", "quota together"),
        "How many at once? It goes: quota together 3, quota together team 10, or quota together off.",
    ),
    (WhichWorkspace((("1", "Studio"), ("2", "School"))), "I ask once. Then say again what you wanted."),
    (WhichWorkspace(), "Credits belong to a team, and I share none with you here. Please ask me there."),
    (
        NoOffer(),
        "No provider that is switched on takes all of it. "
        "You could ask an administrator to switch another provider on.",
    ),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=[str(error)[:60] for error, _ in SENTENCES])
def test_sentence(error: Refusal, sentence: str) -> None:
    card = wording.refusal(error)
    assert card.text == sentence
    assert card.tone == "warning"
    assert card.footer == "Nothing was spent."


def every(kind: type[KlingbotError]) -> list[type[KlingbotError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in every(child))]


@pytest.mark.parametrize("kind", every(Refusal)[1:], ids=lambda kind: kind.__name__)
def test_every_refusal_has_words_of_its_own(kind: type[Refusal]) -> None:
    assert kind in say.registry
    assert any(type(error) is kind for error, _ in SENTENCES)


def test_a_refusal_that_nobody_has_words_for_still_has_a_card() -> None:
    class Novel(Refusal):
        pass

    assert "Novel" in wording.refusal(Novel()).text


@pytest.mark.parametrize("reason", get_args(PictureReason))
def test_every_reason_against_a_picture_has_words(reason: PictureReason) -> None:
    card = wording.refusal(PictureRefused(3, reason, "found-this", "limit-that"))
    assert card.title == "Picture 3 can't be used"
    assert "lease" in card.text or "ttach" in card.text
    assert "{" not in card.text


def test_reasons_of_offers_that_come_close_are_rows() -> None:
    reasons = (("fal/image/standard", "field:cfg_scale"), ("fal/text/pro", "tier"), ("a/image/standard", "new_reason"))
    assert [(row.name, row.value) for row in wording.refusal(NoOffer(reasons)).rows] == [
        ("fal/image/standard", "doesn't take --cfg for this")
    ]


def test_what_a_provider_says_of_a_field_is_passed_on() -> None:
    (row,) = wording.refusal(NoOffer((("vidgo/text/pro", "field:camera:prompt words only: say it there"),))).rows
    assert row.value == "doesn't take --camera for this (prompt words only: say it there)"


def test_dates_are_the_teams_own() -> None:
    assert "1 December" in wording.refusal(PoolEmpty(0, 1, FIRST_OF_DECEMBER)).text
    assert "30 November" in wording.refusal(PoolEmpty(0, 1, FIRST_OF_DECEMBER, "America/New_York")).text


def test_named_scenes_exist() -> None:
    text = wording.refusal(UnknownWord("scene", "x")).text
    named = text.partition("exist: ")[2].rstrip(".").split(", ")
    assert set(named) <= SCENES


def test_what_a_person_typed_is_bounded_and_not_a_format() -> None:
    card = wording.refusal(UnknownWord("flag", "x" * 5_000))
    assert len(card.text) < 300
    assert "{limit}" in wording.refusal(BadValue("d", "{limit}", ("5",))).text
