"""Source → syntax tree, whatever the collector does meanwhile."""

import ast
import gc


def parse(source: str) -> ast.Module:
    """``ast.parse``, without a collection in the middle of it.

    A collection may run a finaliser that logs; the logged traceback is parsed for its carets; and CPython 3.11 counts
    the depth of both parses in one place: ``SystemError: AST constructor recursion depth mismatch``.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if was_enabled:
            gc.enable()
