"""What pydantic refuses: settings are the user's to mend, everything else is not."""

from typing import Final

from pydantic import ValidationError

from agents.errors import Advice, Stop, Table


def _about_settings(error: BaseException) -> str | None:
    # pydantic names a model's problems; only those of the settings are the user's.
    if not isinstance(error, ValidationError) or error.title != "Settings":
        return None
    problems = [_problem(one["loc"], one["msg"]) for one in error.errors()]
    return "; ".join(problems) + "; correct the environment or .env"


def _problem(place: tuple[int | str, ...], message: str) -> str:
    # What is not about one setting names its own; below a setting stand pydantic's words for its types.
    told = message.removeprefix("Value error, ")
    return f"PAYTIDE_{str(place[0]).upper()}: {told}" if place else told


SETTINGS: Final[Table] = {ValidationError: Advice(Stop, _about_settings)}
