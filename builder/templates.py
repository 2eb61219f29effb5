"""How templates become text: the environment they run in, the filters of each format, and what a suffix means.

The environment is Jinja's own with three things done sooner, none of which changes what comes out (a test compares):
values that are only written are escaped to plain text, functions are called directly (none here wants the context), and
compiled templates are kept beside the compiled modules of this program for as long as their text is the same.
"""

from __future__ import annotations

import json
import marshal
import os
import re
from collections.abc import Callable, MutableMapping
from typing import Any

import jinja2
import markupsafe
from jinja2 import nodes
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import Markup, escape

from builder import cache

KEPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__pycache__")
STATES = 4  # of one template: sites whose templates differ can share a program
KEYWORDS = frozenset(["class", "def", "for", "from", "if", "import", "in", "is", "lambda", "not", "or", "and"])

# The inside of `markupsafe.escape`, which wraps a text that is only written in an object nobody looks at.
_plain: Callable[[str], str] = getattr(markupsafe, "_escape_inner", lambda text: str(escape(text)))


def shown(value: Any) -> str:
    """A value as it is written: escaped, unless it is markup already."""
    kind = type(value)
    if kind is str:
        return _plain(value)
    return value if kind is Markup else escape(value)


class Generator(CodeGenerator):
    """Jinja's compiler, but for how a value is written and how a function is called."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown(")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Calls without `context.call`, which looks each time whether the function wants the context."""
        names = [one.key for one in node.kwargs]
        if node.dyn_args or node.dyn_kwargs or any(not name.isidentifier() or name in KEYWORDS for name in names):
            super().visit_Call(node, frame, forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for one in [*node.args, *node.kwargs]:
            self.visit(one, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")


class Compiled(BytecodeCache):
    """Compiled templates, each by its name and the sum of its text, in a file that belongs to this very program.

    What else follows from the program alone and takes long to make is kept beside them.
    """

    def __init__(self) -> None:
        self._program = cache.program()
        self._store = cache.Store(KEPT, "templates", usable=True)
        self.fresh: list[tuple[str, bytes]] = []  # since the last save

    def load_bytecode(self, bucket: Bucket) -> None:
        """Gives the code of a template, if it was compiled from the same text."""
        data = self._store.one(f"{bucket.key} {bucket.checksum}", self._program)
        bucket.code = None if data is None else marshal.loads(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps the code of a template."""
        self.take([(f"{bucket.key} {bucket.checksum}", marshal.dumps(bucket.code))])

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Templates are known by their names, wherever the site lies."""
        return name

    def made(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, plain data that rests on nothing but the program: made once for all builds."""
        data = self._store.one(f"{name} ", self._program)
        if data is None:
            data = marshal.dumps(make())
            self.take([(f"{name} ", data)])
        return marshal.loads(data)

    def take(self, fresh: list[tuple[str, bytes]]) -> None:
        """Keeps what was compiled or made, here or in a child process."""
        for name, data in fresh:
            self._store.put(name, self._program, data)
        self.fresh = [*self.fresh, *fresh]

    def save(self) -> None:
        """Writes what is new, if it may; of each template the last states stay."""
        if not self.fresh:
            return
        states: dict[str, list[str]] = {}
        for one in self._store.names(self._program):
            states.setdefault(one.rpartition(" ")[0], []).append(one)
        try:
            os.makedirs(KEPT, exist_ok=True)
            self._store.save(name for names in states.values() for name in names[-STATES:])
        except OSError:
            return  # a read-only installation compiles each time
        self.fresh = []


class Loader(jinja2.FileSystemLoader):
    """Templates of a folder; in compiled code and messages they are called templates/NAME, wherever the site lies."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template."""
        try:
            text, _, current = super().get_source(environment, template)
        except UnicodeDecodeError:
            raise jinja2.TemplateSyntaxError("is not UTF-8 text", 1, template) from None
        return text, f"templates/{template}", current


class Template(jinja2.Template):
    """A template; what was asked when its macros were made, once, is asked again by everyone who imports them."""

    environment: Environment
    within: frozenset[Any] = frozenset()

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        asked = self.environment.asked
        if self._module is None:
            before = set(asked)
            asked.clear()
            super()._get_default_module(ctx)
            self.within = frozenset(asked)
            asked |= before
        asked |= self.within
        return super()._get_default_module(ctx)


class Environment(jinja2.Environment):
    """What the templates of a site run in. `asked` is where the names of templates go that an output is made from."""

    code_generator_class = Generator
    template_class = Template
    shown = staticmethod(shown)

    def __init__(self, root: str) -> None:
        self.asked: set[Any] = set()
        self.loaded: dict[str, jinja2.Template] = {}
        self.compiled = Compiled()
        super().__init__(
            loader=Loader(os.path.join(root, "templates")), undefined=jinja2.StrictUndefined, autoescape=True,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, cache_size=-1, keep_trailing_newline=True,
            bytecode_cache=self.compiled,
        )  # fmt: skip
        self.filters.update(csv=csv, ical=ical, bibtex=bibtex, tojson=tojson)

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> jinja2.Template:
        """A template by its name, asked for whether it exists or not."""
        self.asked.add(("template", name))
        if name not in self.loaded:
            self.loaded[name] = super()._load_template(name, globals)
        return self.loaded[name]

    def forget(self) -> None:
        """Reads every template again when it is asked for; what was compiled is still known by its text."""
        self.loaded.clear()
        if self.cache is not None:
            self.cache.clear()

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of all templates: none has its own, which Jinja would look up through two maps."""
        return super().make_globals(d) if d else self.globals


# Signs that could end a script in HTML, as JSON may write them.
UNSAFE = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027"))
_string = json.encoder.encode_basestring
_dumps = json.JSONEncoder(ensure_ascii=False, default=dict).encode


def tojson(value: Any) -> Markup:
    """A value as JSON that may stand in a script of HTML; letters are themselves, and a record is its fields."""
    text = _string(value) if type(value) is str else _dumps(value)
    for sign, written in UNSAFE:
        if sign in text:
            text = text.replace(sign, written)
    return Markup(text)


def folded(text: str) -> str:
    """Lines of at most 75 octets with CRLF ends, no character split (RFC 5545 3.1, RFC 2426 2.6)."""
    lines = []
    for line in text.splitlines():
        if not line.strip():
            continue
        if len(line) * 4 <= 75 or len(line.encode()) <= 75:
            lines.append(line.strip("\r"))
            continue
        room, current = 75, ""
        for letter in line.strip("\r"):
            size = len(letter.encode())
            if room < size:
                lines.append(current)
                current, room = " ", 74
            current += letter
            room -= size
        lines.append(current)
    return "\r\n".join(lines) + "\r\n"


def tidy(text: str) -> str:
    """Without the empty lines that template tags leave."""
    if "<pre" in text:
        return text
    return "\n".join([line for line in text.split("\n") if line and not line.isspace()]) + "\n"


def sound(text: str) -> str:
    """JSON that was read once, in one line. Raises ValueError if it is none."""
    return json.dumps(json.loads(text), ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[str], str]] = {
    ".ics": folded, ".vcf": folded, ".html": tidy, ".xml": tidy, ".csv": tidy, ".txt": tidy, ".bib": tidy, ".json": sound,
}  # fmt: skip


def csv(value: Any) -> Markup:
    """A value as a field of a CSV file (RFC 4180); a leading sign that a spreadsheet would compute is kept as text."""
    text = "" if value is None else str(value)
    if text[:1] in "=+-@\t" and not re.fullmatch(r"-?\d+(\.\d+)?", text) and text:
        text = "'" + text
    return Markup('"' + text.replace('"', '""') + '"') if re.search('[",\n]', text) else Markup(text)


def ical(value: Any) -> Markup:
    """A text of a calendar or address book (RFC 5545 3.3.11)."""
    text = "" if value is None else str(value)
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(sign, written)
    return Markup(text)


def bibtex(value: Any) -> Markup:
    """A text inside braces of a BibTeX entry."""
    text = "" if value is None else str(value)
    for sign in "\\{}":
        text = text.replace(sign, "")
    return Markup(re.sub(r"([&%$#_~^])", r"\\\1", text))
