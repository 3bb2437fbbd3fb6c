"""`credits`, which takes nothing."""

from bot.commands.subwords.subword import SubWord

WORDS = (
    SubWord(
        verb="credits",
        name="",
        summary="what you can still spend",
        example="credits",
        read=lambda text: not text,
        admin=False,
        free=True,
    ),
)
