"""Every fact there is. The modules of the package are the registry: whatever stands here is published and landed."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from schemas import facts
from schemas.facts.base import Fact

_NO_FACTS: Final = frozenset({"base", "registry"})


def _word(name: str) -> type[Fact]:
    module = import_module(f"{facts.__name__}.{name}")
    (word,) = (
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Fact) and one.model_fields["fact"].default == name
    )
    return word


FACTS: Final[dict[str, type[Fact]]] = {
    module.name: _word(module.name) for module in iter_modules(facts.__path__) if module.name not in _NO_FACTS
}
"""Every fact's published word, by its name."""
