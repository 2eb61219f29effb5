"""The kinds in words for people: the handbook page, the skeleton of a new file, the JSON Schemas for code editors."""

from __future__ import annotations

import functools
import json
import os
import re
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from builder import kinds, parity
from builder.fields import Plan, plan
from builder.site import FOLDER_OF, SHARED_OF

# What a field is, in a word that the interface translates (`handbook.type.…`).
ROLES = {
    "words": "words", "all-words": "all-words", "source": "source", "day": "day", "period": "period",
    "address": "address", "email": "email",
}  # fmt: skip


@functools.cache
def described() -> list[dict[str, Any]]:
    """Every kind with its fields: name, help, type, example, choices, whether it is required and must have a source."""
    rows = [{"name": name, "shared": "", "model": model} for name, model in kinds.KINDS.items()]
    files = {kind: file for file, kind in SHARED_OF.items()} | {"figure": "figures/NAME.yaml"}
    rows += [{"name": name, "shared": files[name], "model": model} for name, model in kinds.ENTRIES.items()]
    rows.append({"name": "translation", "shared": "", "model": kinds.Translation})
    return [
        {
            "name": str(row["name"]), "file": row["shared"] or _folder(str(row["name"])),
            "fields": list(fields(row["model"])),  # type: ignore[arg-type]
            "begun": begun(str(row["name"])) if row["name"] in kinds.KINDS else "",
        }
        for row in rows
    ]  # fmt: skip


def _folder(kind: str) -> str:
    if kind == "translation":
        return "content/ru/…"
    return f"content/en/{FOLDER_OF[kind]}/NAME.md" if kind in FOLDER_OF else "content/en/NAME.md"


def fields(model: type[BaseModel]) -> Iterable[dict[str, Any]]:
    """The fields of a model, as plain data."""
    plans = plan(model)
    for name, info in model.model_fields.items():
        one = plans[name]
        inside = _inside(info) if one.inside else None
        yield {
            "name": name, "help": info.description or "", "type": _type(one, info), "target": one.target,
            "many": one.many, "required": info.is_required(), "sourced": one.sourced, "choices": choices(info.annotation),
            "example": _example(name, info), "fields": list(fields(inside)) if inside else [],
        }  # fmt: skip


def _inside(info: FieldInfo) -> type[BaseModel] | None:
    stack: list[Any] = [info.annotation]
    while stack:
        one = stack.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
        stack.extend(typing.get_args(one))
    return None


def _type(one: Plan, info: FieldInfo) -> str:
    if one.inside:
        return "fields"
    if one.role == "reference":
        return "reference"
    if one.role in ROLES:
        return ROLES[one.role]
    if choices(info.annotation):
        return "choice"
    text = str(info.annotation)
    return "number" if "float" in text or "int" in text else "yes-no" if "bool" in text else "text"


def choices(annotation: Any) -> list[str]:
    """The values that a field may have, if they are a fixed few."""
    if typing.get_origin(annotation) is typing.Literal:
        return [str(one) for one in typing.get_args(annotation)]
    return [one for inner in typing.get_args(annotation) for one in choices(inner)]


def _example(name: str, info: FieldInfo) -> str:
    return f"{name}: {flow(info.examples[0])}" if info.examples and info.examples[0] not in ([], {}) else ""


def flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    text = str(value)
    plain = re.fullmatch(r"[\w./@+()–—’ -]+", text) and not text.startswith("-") and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)


def skeleton(kind: str, as_of: str) -> str:
    """A new file of a kind: every field, with its help as a comment; what is not required is commented out.

    What is required is empty, so that no example is published for a fact: the check names each line to be filled in.
    """
    text = "What it is, in your own words, each statement with its source [@mfa-seed]."
    return "\n".join(["---", *_lines(kinds.KINDS[kind], as_of), "---", "", text, ""])


def entry(kind: str, name: str, as_of: str) -> str:
    """A new entry of a shared file under its name, or without a name all of a file: every field, as in `skeleton`."""
    lines = _lines(kinds.ENTRIES[kind], as_of)
    return "\n".join([f"{name}:", *("  " + line for line in lines), ""] if name else [*lines, ""])


def _lines(model: type[BaseModel], as_of: str) -> Iterable[str]:
    for one in fields(model):
        example = one["example"] or f"{one['name']}: …"
        shown = f" For example: {example.partition(': ')[2]}" if one["required"] and not one["choices"] else ""
        yield f"# {one['help']}" + (f" ({', '.join(one['choices'])})" if one["choices"] else shown)
        if one["name"] in ("published", "reviewed", "accessed"):
            yield f"{one['name']}: {as_of}"
        elif one["name"] == "review_by":
            yield f"review_by: {_half_a_year_after(as_of)}"
        else:
            yield f"{one['name']}:" if one["required"] else f"# {example}"


def begun(kind: str) -> str:
    """A new file of a kind with only what it must have, every value still to be written: short enough for an address."""
    wanted = [one for one in fields(kinds.KINDS[kind]) if one["required"] or one["name"] == "source"]
    lines = [
        f"# {' '.join([one['help'], ', '.join(one['choices']) or one['example']])}\n{one['name']}:" for one in wanted
    ]
    return "\n".join(["---", *lines, "---", "", "What it is, each statement with its source [@key].", ""])


def _half_a_year_after(day: str) -> str:
    year, month, date = int(day[:4]), int(day[5:7]) + 6, min(int(day[8:10]), 28)
    return f"{year + (month > 12):04}-{month - 12 * (month > 12):02}-{date:02}"


