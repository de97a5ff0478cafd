"""``python -m agents`` is ``paytide``."""

from agents.cli import main

main(prog_name="paytide")
