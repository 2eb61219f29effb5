"""One file against its kind: plain data, or problems in the words of an editor.

The only module besides `kinds` that knows pydantic; it is imported when something has to be validated.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from builder.kinds import Marker, Sourced
from builder.model import Node, Problem, suggestion

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Plan:
    """What a field holds, as far as the rest of the program must know: its role and what is inside it."""

    role: str = ""  # "words", "all-words", "source", "reference", "day", "period" … or nothing
    target: str = ""  # for a reference: what it refers to
    many: bool = False
    inside: dict[str, Plan] = field(default_factory=dict)
    sourced: bool = False  # its facts must have a source
    carries_source: bool = False  # it has a field `source` of its own


@cache
def plan(model: type[BaseModel]) -> dict[str, Plan]:
    """The plan of every field of a model."""
    return {name: _plan(info.annotation, info) for name, info in model.model_fields.items()}


def _plan(annotation: Any, info: FieldInfo | None) -> Plan:
    markers = [one for one in (info.metadata if info else []) if isinstance(one, Marker)]
    extra = info.json_schema_extra if info else None
    sourced = isinstance(extra, dict) and bool(extra.get("sourced"))
    found = _unwrap(annotation, markers)
    return Plan(found.role, found.target, found.many, found.inside, sourced, found.carries_source)


def _unwrap(annotation: Any, markers: list[Marker]) -> Plan:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *metadata = typing.get_args(annotation)
        return _unwrap(inner, [*markers, *(one for one in metadata if isinstance(one, Marker))])
    if origin in (typing.Union, types.UnionType):
        options = [one for one in typing.get_args(annotation) if one is not type(None)]
        return _unwrap(options[0], markers)
    if origin is tuple:
        inner = _unwrap(typing.get_args(annotation)[0], markers)
        return Plan(inner.role, inner.target, True, inner.inside, False, inner.carries_source)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Plan(inside=plan(annotation), carries_source=issubclass(annotation, Sourced))
    if markers:
        return Plan(markers[0].role, markers[0].target)
    return Plan()


def validate(
    model: type[BaseModel], node: Node | None, path: str, kind: str, problems: list[Problem]
) -> dict[str, Any] | None:
    """The plain data of one page or entry, or None and its problems. `kind` is what an editor calls it."""
    if node is None or node.kind != "map":
        where = (node.line, node.column) if node else (1, 1)
        problems.append(
            Problem(path, *where, "no-fields", f"expected the fields of {kind}", "Write name: value lines.")
        )
        return None
    try:
        made = model.model_validate(node.plain())
    except ValidationError as error:
        found = [_problem(model, one, node, path, kind) for one in error.errors(include_url=False)]
        # A misspelt field is one mistake, not two: that the right one is missing goes without saying.
        meant = {one.hint for one in found if one.code == "unknown-field"}
        problems.extend(
            one
            for one in found
            if one.code != "missing-field"
            or f"Did you mean '{one.message.removesuffix(' is missing').rpartition('.')[2]}'?" not in meant
        )
        return None
    data: dict[str, Any] = made.model_dump(exclude_none=True)
    return data


def _problem(model: type[BaseModel], error: Any, node: Node, path: str, kind: str) -> Problem:
    location: Location = tuple(step for step in error["loc"] if not _inner(step, model))
    spot = node.at(location)
    name = str(location[-1]) if location else ""
    where = ".".join(str(step + 1) if isinstance(step, int) else step for step in location) or "the metadata"
    code, message, hint = "wrong-value", "", ""
    match "string_too_short" if spot.kind == "text" and not spot.value.strip() and location else error["type"]:
        case "missing":
            code, message = "missing-field", f"{where} is missing"
            hint = _help(model, location)
        case "extra_forbidden":
            code, message = "unknown-field", f"{name} is not a field of {kind}"
            parent = node.at(location[:-1])
            spot = parent.key(name) or spot
            hint = suggestion(name, _fields(model, location[:-1]), "The fields are")
        case "literal_error":
            message = f"{where}: expected {error['ctx']['expected']}, found '{_text(spot)}'"
            hint = suggestion(_text(spot), _choices(model, location), "Choose one of")
        case "string_too_short":
            code, message = "no-value", f"{where} has no value"
            choices = _choices(model, location)
            hint = f"Choose one of: {', '.join(choices)}." if choices else _help(model, location)
        case "value_error" | "assertion_error":
            message = f"{where}: {error['ctx']['error']}"
            hint = _help(model, location)
        case "string_type":
            message = f"{where}: expected a text, found {_sort(spot)}"
            hint = _help(model, location)
        case "bool_parsing" | "bool_type":
            message = f"{where}: expected true or false, found '{_text(spot)}'"
        case _:
            message = f"{where}: expected {_expected(error['type'])}, found {_sort(spot)}"
            hint = _help(model, location)
    return Problem(path, spot.line, spot.column, code, message, hint)


def _inner(step: str | int, model: type[BaseModel]) -> bool:
    """Steps of pydantic's own that no editor wrote."""
    return isinstance(step, str) and (
        step.startswith(("function-", "Fact[", "tagged")) or step in ("int", "float", "str")
    )


