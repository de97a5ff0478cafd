"""The settings as given to a command, with a word about what looks like one and is none."""

import click
from pydantic import ValidationError

from agents.settings import Settings, unknown_settings


def given_settings(bootstrap: str | None = None) -> Settings:
    """The settings; ``bootstrap``: another broker, from the command line. Names unknown variables on standard error."""
    for name, nearest in unknown_settings().items():
        hint = f"; did you mean {nearest}?" if nearest else "; see docs/operations.md, Settings"
        click.echo(f"paytide: {name} is no setting and changes nothing{hint}", err=True)
    settings = Settings()
    if bootstrap is None:
        return settings
    try:
        # All of them again: what is copied in is not checked.
        return Settings.model_validate({**settings.model_dump(), "kafka_bootstrap": bootstrap})
    except ValidationError as error:
        raise click.BadParameter(error.errors()[0]["msg"], param_hint="--bootstrap") from error
