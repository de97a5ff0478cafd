"""The currencies an amount can be in: the active codes of ISO 4217 that have a minor unit.

Source: ISO 4217 list one (current currencies and funds), as of January 2026. Money is counted in minor
units here, so what has none is left out: precious metals, units of account between central banks, and the
codes for tests (XTS) and for no currency (XXX). A code that ISO withdraws stays in this list once it has
stood here: a journal must be read tomorrow as it was read today.
"""

from typing import Final

_LIST_ONE: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER
ZAR ZMW ZWG
"""
CURRENCIES: Final = frozenset(_LIST_ONE.split())
"""RMB and CNH, which banks write too, are not among them: the yuan is CNY."""


def check_currency(code: str) -> str:
    """The code itself. Raises ``ValueError`` if it is none of ``CURRENCIES``."""
    if code not in CURRENCIES:
        raise ValueError("not an active ISO 4217 code")
    return code