def _sort(node: Node) -> str:
    if node.kind == "text":
        return f"'{node.value}'"
    return "a list" if node.kind == "list" else "fields"


def _text(node: Node) -> str:
    return str(node.value) if node.kind == "text" else _sort(node)


def _expected(error: str) -> str:
    if error.startswith(("tuple", "list")):
        return "a list (lines that begin with '- ')"
    if error.startswith(("model", "dict")):
        return "fields (lines such as 'name: value')"
    return "another value"


def _walk(model: type[BaseModel], location: Location) -> Iterator[tuple[type[BaseModel], str]]:
    """The models and field names that a location passes through."""
    current: type[BaseModel] | None = model
    for step in location:
        if isinstance(step, int) or current is None:
            continue
        yield current, step
        info = current.model_fields.get(step)
        current = _model_in(info.annotation) if info else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in typing.get_args(annotation):
        if found := _model_in(inner):
            return found
    return None


def _help(model: type[BaseModel], location: Location) -> str:
    steps = list(_walk(model, location))
    if not steps:
        return ""
    owner, name = steps[-1]
    info = owner.model_fields.get(name)
    if info is None:
        return ""
    example = info.examples[0] if info.examples else None
    shown = f" For example: {_shown(name, example)}" if example not in (None, [], {}) else ""
    return f"{info.description}{shown}"


def _shown(name: str, example: Any) -> str:
    if isinstance(example, list):
        return f"{name}: [{', '.join(_flow(one) for one in example)}]"
    return f"{name}: {_flow(example)}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) and any(sign in value for sign in ",:{}[]#") else str(value)


def _fields(model: type[BaseModel], location: Location) -> list[str]:
    current: type[BaseModel] | None = model
    for owner, name in _walk(model, location):
        info = owner.model_fields.get(name)
        current = _model_in(info.annotation) if info else None
    return list(current.model_fields) if current else []


def _choices(model: type[BaseModel], location: Location) -> list[str]:
    steps = list(_walk(model, location))
    if not steps:
        return []
    owner, name = steps[-1]
    info = owner.model_fields.get(name)
    return [str(one) for one in _literals(info.annotation)] if info else []


def _literals(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) is Literal:
        return list(typing.get_args(annotation))
    return [one for inner in typing.get_args(annotation) for one in _literals(inner)]


@dataclass(frozen=True)
class Found:
    """A value of note inside plain data: where it is, what it is."""

    location: Location
    plan: Plan
    value: Any


def walk(plans: dict[str, Plan], data: dict[str, Any], location: Location = ()) -> Iterator[Found]:
    """Every value inside plain data that has a role, and every group of fields, with its location."""
    for name, value in data.items():
        one = plans.get(name)
        if one is None:
            continue
        items = [((*location, name, index), item) for index, item in enumerate(value)] if one.many else [
            ((*location, name), value)
        ]  # fmt: skip
        for place, item in items:
            if one.inside and isinstance(item, dict):
                yield Found(place, one, item)
                yield from walk(one.inside, item, place)
            elif one.role:
                yield Found(place, one, item)
