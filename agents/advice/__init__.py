"""One table a library: how to react to its classes of errors, and what to tell the user.

Only ``agents.reactions`` imports them, each once its library is loaded.
"""