def translation(first: dict[str, Any], text: str) -> str:
    """The skeleton of a translation: the original's words to translate on the left, its text below, its state pinned."""
    data = first["data"]
    lines = ["---"]
    for name in parity.HEAD:
        if name in data:
            lines += [f"# {' '.join(data[name].split())}", f"{name}: {json.dumps(data[name], ensure_ascii=False)}"]
    words = list(dict.fromkeys(one for _, one, _ in first["words"] if parity.WORD.search(one)))
    if words:
        lines += ["# English on the left stays; write this language on the right.", "words:"]
        lines += [f"  {json.dumps(one, ensure_ascii=False)}: {json.dumps(one, ensure_ascii=False)}" for one in words]
    lines += ["sections:", *(f'  {key}: "{value}"' for key, value in parity.state(first).items()), "---", ""]
    return "\n".join(lines) + text.lstrip("\n")


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a kind; that of a shared file is a map of its entries."""
    if name in kinds.KINDS or name == "translation" or name == "figure":
        model: type[BaseModel] = kinds.KINDS.get(name) or (kinds.Translation if name == "translation" else kinds.Figure)
        return dict(_texts(model.model_json_schema()))
    entry = _texts(kinds.ENTRIES[name].model_json_schema())
    definitions = entry.pop("$defs", {})
    return {"type": "object", "additionalProperties": entry, "$defs": definitions, "title": f"{name}s"}


# The published sets of records: the kind of each, and its fields that are not published.
SETS = {"programmes": "programme", "partners": "partner", "events": "event", "milestones": "milestone"}
HIDDEN = ("title", "order", "old_addresses", "changes", "review_by", "reviewed_by")


def published_fields(kind: str) -> Iterable[dict[str, Any]]:
    """The fields of a published record besides id, url and titles, for the data dictionary."""
    model: type[BaseModel] = kinds.KINDS.get(kind) or kinds.ENTRIES[kind]
    return (one for one in fields(model) if one["name"] not in HIDDEN)


def dictionary() -> list[dict[str, Any]]:
    """The published sets of records with their fields."""
    return [{"name": name, "fields": list(published_fields(kind))} for name, kind in SETS.items()]


def set_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a published set of records, as /data/NAME.json."""
    kind = SETS[name]
    model: type[BaseModel] = kinds.KINDS.get(kind) or kinds.ENTRIES[kind]
    record = model.model_json_schema(mode="serialization")
    definitions = _optional(record.pop("$defs", {}))
    properties = {key: one for key, one in record["properties"].items() if key not in HIDDEN}
    words = {"type": "object", "additionalProperties": {"type": "string"}}
    if kind == "milestone":  # its words stand in every language
        properties |= {key: words for key in ("title", "text", "note") if key in record["properties"]}
        own = {"id": {"type": "string"}, "url": {"type": "string", "format": "uri"}, "titles": words, "texts": words}
    else:
        own = {"id": {"type": "string"}, "url": {"type": "string", "format": "uri"}, "titles": words}
    entry = {"type": "object", "properties": own | _plain_words(properties), "required": ["id", "url", "titles"]}
    head = {key: {"type": "string"} for key in ("title", "publisher", "license", "url", "dictionary")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, "type": "object", "$defs": definitions,
        "properties": head | {name: {"type": "array", "items": entry | {"additionalProperties": False}}},
        "required": [*head, name], "additionalProperties": False,
    }  # fmt: skip


def _plain_words(properties: dict[str, Any]) -> dict[str, Any]:
    """In a record the words are those of the original, as text."""
    return {
        key: {"type": ["string", "object"]}
        if "additionalProperties" in str(one)[:200] and key in ("text", "note")
        else one
        for key, one in properties.items()
    }


def _optional(definitions: dict[str, Any]) -> dict[str, Any]:
    """What has no value is left out of the records, so no field inside is required."""
    return {key: {name: value for name, value in one.items() if name != "required"} for key, one in definitions.items()}


def _texts(found: Any) -> Any:
    """Scalars are written as text or plain; a list may be one value: what the program accepts, the schema accepts."""
    if isinstance(found, list):
        return [_texts(one) for one in found]
    if not isinstance(found, dict):
        return found
    found = {key: _texts(one) for key, one in found.items()}
    if found.get("type") in ("number", "integer", "boolean"):
        pattern = "^(true|false)$" if found["type"] == "boolean" else r"^-?\d+(\.\d+)?$"
        found |= {"type": [found["type"], "string"], "pattern": pattern, "x-type": found["type"]}
    if found.get("type") == "array" and "items" in found:
        return {"anyOf": [found, found["items"]], **{k: found[k] for k in ("description", "examples") if k in found}}
    if str(found.get("title", "")).startswith("Fact["):
        return {"anyOf": [found, {"type": ["string", "number"]}]}
    return found


def write_schemas(root: str) -> list[str]:
    """Writes the schemas where code editors find them, and the settings that name them; returns the paths."""
    folder = os.path.join(root, ".vscode", "schemas")
    os.makedirs(folder, exist_ok=True)
    done = []
    for name in [*kinds.KINDS, *kinds.ENTRIES, "translation"]:
        path = os.path.join(folder, f"{name}.json")
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            json.dump(schema(name), file, ensure_ascii=False, indent=1)
            file.write("\n")
        done.append(f".vscode/schemas/{name}.json")
    files = {f"./.vscode/schemas/{kind}.json": f"content/{file}" for file, kind in SHARED_OF.items()}
    files["./.vscode/schemas/figure.json"] = "content/figures/*.yaml"
    with open(os.path.join(root, ".vscode", "settings.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump({"yaml.schemas": files}, file, indent=1)
        file.write("\n")
    return [*done, ".vscode/settings.json"]
