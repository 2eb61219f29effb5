"""What stands in a converted text until its page is made: the ids of headings, addresses of links, numbers of citations.

A text is converted as soon as it is read, when nobody knows yet where its links lead and which anchors the original has;
so what is kept of it rests on its own bytes and on the glossary, and stays true when another page moves. The signs are
for private use in Unicode: `load` refuses them in what editors write, `scanner` and `markup` as character references.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence

from builder.model import Problem

CITATION = "\ue000{}\ue001{}\ue002"  # its key and its locator
LATER = "\ue006"  # an attribute that is not known yet: an id, or the address of a link or picture as it is written


def filled(text: str, ids: Sequence[str], links: Mapping[str, str]) -> tuple[str, list[Problem]]:
    """The HTML with its headings' ids and its links' addresses, and what could not be told.

    `ids` are those of the original's sections in order, so that all languages share anchors; `links` says where each
    written target leads, which is an address of this site.
    """
    names = [one for one in ids if one != "top"]
    before, *marked = text.split(LATER)
    parts, count, problems = [before], 0, list[Problem]()
    for one in marked:
        written, _, after = one.partition('"')
        head, _, name = parts[-1].rpartition(" ")
        if name == 'id="':
            value = names[count] if count < len(names) else ""
            count += 1
        else:
            target = html.unescape(written)
            value = links.get(target, "")
            if not value.startswith(("/", "#")):
                problems.append(_problem("link-not-followed", f"'{target[:80]}' leads nowhere"))
                value = ""
        if value:
            parts += [html.escape(value), '"' + after]
        else:
            parts[-1] = head + after
    if count != len(names):
        found = f"the text has {count} headings, the original {len(names)}"
        problems.append(_problem("headings-differ", found, "Every language has the same headings."))
    return "".join(parts), problems


def numbered(text: str, numbers: Callable[[list[tuple[str, str]]], str]) -> str:
    """The HTML with its citations numbered, each directly behind the word before it.

    `numbers` writes those of one place, given as keys and locators.
    """
    before, *marked = text.split("\ue000")
    parts, together = [before], []
    for left, one in enumerate(marked, 1 - len(marked)):
        key, _, rest = one.partition("\ue001")
        locator, _, after = rest.partition("\ue002")
        together.append((key, locator))
        if after.strip() or not left:
            parts[-1] = parts[-1].rstrip()
            parts += [numbers(together), after]
            together = []
    return "".join(parts)


def _problem(code: str, message: str, hint: str = "") -> Problem:
    """Something wrong in the text as a whole."""
    return Problem("", 1, 1, code, message, hint)
