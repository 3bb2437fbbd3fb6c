"""A Discord on 127.0.0.1 that the real client libraries accept: REST v10, gateway, attachment CDN, signed HTTP posts.

It is as strict as Discord's documentation: 3 s to acknowledge, 15 minutes of token, 10 MiB a file, permissions, limits
of payloads, and message content kept from an app without the intent. Every refusal carries Discord's code and names
the page that asks for it.
"""

from tests.support.local_discord.people import People
from tests.support.local_discord.server import LocalDiscord

__all__ = ["LocalDiscord", "People"]
