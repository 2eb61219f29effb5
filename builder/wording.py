"""Numbers, money, lists, plurals, sorting and folding, in each language.

What a language needs stands in content/<language>/formats.yaml, as texts with names in braces:

    group        what stands between groups of three digits ("1,234,567"; a no-break space in Russian and Tajik)
    group-from   how many digits a number needs before it is grouped: "4" in English (1,234). "5" in Russian and Tajik,
                 where a number of four digits is customarily written whole (1234, but 12 345)
    decimal      what stands before the decimals
    money        an amount in a currency that has no entry of its own: {number} {currency}
    currencies   a map from currency code to {number} and its words; where these follow the number, a map of plurals
    list-comma   what stands between the parts of a list
    list-and     what stands before the last one

Letters and plural rules are no matter of taste and stand here. Tajik has one plural form, Russian three and one for
decimals. No collation that ships with an operating system or browser knows the Tajik alphabet, so sorting is done here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

# The alphabet of Russian and of Tajik in one: each language's letters stand in its own order.
LETTERS = "абвгғдеёжзиӣйкқлмнопрстуӯфхҳцчҷшщъыьэюя"
# Letters of old fonts and of other languages that stand where a Tajik letter is meant.
LEGACY = frozenset("ўїњљќѓћЎЇЊЉЌЃЋ")
# What readers type who have no Tajik keys; the script of the search page has the same table.
FOLDS: Mapping[str, str] = {
    "ғ": "г",
    "ӣ": "и",
    "қ": "к",
    "ӯ": "у",
    "ў": "у",
    "ҳ": "х",
    "ҷ": "ч",
    "ё": "е",
    "й": "и",
    "ъ": "",
}
NEEDED = ("group", "group-from", "decimal", "money", "list-comma", "list-and")

_RANKS = {ord(letter): chr(0x3A + rank) for rank, letter in enumerate(LETTERS)}  # between the digits and the Latin "a"
_FOLDS = str.maketrans(dict(FOLDS))
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_CYRILLIC = re.compile(r"[Ѐ-ԯ]")
# Whatever words of mixed scripts there are, one is here: letters of both beside each other, or with others between.
_MIXED = re.compile(r"[Ѐ-ԯ][^\W\d_A-Za-zÀ-ɏЀ-ԯ]*[A-Za-zÀ-ɏ]|[A-Za-zÀ-ɏ][^\W\d_A-Za-zÀ-ɏЀ-ԯ]*[Ѐ-ԯ]")


def number(value: int | float, formats: Mapping[str, Any]) -> str:
    """A number with its digits grouped as the language does it; as many decimals as it was given with."""
    if isinstance(value, float) and not abs(value) < 1e16:
        raise ValueError(f"a number of the content must be finite and smaller than 10^16, found {value}")
    written = repr(abs(value)) if "e" not in repr(value) else f"{abs(value):.12f}".rstrip("0")
    whole, _, decimals = written.partition(".")
    if len(whole) >= int(formats["group-from"]):
        whole = formats["group"].join(re.findall(r"\d{1,3}(?=(?:\d{3})*$)", whole))
    return ("−" if value < 0 else "") + whole + (formats["decimal"] + decimals if decimals else "")


def money(amount: int | float, currency: str, formats: Mapping[str, Any]) -> str:
    """An amount in full, with its currency."""
    pattern = formats.get("currencies", {}).get(currency, formats["money"])
    if not isinstance(pattern, str):
        pattern = _form(_russian(amount), pattern)
    return _fill(pattern, number=number(amount, formats), currency=currency)


def and_list(items: Sequence[str], formats: Mapping[str, Any]) -> str:
    """Several things as one writes them in a sentence. Joined by "+", so that what is safe HTML stays it."""
    if not items:
        return ""
    result = items[0]
    for item in items[1:-1]:
        result = result + formats["list-comma"] + item
    return result + formats["list-and"] + items[-1] if len(items) > 1 else result


def plural(n: int | float, forms: Mapping[str, str], lang: str) -> str:
    """The one of several forms that stands with a number; `forms` are called one, few, many and other."""
    return _form(PLURALS.get(lang, _english)(n), forms)


def _form(category: str, forms: Mapping[str, str]) -> str:
    for name in (category, "other", "many"):
        if name in forms:
            return forms[name]
    return next(iter(forms.values()))


def _english(n: int | float) -> str:
    return "one" if n == 1 and isinstance(n, int) else "other"


def _russian(n: int | float) -> str:
    if not isinstance(n, int):
        return "other"
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


def _tajik(n: int | float) -> str:
    return "other"


PLURALS: Mapping[str, Callable[[int | float], str]] = {"en": _english, "ru": _russian, "tg": _tajik}


@cache
def sort_key(text: str, lang: str) -> tuple[str, str]:
    """Orders texts as a dictionary of the language does: word by word, signs ignored, numbers by value.

    In Russian and Tajik the Cyrillic letters come first, each in its place (ё after е, ӣ after и), in English the Latin.
    """
    plain = unicodedata.normalize("NFC", text).casefold()
    plain = re.sub(r"\d+", lambda match: match[0].zfill(12), plain)
    plain = re.sub(r"[^\w\s/-]|_", "", plain)
    plain = " ".join(re.split(r"[\s/-]+", plain)).strip()
    if lang == "en":
        return _unaccented(plain), text
    return plain.translate(_RANKS), text


def _unaccented(text: str) -> str:
    """Latin letters without their accents; й and ӣ stay letters of their own."""
    if text.isascii() or _CYRILLIC.search(text):
        return text
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


def fold(text: str) -> str:
    """A text as it is searched: without capitals, and without the letters that keyboards lack."""
    return unicodedata.normalize("NFC", text).casefold().translate(_FOLDS)


def look_alikes(text: str, lang: str) -> list[tuple[str, int]]:
    """Words that hold a letter which only looks right, each with where it stands in the text.

    In every language: Latin and Cyrillic letters in one word. In Tajik also the letters of old fonts.
    """
    if text.isascii() or not (_MIXED.search(text) or (lang == "tg" and not LEGACY.isdisjoint(text))):
        return []  # nearly always, and much sooner than looking at each word
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        mixed = _CYRILLIC.search(word) and _LATIN.search(word)
        if mixed or (lang == "tg" and not LEGACY.isdisjoint(word)):
            found.append((word, match.start()))
    return found


def spoken(words: Mapping[str, Any], lang: str, original: str) -> Any:
    """Of words that stand side by side those of a language, or those that stand in for them."""
    return words.get(lang) or words.get(original) or next(iter(words.values()))


def format_problems(formats: Mapping[str, Any]) -> list[str]:
    """What is missing in the part of a language's formats that numbers, money and lists need, as sentences."""
    found = [f"'{key}' is missing, or not a text" for key in NEEDED if not isinstance(formats.get(key), str)]
    if isinstance(formats.get("group-from"), str) and not formats["group-from"].isdecimal():
        found.append("'group-from' needs a number of digits, such as 4")
    patterns = {"money": formats.get("money"), **_currencies(formats)}
    for key, pattern in patterns.items():
        if isinstance(pattern, str) and "{number}" not in pattern:
            found.append(f"'{key}' lacks {{number}}")
    return found


def _currencies(formats: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, pattern in dict(formats.get("currencies") or {}).items():
        forms = {"": pattern} if isinstance(pattern, str) else pattern
        found.update({f"{code} {name}".strip(): text for name, text in forms.items()})
    return found


def _fill(pattern: str, **names: str) -> str:
    """Puts values into a pattern. Not str.format: what editors write must stay data."""
    return re.sub(r"\{(\w+)\}", lambda match: names.get(match[1], match[0]), pattern)
