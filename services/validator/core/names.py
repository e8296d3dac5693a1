"""When two written names mean the same company. Keys for finding an invoice again are `rules.invoice_keys`."""

import re
import unicodedata

from services.validator.core.word_lists import LEGAL_FORMS

_DOTTED_LETTERS = re.compile(r"\b(?:\w\.){2,}")
_LETTERS_APART = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "þ": "th", "ð": "d", "&": " "}
)


def folded(text: str) -> str:
    """Lower case without accents and with single spaces: for comparing, never for showing."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS_APART))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def _words(name: str) -> tuple[str, ...]:
    joined = _DOTTED_LETTERS.sub(lambda match: match.group().replace(".", ""), folded(name))
    return tuple(re.findall(r"\w+", joined))


def company_key(name: str) -> str:
    """The words of a company's name without its legal form; all words when nothing else is left."""
    words = _words(name)
    kept = tuple(word for word in words if word not in LEGAL_FORMS)
    return " ".join(kept or words)


def same_company(one: str, other: str) -> bool:
    """Whether two written names are the same company.

    Legal forms, accents, case and punctuation do not count. A name that begins with the whole other name is the
    same one (a branch, a department, "c/o"), as long as the shorter has two words or five letters.
    """
    first, second = company_key(one), company_key(other)
    if not first or not second:
        return False
    if first == second or first.replace(" ", "") == second.replace(" ", ""):
        return True
    short, long = sorted((first, second), key=len)
    substantial = " " in short or len(short) >= 5
    return substantial and long.startswith(f"{short} ")
