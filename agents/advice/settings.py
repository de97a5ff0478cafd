"""What pydantic refuses: settings are the user's to mend, everything else is not."""

from typing import Final

from pydantic import ValidationError

from agents.errors import Advice, Stop, Table


def _about_settings(error: BaseException) -> str | None:
    # pydantic names a model's problems; only those of the settings are the user's.
    if not isinstance(error, ValidationError) or error.title != "Settings":
        return None
    problems = [f"PAYTIDE_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
    return "; ".join(problems) + "; correct the environment or .env"


SETTINGS: Final[Table] = {ValidationError: Advice(Stop, _about_settings)}
