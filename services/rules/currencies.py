"""Currency codes and signs as they stand beside amounts in documents."""

from schemas.money import EXPONENTS

# Signs that several currencies share are read as the one named here only where nothing says otherwise.
SIGNS: dict[str, str] = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "$US": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "CAN$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "SG$": "SGD",
    "R$": "BRL",
    "MX$": "MXN",
    "NT$": "TWD",
    "£": "GBP",
    "¥": "JPY",
    "￥": "JPY",
    "₹": "INR",
    "RS": "INR",
    "RS.": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₪": "ILS",
    "₫": "VND",
    "₱": "PHP",
    "₴": "UAH",
    "฿": "THB",
    "₦": "NGN",
    "ZŁ": "PLN",
    "KČ": "CZK",
    "FT": "HUF",
    "LEI": "RON",
    "FR": "CHF",
    "FR.": "CHF",
    "SFR": "CHF",
    "SFR.": "CHF",
    "RMB": "CNY",
    "EURO": "EUR",
    "EUROS": "EUR",
}
_CROWNS = {"sv": "SEK", "nb": "NOK", "nn": "NOK", "no": "NOK", "da": "DKK", "is": "ISK"}
_CROWN_SIGNS = frozenset({"KR", "KR."})
_DOLLARS_BY_TERRITORY = {
    "CA": "CAD",
    "AU": "AUD",
    "NZ": "NZD",
    "HK": "HKD",
    "SG": "SGD",
    "MX": "MXN",
    "TW": "TWD",
}


def currency_of_sign(sign: str, locale: str | None) -> str | None:
    """The ISO 4217 code of a code or sign beside an amount; "" where the sign is known but names no single currency.

    None means the text is no currency at all. A crown (kr) is the one of the language; a dollar is US unless the
    territory of the locale has its own.
    """
    word = sign.strip().upper()
    language, _, territory = (locale or "").replace("-", "_").partition("_")
    if word in EXPONENTS:
        return word
    if word in _CROWN_SIGNS:
        return _CROWNS.get(language.lower(), "")
    if word == "$":
        return _DOLLARS_BY_TERRITORY.get(territory.upper(), "USD")
    if word == "¥" and (language.lower() == "zh" or territory.upper() == "CN"):
        return "CNY"
    return SIGNS.get(word)
