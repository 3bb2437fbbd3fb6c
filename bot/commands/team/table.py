"""What carries out every word behind `quota` and `credits`. A later feature adds its file here."""

from collections.abc import Mapping

from bot.commands.team import approvals, files, limits, linking, own, pool, records, reporting, rules, spending
from bot.commands.team.announcing import Announcer
from bot.commands.team.told import Doing

DOING: Doing = {
    **own.DOING,
    **approvals.DOING,
    **limits.DOING,
    **pool.DOING,
    **spending.DOING,
    **rules.DOING,
    **records.DOING,
    **linking.DOING,
    **reporting.DOING,
}
"""By verb and name, for each row of `subwords.table`."""

ANNOUNCERS: Mapping[str, Announcer] = {
    **approvals.ANNOUNCERS,
    **files.ANNOUNCERS,
    **rules.ANNOUNCERS,
    **reporting.ANNOUNCERS,
}
"""What makes notices, by their kind."""
