"""One session of a small bot on hikari, run by the Python of its environment, until its stdin is closed.

In comes one line of JSON: the `api`'s address, the `token`, the `channel` where videos go. It registers `/kling video`,
acknowledges it, posts a video with a button as a plain message, changes it, opens a modal, and answers what is sent.
"""

import asyncio
import json
import sys
import warnings
from typing import Any

import hikari

VIDEO = b"\0\0\0\x18ftypmp42 a video"


class Bot:
    """Does the basic story with whatever it hears."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.channel = int(told["channel"])
        intents = hikari.Intents.GUILDS | hikari.Intents.GUILD_MESSAGES
        self.bot = hikari.GatewayBot(
            told["token"],
            banner=None,
            logs=None,
            rest_url=told["api"],
            intents=intents,
            auto_chunk_members=False,
            suppress_optimization_warning=True,
        )
        self.bot.subscribe(hikari.InteractionCreateEvent, self.heard)
        self.bot.subscribe(hikari.GuildMessageCreateEvent, self.read)
        self.bot.subscribe(hikari.StartedEvent, self.started)

    async def started(self, _: hikari.StartedEvent) -> None:
        rest = self.bot.rest
        option = hikari.CommandOption(
            type=hikari.OptionType.STRING, name="prompt", description="words", is_required=True
        )
        video = hikari.CommandOption(
            type=hikari.OptionType.SUB_COMMAND, name="video", description="a video", options=[option]
        )
        command = rest.slash_command_builder("kling", "videos").add_option(video)
        menu = rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Animate with Kling")
        await rest.set_application_commands((await rest.fetch_application()).id, [command, menu])
        print(json.dumps({"started": True}), flush=True)

    async def heard(self, event: hikari.InteractionCreateEvent) -> None:
        interaction = event.interaction
        if isinstance(interaction, hikari.AutocompleteInteraction):
            await interaction.create_response([])
        elif isinstance(interaction, hikari.CommandInteraction):
            await self.commanded(interaction)
        elif isinstance(interaction, hikari.ComponentInteraction):
            row = self.bot.rest.build_modal_action_row().add_text_input("prompt", "Words", value="a red fox")
            await interaction.create_modal_response("Change it", "ask|video||", component=row)
        elif isinstance(interaction, hikari.ModalInteraction):
            text = interaction.components[0].components[0].value
            await interaction.create_initial_response(
                hikari.ResponseType.MESSAGE_CREATE, f"asked for {text}", flags=hikari.MessageFlag.EPHEMERAL
            )

    async def commanded(self, interaction: hikari.CommandInteraction) -> None:
        await interaction.create_initial_response(
            hikari.ResponseType.DEFERRED_MESSAGE_CREATE, flags=hikari.MessageFlag.EPHEMERAL
        )
        prompt = interaction.options[0].options[0].value
        row = self.bot.rest.build_message_action_row().add_interactive_button(
            hikari.ButtonStyle.PRIMARY, "edit:1", label="Edit"
        )
        status = await self.bot.rest.create_message(self.channel, "making it", nonce="01jd0000000000000000")
        shown = await self.bot.rest.create_message(
            self.channel, embed=hikari.Embed(title=prompt), attachment=hikari.Bytes(VIDEO, "fox.mp4"), component=row,
            reply=status, mentions_reply=False,
        )  # fmt: skip
        await status.edit("Done")
        await interaction.edit_initial_response(
            f"{len(shown.attachments)} video of {len(await shown.attachments[0].read())} bytes"
        )

    async def read(self, event: hikari.GuildMessageCreateEvent) -> None:
        if event.is_human:
            content = event.content
            await event.message.respond(f"read {content!r}", reply=True, mentions_reply=False)


async def main() -> None:
    bot = Bot(json.loads(sys.stdin.readline()))
    await bot.bot.start(check_for_updates=False)
    await asyncio.to_thread(sys.stdin.read)
    await bot.bot.close()


warnings.simplefilter("ignore")
asyncio.run(main())
