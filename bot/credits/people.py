"""Workspaces and persons: ids of ours for the platforms' own, made when they are first met."""

from bot.credits.accounts import held_account, open_account, topup_account
from bot.credits.policy import Policy
from bot.store.scripts import Script, first

FIND_WORKSPACE = """
SELECT workspace AS id FROM workspace_identity WHERE platform = :platform AND platform_workspace = :platform_workspace
"""
NEW_WORKSPACE = """
INSERT INTO workspace (id, name, timezone, refill, refill_period, confirm_over, rules, created_at)
VALUES (:id, :name, :timezone, :refill, :refill_period, :confirm_over, :rules, :now)
"""
NEW_LIMIT = """
INSERT INTO spending_limit (workspace, scope, credits, period) VALUES (:id, :scope, :credits, :period)
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
WORKSPACES = """
SELECT platform, platform_workspace FROM workspace_identity WHERE platform <> 'cli'
ORDER BY platform, platform_workspace
"""
ALSO_KNOWN = """
INSERT INTO workspace_identity (platform, platform_workspace, workspace)
SELECT :alias, :name, workspace FROM workspace_identity
WHERE platform = :platform AND platform_workspace = :platform_workspace
ON CONFLICT (platform, platform_workspace) DO UPDATE SET workspace = excluded.workspace
"""
TEAMS = "SELECT platform, platform_workspace FROM workspace_identity WHERE workspace = :workspace"
NAMED = """
SELECT DISTINCT person.id, person.name FROM person_identity AS mine
JOIN person ON person.id = mine.person
JOIN workspace_identity AS team
    ON team.platform = mine.platform AND team.platform_workspace = mine.platform_workspace
WHERE team.workspace = :workspace AND lower(person.name) = lower(:name) ORDER BY person.id LIMIT 3
"""
ACCOUNTS = """
SELECT mine.platform, mine.platform_workspace, mine.platform_user, person.name FROM person_identity AS mine
JOIN person ON person.id = mine.person
JOIN workspace_identity AS team
    ON team.platform = mine.platform AND team.platform_workspace = mine.platform_workspace
WHERE team.workspace = :workspace AND mine.person = :person
ORDER BY mine.platform, mine.platform_workspace, mine.platform_user
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
            "rules": policy.rules.model_dump_json(exclude_defaults=True),
            "now": now,
        },
    )
    for limit in policy.limits:
        yield NEW_LIMIT, {"id": new_id, "scope": limit.scope, "credits": limit.credits, "period": limit.period}
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


def known_workspaces() -> Script[list[str]]:
    """Every workspace that a chat platform ever told of, as `platform:workspace`."""
    rows = yield WORKSPACES, {}
    return [f"{row['platform']}:{row['platform_workspace']}" for row in rows]


def teams_of(workspace: str) -> Script[list[str]]:
    """Every team that shares a pool, as `platform:workspace`."""
    rows = yield TEAMS, {"workspace": workspace}
    return [f"{row['platform']}:{row['platform_workspace']}" for row in rows]


def also_known(*, platform: str, platform_workspace: str, alias: str, alias_workspace: str) -> Script[None]:
    """Let another platform know a workspace under a name of its own; again it changes nothing."""
    told = {"platform": platform, "platform_workspace": platform_workspace, "alias": alias, "name": alias_workspace}
    yield ALSO_KNOWN, told


def persons_named(*, workspace: str, name: str) -> Script[list[tuple[str, str]]]:
    """Everybody in a workspace who is called that, whatever the case: our ids and names."""
    rows = yield NAMED, {"workspace": workspace, "name": name}
    return [(str(row["id"]), str(row["name"])) for row in rows]


def accounts_of(*, workspace: str, person: str) -> Script[list[tuple[str, str, str, str]]]:
    """How the platforms know somebody of a workspace: platform, its workspace, its user, their name."""
    rows = yield ACCOUNTS, {"workspace": workspace, "person": person}
    return [(row["platform"], row["platform_workspace"], row["platform_user"], row["name"]) for row in rows]


def _rename(sql: str, known: str, name: str) -> Script[None]:
    if name:
        yield sql, {"id": known, "name": name}
