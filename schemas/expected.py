"""What is wrong with a field, in words: what it is, and what it must be; never the value, which may be
personal data (X8).

What it must be is read from the published schema, so that the two cannot differ.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

Place = tuple[str, ...]
"""Where a field stands: names from the outside in, ``*`` for any element of a list."""

MOST: Final = 200
"""A sentence has at most so many characters."""
_JSON_TYPES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a decimal number",
    str: "text",
    list: "a list",
    dict: "an object",
}
_IS: Final = {
    "missing": "missing",
    "extra_forbidden": "given something unknown",
    "string_too_short": "empty",
    "string_too_long": "too long",
    "greater_than_equal": "too small",
    "less_than_equal": "too large",
}
_BY_TYPE: Final = {
    "string": "text",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def sentence(model: type[BaseModel], error: Mapping[str, Any], loc: tuple[str | int, ...]) -> str:
    """What is wrong at ``loc`` of the model by one of pydantic's errors: ``amount: is text, must be an
    integer from 1 to 10^15, in minor units``."""
    known = _expectations(model)
    place: Place = ()
    for part in loc:
        inner = (*place, "*" if isinstance(part, int) else part)
        if inner not in known:  # a name of the producer's own
            break
        place = inner
    names = ".".join(str(part) for part in loc[: len(place)])
    wrong = _wrong(error)
    said = "must be" if wrong is None else f"is {wrong}, must be"
    return f"{names or 'the value'}: {said} {known[place]}"[:MOST]


def _wrong(error: Mapping[str, Any]) -> str | None:
    kind, given = error["type"], error["input"]
    if kind in _IS:
        return _IS[kind]
    if kind.endswith("_type") or kind == "int_from_float" or not isinstance(given, str):
        return _JSON_TYPES.get(type(given))
    return None


@cache
def _expectations(model: type[BaseModel]) -> dict[Place, str]:
    schema = model.model_json_schema()
    return dict(_walk(schema, schema.get("$defs", {}), ()))


def _walk(node: Mapping[str, Any], parts: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    node = _resolved(node, parts)
    yield place, _must_be(node, parts)
    for either in node.get("anyOf", [node]):
        whole = _resolved(either, parts)
        for name, inner in whole.get("properties", {}).items():
            yield from _walk(inner, parts, (*place, name))
        if "items" in whole:
            yield from _walk(whole["items"], parts, (*place, "*"))


def _resolved(node: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = node.get("$ref")
    return node if reference is None else parts[reference.rpartition("/")[2]]


def _must_be(node: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if "anyOf" in node:
        return ", or ".join(_must_be(_resolved(either, parts), parts) for either in node["anyOf"])
    if "const" in node:
        return f"{node['const']}, as the type header or the topic says"
    if "properties" in node:  # its description tells what it is for
        return f"an object with {', '.join(node['properties'])}"
    if "description" in node:
        return str(node["description"])
    if "enum" in node:
        return f"one of {', '.join(node['enum'])}"
    if node.get("type") == "integer" and "minimum" in node:
        most = f"to {node['maximum']}" if "maximum" in node else "on"
        return f"an integer from {node['minimum']} {most}"
    return _BY_TYPE.get(node.get("type", ""), "as the published schema says")
