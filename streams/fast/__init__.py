"""The words of ``schemas`` as the hot path reads and writes them; tests hold the two together."""
