"""What flows through the build: problems, plain records, outputs. All frozen, none filled in later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Problem(NamedTuple):
    """Something wrong in the site, at a place that an editor can open.

    `line` and `column` count from 1; 0 means the whole file. `hint` says what to do.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.code}: {self.message}"


class SiteError(Exception):
    """The site cannot be built; carries every problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(f"{len(self.problems)} problems")


class Record(Mapping[str, Any]):
    """A read-only view of plain data: fields as attributes, lists as tuples, an absent field as None.

    A field is looked up once and then is an ordinary attribute: templates ask a million times.
    """

    _data: Mapping[str, Any]

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.__dict__["_data"] = data

    def __getattr__(self, name: str) -> Any:
        value = self._data.get(name)
        if value is None and name[:2] == "__":
            raise AttributeError(name)
        found = self.__dict__[name] = view(value)
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a record does not change: {name}")

    def __getitem__(self, name: str) -> Any:
        return view(self._data[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        return True

    def __hash__(self) -> int:
        return id(self._data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._data == other._data


def view(value: Any) -> Any:
    """Plain data as templates see it."""
    kind = type(value)
    if kind is dict:
        return Record(value)
    if kind is list or kind is tuple:
        return tuple([view(one) for one in value])
    return value


class Node(NamedTuple):
    """A value as YAML wrote it, with the line and column (from 1) on which it stands.

    `value` is a text, a tuple of Nodes, or a tuple of (key Node, value Node) pairs; `kind` tells which.
    """

    kind: str  # "text", "list" or "map"
    value: Any
    line: int
    column: int

    def plain(self) -> Any:
        """The value without positions: text, list or dict."""
        if self.kind == "text":
            return self.value
        if self.kind == "list":
            return [one.plain() for one in self.value]
        return {key.value: one.plain() for key, one in self.value}

    def at(self, location: tuple[str | int, ...]) -> Node:
        """The node at a location inside this one, or the nearest that exists."""
        node = self
        for step in location:
            if node.kind == "map":
                found = next((one for key, one in node.value if key.value == step), None)
            elif node.kind == "list" and isinstance(step, int) and step < len(node.value):
                found = node.value[step]
            else:
                found = None
            node = found if found is not None else node
        return node

    def key(self, name: str) -> Node | None:
        """The node of a key itself, for problems about the name of a field."""
        return next((key for key, _ in self.value if key.value == name), None) if self.kind == "map" else None


class Source(NamedTuple):
    """A file of content as read: metadata with positions, text, and where the text begins."""

    path: str  # below the root, with forward slashes
    digest: str
    front: Node | None
    text: str = ""
    text_line: int = 1  # the line of the file on which the text begins
    front_digest: str = ""  # of the metadata, before it was parsed


class Output(NamedTuple):
    """A file of the published site: its address below the output folder, and its bytes."""

    path: str
    data: bytes
    origin: str = ""  # the content or template file that made it
    links: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()


def suggestion(name: str, known: list[str], opening: str) -> str:
    """Did you mean …, or the list of what there is."""
    import difflib  # only needed when something is wrong

    close = difflib.get_close_matches(name, known, 1, 0.7)
    if close:
        return f"Did you mean '{close[0]}'?"
    if not opening:
        return ""
    shown = ", ".join(known[:30])
    return f"{opening}: {shown}." if shown else ""
