"""A partition of the journal whose clock can be stopped on its way (F1)."""

from streams.journal.partition import Partition


class StoppingPartition(Partition):
    """As in a backtest, where it is known what comes next."""

    @property
    def has_told(self) -> bool:
        """Whether accounts have told their groups something since the last take."""
        return bool(self._groups.told)

    @property
    def earliest(self) -> int:
        """No account is due before this instant (microseconds); ``NEVER`` where none is at all."""
        return self._accounts.earliest

    def fire_before(self, instant: int) -> None:
        """Fire every deadline before ``instant`` (microseconds) by (instant, account_id), as if the clock had stopped
        one microsecond past each (J8)."""
        self._emitted += self._accounts.fire_in_order(instant, self._rules_now(), self._groups.told)
