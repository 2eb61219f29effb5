"""What stands in which list: lists that stand ready, and the pages over which a long one is spread.

A list has an address below its language, such as events/by-decade/2010/. What does not fit on its first page goes on at
2/, 3/ … below that address, so that no page grows without bound. All of it follows from plain data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from builder import dates, wording

Entry = Mapping[str, Any]

# How many entries stand on one page of a list, by what it lists; titles alone take little room, definitions much.
SIZE = {"programme": 30, "term": 20, "milestone": 40, "place": 40, "source": 75, "index": 100}
USUAL = 50
# How many entries a page shows of what belongs to it, before it leads to a list of all.
EXCERPT = 5

# Where the lists of a kind stand.
HOME = {
    "programme": "programmes/", "event": "events/", "partner": "partners/", "law": "law/", "source": "sources/",
    "milestone": "timeline/", "place": "map/", "official": "contacts/officials/",
}  # fmt: skip
# Entries of shared files that stand on one list.
ONE_LIST = {"term": "glossary/", "office": "contacts/", "official": "contacts/officials/"}


def _bodies(field: str) -> Callable[[Entry], Iterable[str]]:
    return lambda entry: (one["partner"] for one in entry.get(field, ()) if one.get("partner"))


def begun(programme: Entry) -> Iterable[str]:
    """The decade in which a programme began, if the period that leads says so."""
    return (decade(one["value"]) for one in programme.get("period", ())[:1] if dates.starts(one["value"]))


# Lists that stand ready: what they list, the word in their address, what an entry is listed under, and how many entries
# there must be: a page that can show them all needs no list beside it.
READY: tuple[tuple[str, str, Callable[[Entry], Iterable[str]], int], ...] = (
    ("programme", "status", lambda one: (one["status"]["value"],), 1),
    ("programme", "decade", begun, 1),
    ("programme", "area", lambda one: one.get("areas", ()), 1),
    ("programme", "partner", _bodies("parts"), 1),
    ("event", "decade", lambda one: (decade(one["date"]),), 1),
    ("event", "area", lambda one: one.get("areas", ()), 1),
    ("event", "partner", _bodies("parts"), EXCERPT + 1),
    ("event", "programme", lambda one: one.get("programmes", ()), EXCERPT + 1),
    ("partner", "area", lambda one: one.get("areas", ()), EXCERPT + 1),
    ("law", "area", lambda one: one.get("areas", ()), EXCERPT + 1),
    ("law", "partner", _bodies("parties"), EXCERPT + 1),
    ("source", "type", lambda one: (one["type"],), 1),
    ("milestone", "decade", lambda one: (decade(one["date"]),), 1),
    ("place", "type", lambda one: (one["type"],), 1),
    ("official", "partner", _bodies("posts"), EXCERPT + 1),
)


def decade(day: str) -> str:
    """The decade of a day or period, as its first year."""
    return dates.first_day(day)[:3] + "0"


def ordered(kind: str, entries: Mapping[str, Entry], lang: str) -> list[str]:
    """The keys of a shared file's entries, in the order in which readers see them."""
    if kind == "milestone":
        return sorted(entries, key=lambda key: (dates.first_day(entries[key]["date"]), len(entries[key]["date"]), key))
    if kind == "figure":
        return sorted(entries, key=lambda key: (float(entries[key]["order"]), key))
    if kind == "source":
        return sorted(
            entries, key=lambda key: (entries[key]["publisher"].casefold(), entries[key].get("date", dates.LATEST), key)
        )
    label = {"term": "term", "office": "name", "place": "name", "official": "name"}[kind]
    return sorted(entries, key=lambda key: (wording.sort_key(entries[key][label], lang), key))


def ready(kind: str, entries: Iterable[tuple[str, Entry]]) -> dict[str, list[str]]:
    """The lists of a kind that stand ready: address to the keys listed there. `entries` are in order."""
    entries = list(entries)
    found: dict[str, list[str]] = {}
    for listed, by, values, least in READY:
        if listed == kind:
            some: dict[str, list[str]] = {}
            for key, entry in entries:
                for value in dict.fromkeys(values(entry)):
                    some.setdefault(f"{HOME[kind]}by-{by}/{value}/", []).append(key)
            found.update((address, keys) for address, keys in some.items() if len(keys) >= least)
    return found


def pages(kind: str, many: int) -> int:
    """Over how many pages a list is spread."""
    return max(1, -(-many // SIZE.get(kind, USUAL)))


def part(kind: str, keys: list[str], number: int) -> list[str]:
    """What stands on one page of a list. The pages are of even length."""
    many = pages(kind, len(keys))
    first, last = (len(keys) * n // many for n in (number - 1, number))
    return keys[first:last]


def page_address(address: str, number: int) -> str:
    """The address of one page of a list."""
    return address if number == 1 else f"{address}{number}/"


def anchors(kind: str, entries: Mapping[str, Entry], lang: str) -> dict[str, str]:
    """Where each entry of a shared file is shown, below the language."""
    if kind in ("source", "figure"):
        return {key: f"{kind}s/{key}/" for key in entries}
    keys = ordered(kind, entries, lang)
    lists = {ONE_LIST[kind]: keys} if kind in ONE_LIST else ready(kind, ((key, entries[key]) for key in keys))
    return {
        key: f"{page_address(address, number)}#{key}"
        for address, listed in lists.items()
        for number in range(1, pages(kind, len(listed)) + 1)
        for key in part(kind, listed, number)
    }
