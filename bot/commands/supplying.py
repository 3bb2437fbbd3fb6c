"""The verb `providers`: who makes videos here, for how much, how they are, and what is left on the accounts."""

from bot.commands import wording
from bot.commands.house import House, Who
from bot.commands.supplies import supplies
from bot.commands.typed import Typed
from bot.messaging import Ask, Reply


class Supplying:
    """What only looks at providers, for administrators."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def providers(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """Every provider with its offers, health, balance and last error.

        Anybody may add the bot somewhere and administer it there: balances are for those whom the operator named or
        whose team they admitted, and what went wrong for another team is for the operator alone.
        """
        await self._house.require_admin(ask.actor, "providers")
        policy, operates = self._house.policy, self._house.is_operator(ask.actor)
        found = await supplies(
            self._house,
            workspace=None if operates else who.workspace,
            balances_too=operates or self._house.admits(ask.actor),
        )
        return Reply(card=wording.providers(found, self._house.clock.now(), credit_microusd=policy.credit_microusd))
