"""Compiles the hot path with mypyc, where there is a C compiler: a third of the time an event.

Everything else about the project is in ``pyproject.toml``. Without a compiler the same code runs as it
is; the tests run it both ways (``tests/interpreted.py``).
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import setup

COMPILED = [
    "schemas/decode.py",
    "schemas/instant.py",
    "streams/pipeline.py",
    *(
        f"streams/{name}.py"
        for name in (
            "accounting/curve",
            "accounting/cycle_ends",
            "accounting/cycle_facts",
            "accounting/deadlines",
            "accounting/employers",
            "accounting/hot",
            "accounting/ledger",
            "accounting/provisional",
            "accounting/reorder",
            "accounting/retention",
            "calendar/days",
            "calendar/hours",
            "detection/flags",
            "detection/habit",
            "detection/pattern",
            "fast/decode",
            "groups/decision",
            "groups/decode",
            "groups/employer",
            "groups/entries",
            "groups/filing",
            "groups/keys",
            "groups/partition",
            "groups/paydays",
            "groups/rules",
            "groups/schedule",
            "groups/statements",
            "groups/watermarks",
            "intervention/engine",
            "intervention/kind",
            "journal/accounts",
            "journal/group_totals",
            "journal/moment",
            "journal/partition",
            "journal/to_groups",
            "playbook/rules",
            "replay/groups_log",
            "replay/journal_log",
            "replay/moves",
            "replay/run",
            "replay/stopping",
            "state/account",
            "state/codec",
            "state/envelope",
            "state/keys",
            "state/ledger_part",
            "state/packing",
            "state/part",
            "state/parts",
            "state/posting",
            "state/table",
            "state/told",
            "state/waiting",
        )
    ),
    *sorted(str(kind) for kind in Path("streams/intervention/kinds").glob("[!_]*.py")),
]
"""What an event passes through. Words that pydantic and msgspec make classes of stay as they are."""


def can_compile() -> bool:
    """Whether there is a C compiler and Python's header files."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return shutil.which(compiler) is not None and Path(sysconfig.get_path("include"), "Python.h").exists()


def extensions() -> list[object]:
    """The extension modules; none where nothing can be compiled, or PAYTIDE_INTERPRETED is set."""
    if os.environ.get("PAYTIDE_INTERPRETED"):
        return []
    if not can_compile():
        sys.stderr.write("no C compiler, or no Python.h: the hot path stays interpreted\n")
        return []
    from mypyc.build import mypycify

    return list(mypycify(COMPILED, opt_level="3", debug_level="0", group_name="paytide"))


setup(ext_modules=extensions())
