"""A pytest plugin, ``-p tests.interpreted``: the project's modules as they are written, not as compiled.

Where there is a C compiler ``make setup`` compiles the hot path, and an extension module goes before the
source beside it. What is not compiled somewhere else must be right too.
"""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("schemas", "streams")


class SourceFinder:
    """Finds a module of the compiled packages by its source alone."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """See ``importlib.abc.MetaPathFinder``."""
        file = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        if name.partition(".")[0] in PACKAGES and file.exists():
            return spec_from_file_location(name, file)
        return None


if early := [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
    raise RuntimeError(f"imported before this plugin, so perhaps compiled: {early}")
sys.meta_path.insert(0, SourceFinder)  # type: ignore[arg-type]
