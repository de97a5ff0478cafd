"""The kinds of task, one module each, named like the kind (K13).

The modules of the package are the registry: each brings its ``KIND``.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from streams.intervention.kind import Kind

KINDS: Final[dict[str, Kind]] = {
    name: import_module(f"{__name__}.{name}").KIND
    for name in sorted(module.name for module in iter_modules(__path__))
}
"""Every kind, by its name, in the order of their names."""
