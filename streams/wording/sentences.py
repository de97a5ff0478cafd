"""What sentences for people are made of, in Chinese (zh) and English (en).

Pure formatting. A sentence holds no personal data but the account id: no name, no counterparty, no balance.
"""

from decimal import Decimal
from typing import Final

from schemas.instant import HOUR, MINUTE

# ISO 4217: digits of the minor unit where they are not two.
_MINOR_DIGITS: Final = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def number(amount: int, currency: str, language: str = "en") -> str:
    """Minor units → ``5 504.00``, in Chinese ``5,504.00``: thousands apart, as many decimals as the currency has."""
    digits = _MINOR_DIGITS.get(currency, 2)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    grouped = f"{whole:,}" if language == "zh" else f"{whole:,}".replace(",", " ")
    return f"{sign}{grouped}.{rest:0{digits}d}" if digits else sign + grouped


def money(amount: int, currency: str, language: str = "en") -> str:
    """Minor units → ``5 504.00 CZK``, in Chinese ``5,504.00 CZK``, and ``5,504.00元`` for the yuan."""
    if language == "zh" and currency == "CNY":
        return f"{number(amount, currency, language)}元"
    return f"{number(amount, currency, language)} {currency}".rstrip()


def percent(share: str | None, language: str = "en") -> str | None:
    """A share with six decimals → ``53 %``, half-even; 0 % and 100 % mean exactly that. None stays None."""
    if share is None:
        return None
    exact = Decimal(share) * 100
    few, most, rest = ("不到1%", "99%以上", "%") if language == "zh" else ("under 1 %", "over 99 %", " %")
    if 0 < exact < 1:
        return few
    return most if 99 < exact < 100 else f"{round(exact)}{rest}"


def span(duration: int, language: str = "en") -> str:
    """Microseconds → ``24 hours`` or, under an hour, ``40 minutes``; what is left over is cut off."""
    hours, minutes = duration // HOUR, duration // MINUTE
    if language == "zh":
        return f"{hours}小时" if hours else f"{minutes}分钟"
    return count(hours, "hour") if hours else count(minutes, "minute")


def printable(text: str) -> str:
    """Text from outside for a terminal: what could steer the terminal becomes ``?``."""
    return "".join(one if one.isprintable() else "?" for one in text)


def count(number_of: int, what: str) -> str:
    """``1 day``, ``2 days``."""
    return f"{number_of} {what}" if number_of == 1 else f"{number_of} {what}s"
