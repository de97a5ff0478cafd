"""What the postings have in common: a payroll credit, and any other one (J3)."""

from typing import Literal

PayrollSource = Literal["employed", "pension", "social"]
Direction = Literal["out", "in"]
Kind = Literal[
    "transfer",
    "consumption",
    "cash",
    "bill",
    "loan_repayment",
    "investment",
    "internal",
    "interest",
    "fee",
    "other",
]
Channel = Literal["mobile", "online", "counter", "atm", "pos", "batch", "other"]
