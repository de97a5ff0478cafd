"""What cannot be read back from the state of an account."""

from typing import Final

from agents.errors import Advice, Stop, Table, own_words
from streams.state.envelope import StateFormatError

STATE: Final[Table] = {StateFormatError: Advice(Stop, own_words)}
