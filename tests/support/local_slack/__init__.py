"""A Slack on 127.0.0.1 that the real Bolt and SDK accept: Web API, Socket Mode, signed HTTP, files, OAuth.

It is as strict as Slack: 3 s to acknowledge, triggers of 3 s, five answers in 30 minutes, membership, scopes, limits of
blocks and views. Every refusal carries Slack's own error word.
"""

from tests.support.local_slack.people import People
from tests.support.local_slack.server import LocalSlack

__all__ = ["LocalSlack", "People"]
