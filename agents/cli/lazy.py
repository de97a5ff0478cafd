"""A group that imports a command when it is called: ``paytide backtest`` must not wait for Faust."""

import tomllib
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

from agents.cli.errors import Failure, Interrupted, explain


class LazyGroup(click.Group):
    """Commands by name: ``module:attribute``, and a line of help that shows without importing it.

    It is also where expected errors become one line and exit code 2. Unexpected ones pass, so that
    their traceback is seen, and Python ends with exit code 1.
    """

    def __init__(self, name: str, *, lazy: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the table."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is no such name."""
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command), f"{module}:{attribute} is not a command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in self._lazy.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an expected error becomes a ``Failure``, Ctrl-C an ``Interrupted``."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted") from error
        except Exception as error:
            message = explain(error)
            if message is None:
                raise
            raise Failure(message) from error


def version_option() -> click.Option:
    """``--version``."""

    def show(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            click.echo(f"paytide {service_version()}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show the version.",
    )


def service_version() -> str:
    """The version installed; in a checkout that is not installed, the one in ``pyproject.toml``."""
    try:
        return version("paytide")
    except PackageNotFoundError:
        text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(text)["project"]["version"])
