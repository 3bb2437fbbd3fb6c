"""The Web API's methods that a bot of this kind calls: each answers with its fields or raises Refused."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.local_slack.payloads import Refused, check_message, check_view
from tests.support.local_slack.world import (
    APP_ID,
    BOT,
    BOT_ID,
    CLIENT_ID,
    CLIENT_SECRET,
    SCOPES,
    Channel,
    Json,
    Token,
    World,
)

MOST_SOCKETS = 10
_NEEDS = {
    "chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write", "files.info": "files:read", "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write", "users.info": "users:read", "conversations.open": "im:write",
    "conversations.replies": "channels:history", "conversations.history": "channels:history",
    "usergroups.list": "usergroups:read", "usergroups.users.list": "usergroups:read",
}  # fmt: skip


@dataclass
class Methods:
    """The methods. `base` is the server's address; `modals` and `homes` what was opened and published."""

    world: World
    base: Callable[[], str]
    sockets: Callable[[], int]
    modals: list[Json] = field(default_factory=list)
    homes: dict[str, Json] = field(default_factory=dict)
    uploads: dict[str, Json] = field(default_factory=dict)
    triggers: dict[str, float] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    share_late: bool = False
    rotating: bool = False

    def call(self, method: str, args: Json, token: str) -> Json:
        """The fields of the answer. Raises Refused."""
        if method == "oauth.v2.access":
            return self._access(args)
        if method == "apps.connections.open":
            return self._connect(token)
        installed = self.world.tokens.get(token)
        if installed is None:
            raise Refused("invalid_auth" if token else "not_authed")
        if installed.revoked:
            raise Refused("token_revoked")
        if installed.expires is not None and installed.expires < self.world.now():
            raise Refused("token_expired")
        if (scope := _NEEDS.get(method)) and scope not in installed.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(installed.scopes))
        found = getattr(self, "_m_" + method.replace(".", "_").lower(), None)
        if found is None:
            raise Refused("unknown_method")
        answer: Json = found(args, installed)
        return answer

    def _connect(self, token: str) -> Json:
        if not token.startswith("xapp-"):
            raise Refused("not_allowed_token_type" if token else "not_authed")
        if self.sockets() >= MOST_SOCKETS:
            raise Refused("too_many_websockets")
        ticket = self.world.ident("K")
        self.tickets.add(ticket)
        return {"url": f"{self.base().replace('http', 'ws', 1)}/link?ticket={ticket}&app_id={APP_ID}"}

    def _access(self, args: Json) -> Json:
        """OAuth: a code for a token, or a refresh token for the next."""
        if (args.get("client_id"), args.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refused("invalid_client_id")
        if args.get("grant_type") == "refresh_token":
            old = next((one for one in self.world.tokens.values() if one.refresh == args.get("refresh_token")), None)
            if old is None:
                raise Refused("invalid_refresh_token")
            old.refresh = ""
            return self._granted(old.team, rotating=True)
        team = self.codes.pop(str(args.get("code")), None)
        if team is None:
            raise Refused("invalid_code")
        return self._granted(team, rotating=self.rotating)

    def _granted(self, team: str, *, rotating: bool) -> Json:
        token = f"xoxb-{team}-{self.world.ident('t')}"
        kept = Token(team, SCOPES)
        answer: Json = {
            "app_id": APP_ID, "access_token": token, "token_type": "bot", "scope": ",".join(SCOPES),
            "bot_user_id": BOT, "is_enterprise_install": team.startswith("E"),
            "team": None if team.startswith("E") else {"id": team, "name": team},
            "enterprise": {"id": team, "name": team} if team.startswith("E") else None,
            "authed_user": {"id": "U0MIRA"},
        }  # fmt: skip
        if rotating:
            kept.refresh, kept.expires = f"xoxe-{self.world.ident('r')}", self.world.now() + 43_200
            answer |= {"refresh_token": kept.refresh, "expires_in": 43_200}
        self.world.tokens[token] = kept
        return answer

    def _m_auth_test(self, _: Json, token: Token) -> Json:
        return {
            "url": "https://acme.slack.com/", "team": "Acme", "user": "kling", "team_id": token.team, "user_id": BOT,
            "bot_id": BOT_ID, "is_enterprise_install": False,
        }  # fmt: skip

    def _m_chat_postmessage(self, args: Json, _: Token) -> Json:
        channel = self._open(args)
        check_message(args)
        if args.get("thread_ts") and self.world.message(channel.id, str(args["thread_ts"])) is None:
            raise Refused("thread_not_found")
        kept = {name: args[name] for name in ("text", "blocks", "thread_ts", "metadata") if args.get(name)}
        message = {"type": "message", "user": BOT, "bot_id": BOT_ID, "app_id": APP_ID, "ts": self.world.ts(), **kept}
        for file in self.world.files.values():
            if file["permalink"] in str(args.get("text")):
                message["files"] = [file]  # a link to a file shares it
                file["shares"] = {"public": {channel.id: [{"ts": message["ts"]}]}}
        message["unfurls"] = {name: args.get(name) for name in ("unfurl_links", "unfurl_media")}
        self.world.messages.setdefault(channel.id, []).append(message)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _m_chat_update(self, args: Json, _: Token) -> Json:
        channel = self._open(args)
        check_message(args)
        message = self.world.message(channel.id, str(args["ts"]))
        if message is None:
            raise Refused("message_not_found")
        if message.get("bot_id") != BOT_ID:
            raise Refused("cant_update_message")
        message |= {name: args[name] for name in ("text", "blocks", "metadata") if name in args}
        return {"channel": channel.id, "ts": message["ts"], "text": message.get("text", "")}

    def _m_chat_getpermalink(self, args: Json, _: Token) -> Json:
        channel = self._known(args)
        if self.world.message(channel.id, str(args["message_ts"])) is None:
            raise Refused("message_not_found")
        link = f"https://acme.slack.com/archives/{channel.id}/p{str(args['message_ts']).replace('.', '')}"
        return {"channel": channel.id, "permalink": link}

    def _m_chat_delete(self, args: Json, _: Token) -> Json:
        channel = self._open(args)
        message = self.world.message(channel.id, str(args["ts"]))
        if message is None:
            raise Refused("message_not_found")
        self.world.messages[channel.id].remove(message)
        return {"channel": channel.id, "ts": args["ts"]}

    def _m_chat_postephemeral(self, args: Json, _: Token) -> Json:
        channel = self._open(args)
        check_message(args)
        if args.get("user") not in channel.members:
            raise Refused("user_not_in_channel")
        self.world.ephemerals.append(args)
        return {"message_ts": self.world.ts()}

    def _m_views_open(self, args: Json, _: Token) -> Json:
        return self._modal(args)

    def _m_views_push(self, args: Json, _: Token) -> Json:
        return self._modal(args)

    def _modal(self, args: Json) -> Json:
        until = self.triggers.pop(str(args.get("trigger_id")), None)
        if until is None:
            raise Refused("invalid_trigger_id")
        if self.world.now() > until:
            raise Refused("expired_trigger_id")
        check_view(args["view"])
        view = {"id": self.world.ident("V"), "hash": "1.a", "state": {"values": {}}, **args["view"]}
        self.modals.append(view)
        return {"view": view}

    def _m_views_update(self, args: Json, _: Token) -> Json:
        check_view(args["view"])
        for view in self.modals:
            if view["id"] == args.get("view_id"):
                view |= args["view"]
                return {"view": view}
        raise Refused("not_found")

    def _m_views_publish(self, args: Json, _: Token) -> Json:
        check_view(args["view"])
        self.homes[str(args["user_id"])] = args["view"]
        return {"view": {"id": "V0HOME", **args["view"]}}

    def _m_users_info(self, args: Json, token: Token) -> Json:
        member = self.world.members.get(str(args.get("user")))
        if member is None:
            raise Refused("user_not_found")
        shown: Json = {
            "id": member.id, "team_id": member.team or token.team, "name": member.name,
            "real_name": member.name.title(),
            "deleted": member.deleted, "is_admin": member.admin, "is_owner": member.owner, "is_bot": member.id == BOT,
            "is_restricted": False, "is_ultra_restricted": False, "tz": "Europe/Lisbon",
            "profile": {"display_name": member.name, "real_name": member.name.title()},
        }  # fmt: skip
        return {"user": shown}

    def _m_usergroups_list(self, args: Json, token: Token) -> Json:
        """Who is in a group is told where it is asked for; an organisation's token has to name the workspace."""
        if token.team.startswith("E") and not args.get("team_id"):
            raise Refused("missing_argument")
        if not self.world.paid:
            raise Refused("plan_upgrade_required")
        shown = []
        for ident, name in self.world.usergroups.items():
            users = [one.id for one in self.world.members.values() if ident in one.groups]
            group: Json = {
                "id": ident, "team_id": token.team, "is_usergroup": True, "name": name, "handle": name.lower(),
                "description": "", "is_external": False, "date_delete": 0, "prefs": {"channels": [], "groups": []},
            }  # fmt: skip
            asked = str(args.get("include_users")).lower() in ("true", "1")
            shown.append(group | ({"users": users} if asked else {}))
        return {"usergroups": shown}

    def _m_conversations_open(self, args: Json, _: Token) -> Json:
        user = str(args.get("users"))
        if user not in self.world.members:
            raise Refused("user_not_found")
        return {"channel": {"id": self.world.direct(user).id}}

    def _m_conversations_info(self, args: Json, _: Token) -> Json:
        channel = self._known(args)
        return {
            "channel": {
                "id": channel.id, "name": channel.name, "is_private": channel.private, "is_archived": channel.archived,
                "is_member": BOT in channel.members, "is_im": channel.direct is not None,
            }
        }  # fmt: skip

    def _m_conversations_replies(self, args: Json, token: Token) -> Json:
        channel = self._open(args)
        if channel.private and "groups:history" not in token.scopes:
            raise Refused("missing_scope", needed="groups:history")
        root = str(args["ts"])
        found = [one for one in self.world.messages.get(channel.id, []) if root in (one["ts"], one.get("thread_ts"))]
        if not found:
            raise Refused("thread_not_found")
        found = [one for one in found if one["ts"] == root or one["ts"] >= str(args.get("oldest", ""))]
        return {"messages": found[: int(args.get("limit", 1_000))], "has_more": False}

    def _m_conversations_history(self, args: Json, _: Token) -> Json:
        channel = self._open(args)
        found = [one for one in self.world.messages.get(channel.id, []) if "thread_ts" not in one]
        found = [one for one in found if one["ts"] >= str(args.get("oldest", ""))]
        if args.get("latest"):
            found = [one for one in found if one["ts"] <= str(args["latest"])]
        return {"messages": list(reversed(found))[: int(args.get("limit", 100))], "has_more": False}

    def _m_files_info(self, args: Json, _: Token) -> Json:
        file = self.world.files.get(str(args.get("file")))
        if file is None:
            raise Refused("file_not_found")
        return {"file": {**file, "file_access": "visible"}}

    def _m_files_getuploadurlexternal(self, args: Json, token: Token) -> Json:
        ident = self.world.ident("F")
        self.uploads[ident] = {
            "name": args["filename"], "length": int(args["length"]), "alt": args.get("alt_txt") or "",
            "team": token.team,
        }  # fmt: skip
        return {"upload_url": f"{self.base()}/upload/v1/{ident}", "file_id": ident}

    def _m_files_completeuploadexternal(self, args: Json, token: Token) -> Json:
        channel = self._open({"channel": args["channel_id"]}) if args.get("channel_id") else None
        shown = []
        for one in args["files"]:
            upload = self.uploads.get(one["id"])
            if upload is None or "data" not in upload:
                raise Refused("file_not_found")
            if len(upload["data"]) != upload["length"]:
                raise Refused("file_update_failed")
            file = self.world.put_file(
                upload["name"], upload["data"], user=BOT, base=self.base(), team=token.team, ident=one["id"],
                alt=upload["alt"],
            )  # fmt: skip
            file["title"] = one.get("title") or file["name"]
            if channel is not None:
                self._share(channel, file, args)
            shown.append({"id": one["id"], "title": file["title"]} if self.share_late else file)
        return {"files": shown}

    def _share(self, channel: Channel, file: Json, args: Json) -> None:
        if any(
            file["id"] in [old["id"] for old in one.get("files", ())] for one in self.world.messages.get(channel.id, ())
        ):
            return  # the second completion of one upload shares nothing anew
        message: Json = {
            "type": "message", "subtype": "file_share", "user": BOT, "bot_id": BOT_ID, "ts": self.world.ts(),
            "text": args.get("initial_comment") or "", "files": [file],
        }  # fmt: skip
        if args.get("thread_ts"):
            message["thread_ts"] = args["thread_ts"]
        self.world.messages.setdefault(channel.id, []).append(message)
        file["shares"] = {"public": {channel.id: [{"ts": message["ts"], "thread_ts": args.get("thread_ts")}]}}

    def _known(self, args: Json) -> Channel:
        channel = self.world.channels.get(str(args.get("channel")))
        if channel is None or (channel.private and BOT not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def _open(self, args: Json) -> Channel:
        """A channel that the bot may post in."""
        channel = self._known(args)
        if channel.archived:
            raise Refused("is_archived")
        if BOT not in channel.members:
            raise Refused("not_in_channel")
        return channel


def decoded(args: Json) -> Json:
    """Arguments with their JSON texts read, as Slack takes them in forms and queries."""
    return {
        name: json.loads(value)
        if name in ("blocks", "files", "view", "metadata", "attachments") and isinstance(value, str)
        else value
        for name, value in args.items()
    }


def basic(header: str) -> tuple[str, str]:
    """Client id and secret from an Authorization header, where OAuth clients may put them."""
    name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return name, secret
