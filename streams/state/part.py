"""What a part of an account's state is to the codec."""

from streams.state.account import Account


class Part:
    """A part: ``number`` says in the stored bytes which one it is, and is never used for another."""

    def __init__(self, number: int) -> None:
        self.number = number

    def write(self, account: Account) -> bytes:
        """The part as stored; empty if there is nothing to store."""
        raise NotImplementedError

    def read(self, account: Account, payload: bytes) -> None:
        """Give an account the part back. ``payload`` is what :meth:`write` returned, never empty."""
        raise NotImplementedError
