"""Money: integer minor units and an ISO 4217 code inside, a decimal text at every edge."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ConfigDict, GetJsonSchemaHandler, model_serializer, model_validator
from pydantic_core import CoreSchema

from schemas.base import Contract

# ISO 4217 list one, active codes with their minor unit exponent; every code not named below has 2.
_EXPONENT_0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_EXPONENT_3 = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENT_4 = "CLF UYW"
_EXPONENT_2 = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
    "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR "
    "ZMW ZWG"
)
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_EXPONENT_2.split(), 2),
    **dict.fromkeys(_EXPONENT_0.split(), 0),
    **dict.fromkeys(_EXPONENT_3.split(), 3),
    **dict.fromkeys(_EXPONENT_4.split(), 4),
}
AMOUNT_MINOR_MAX = 10**15
_DECIMAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,4})?")


class AmountInvalid(ValueError):
    """The text is not a decimal amount of the currency."""


class CurrenciesMixed(ValueError):
    """Two amounts of different currencies were added or compared."""


def exponent(currency: str) -> int:
    """Return how many decimals `currency` has. Raises AmountInvalid when ISO 4217 does not list it."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise AmountInvalid(f"{currency!r} is not an ISO 4217 currency code") from None


def minor_units(text: str | Decimal, currency: str) -> int:
    """Return the amount in minor units; exact, never rounded. Raises AmountInvalid."""
    plain = str(text)
    if not _DECIMAL.fullmatch(plain):
        raise AmountInvalid(f"{plain!r} is not an amount: write digits with a point, such as 1250.00")
    try:
        scaled = Decimal(plain).scaleb(exponent(currency))
    except InvalidOperation:
        raise AmountInvalid(f"{plain!r} is not an amount") from None
    if scaled != scaled.to_integral_value():
        raise AmountInvalid(f"{plain} has more decimals than {currency} knows")
    if abs(scaled) > AMOUNT_MINOR_MAX:
        raise AmountInvalid(f"{plain} {currency} is beyond the largest amount that is booked")
    return int(scaled)


def decimal_text(amount_minor: int, currency: str) -> str:
    """Return the amount as a decimal text with all decimals of the currency: 500000 USD is "5000.00"."""
    return format(Decimal(amount_minor).scaleb(-exponent(currency)), "f")


class Money(Contract):
    """An amount of one currency. JSON form: `{"amount": "999.99", "currency": "EUR"}`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    amount_minor: int
    currency: str

    @classmethod
    def of(cls, text: str | Decimal, currency: str) -> "Money":
        """Build from a decimal text. Raises AmountInvalid."""
        return cls(amount_minor=minor_units(text, currency), currency=currency)

    @model_validator(mode="before")
    @classmethod
    def _from_decimal_text(cls, given: Any) -> Any:
        if isinstance(given, dict) and "amount" in given:
            rest = {key: value for key, value in given.items() if key != "amount"}
            currency = rest.get("currency")
            if not isinstance(given["amount"], str) or not isinstance(currency, str):
                raise ValueError("amount and currency are texts")
            return {**rest, "amount_minor": minor_units(given["amount"], currency)}
        return given

    @model_validator(mode="after")
    def _currency_exists(self) -> "Money":
        exponent(self.currency)
        if abs(self.amount_minor) > AMOUNT_MINOR_MAX:
            raise AmountInvalid("beyond the largest amount that is booked")
        return self

    @model_serializer
    def _to_decimal_text(self) -> dict[str, str]:
        return {"amount": self.amount, "currency": self.currency}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "object",
            "title": "Money",
            "description": "A decimal amount with all decimals of its ISO 4217 currency.",
            "properties": {
                "amount": {"type": "string", "pattern": r"^-?\d{1,16}(\.\d{1,4})?$"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
            "required": ["amount", "currency"],
            "additionalProperties": False,
        }

    @property
    def amount(self) -> str:
        """The decimal text, with all decimals of the currency."""
        return decimal_text(self.amount_minor, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrenciesMixed(f"{self.currency} and {other.currency} cannot be mixed")
        return other.amount_minor

    def __add__(self, other: "Money") -> "Money":
        return Money(amount_minor=self.amount_minor + self._same(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount_minor=self.amount_minor - self._same(other), currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount_minor <= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
