"""Workspaces and persons: ids of ours for the platforms' own, made when they are first met."""

from bot.credits.accounts import held_account, open_account, topup_account
from bot.credits.policy import Policy
from bot.store.scripts import Script, first

FIND_WORKSPACE = """
SELECT workspace AS id FROM workspace_identity WHERE platform = :platform AND platform_workspace = :platform_workspace
"""
NEW_WORKSPACE = """
INSERT INTO workspace (id, name, timezone, refill, refill_period, confirm_over, created_at)
VALUES (:id, :name, :timezone, :refill, :refill_period, :confirm_over, :now)
"""
NEW_LIMIT = """
INSERT INTO spending_limit (workspace, scope, credits, period) VALUES (:id, 'default', :credits, :period)
"""
NAME_WORKSPACE = "UPDATE workspace SET name = :name WHERE id = :id AND name <> :name"
LINK_WORKSPACE = """
INSERT INTO workspace_identity (platform, platform_workspace, workspace) VALUES (:platform, :platform_workspace, :id)
"""
FIND_PERSON = """
SELECT person AS id FROM person_identity
WHERE platform = :platform AND platform_workspace = :platform_workspace AND platform_user = :platform_user
"""
NEW_PERSON = "INSERT INTO person (id, name, created_at) VALUES (:id, :name, :now)"
NAME_PERSON = "UPDATE person SET name = :name WHERE id = :id AND name <> :name"
LINK_PERSON = """
INSERT INTO person_identity (platform, platform_workspace, platform_user, person)
VALUES (:platform, :platform_workspace, :platform_user, :id)
"""


def ensure_workspace(
    *, platform: str, platform_workspace: str, name: str, policy: Policy, now: int, new_id: str
) -> Script[str]:
    """Our id of a workspace. At first sight it becomes `new_id`, with the policy; an empty name changes nothing."""
    identity = {"platform": platform, "platform_workspace": platform_workspace}
    known = first((yield FIND_WORKSPACE, identity))
    if known is not None:
        yield from _rename(NAME_WORKSPACE, known["id"], name)
        return str(known["id"])
    yield (
        NEW_WORKSPACE,
        {
            "id": new_id,
            "name": name,
            "timezone": policy.timezone,
            "refill": policy.refill,
            "refill_period": policy.refill_period,
            "confirm_over": policy.confirm_over,
            "now": now,
        },
    )
    if policy.member_limit is not None:
        yield NEW_LIMIT, {"id": new_id, "credits": policy.member_limit, "period": policy.limit_period}
    for account in (held_account(new_id), topup_account(new_id)):
        yield from open_account(account, new_id)
    yield LINK_WORKSPACE, {**identity, "id": new_id}
    return new_id


def ensure_person(
    *, platform: str, platform_workspace: str, platform_user: str, name: str, now: int, new_id: str
) -> Script[str]:
    """Our id of a person, who becomes `new_id` when met for the first time; an empty name changes nothing."""
    identity = {"platform": platform, "platform_workspace": platform_workspace, "platform_user": platform_user}
    known = first((yield FIND_PERSON, identity))
    if known is not None:
        yield from _rename(NAME_PERSON, known["id"], name)
        return str(known["id"])
    yield NEW_PERSON, {"id": new_id, "name": name, "now": now}
    yield LINK_PERSON, {**identity, "id": new_id}
    return new_id


def _rename(sql: str, known: str, name: str) -> Script[None]:
    if name:
        yield sql, {"id": known, "name": name}
