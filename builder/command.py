"""The command line: what was asked, what came of it, and the exit code (0 done, 1 problems, 2 wrong use)."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from builder import report
from builder.cache import plain, said, today
from builder.model import Problem, SiteError, suggestion

if TYPE_CHECKING:
    import argparse

    from builder import pipeline

Options = SimpleNamespace

# Problems of what was asked for, not of the site.
ASKED = frozenset(
    [
        "exists", "foreign-folder", "no-base", "no-language", "no-port", "no-site", "not-a-translation", "nothing-to-translate",
        "output-file", "output-link", "output-within", "unknown-kind", "wrong-name",
    ]
)  # fmt: skip
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(words: Sequence[str]) -> int:
    """Runs one command; returns the exit code."""
    options = _options(words)
    options.root = os.path.abspath(options.root)
    try:
        code: int = options.call(options)
        sys.stdout.flush()
        return code
    except SiteError as error:
        _show(error.problems, options)
        wrong = (one for one in error.problems if not one.warning)
        return 2 if any(one.path == "config.yaml" or one.code in ASKED for one in wrong) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read this, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        path = os.path.relpath(str(error.filename or options.root), options.root)
        hint = "Mend its rights, or make room for it."
        _show([Problem(path, 0, 0, "no-access", f"cannot be used: {error.strerror}", hint)], options)
        return 1


def _options(words: Sequence[str]) -> Options:
    """What was asked for. Raises SystemExit if that cannot be understood, or was only a question."""
    options = Options(**(DEFAULTS | {"as_of": _today()}))
    if root := plain(list(words), HERE):  # the parser takes longer to load than a site to be looked at
        options.root, options.call = root, _build
        return options
    asked = with_command(words)
    top = parser(asked[0])
    if words and words[0] not in DESCRIBED and not words[0].startswith("-"):
        top.error(f"'{words[0]}' is not a command. {suggestion(words[0], list(DESCRIBED), 'The commands are')}")
    return top.parse_args(asked, options)


def _show(problems: Sequence[Problem], options: Options) -> None:
    """Problems in the format that was asked for: text to people on standard error, others on standard output."""
    if options.format == "text":
        colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
        print(report.text(problems, options.root, colour=colour), file=sys.stderr)
    elif options.format == "github":
        ordered = report.ranked(problems, _changed(options.root, options.changed))
        print(report.github(ordered))
        print(report.count(problems), file=sys.stderr)
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with open(summary, "a", encoding="utf-8") as file:
                file.write(report.markdown(ordered) + "\n")
    else:
        print(report.as_json(problems) if options.format == "json" else report.sarif(problems))


def _changed(root: str, base: str) -> frozenset[str]:
    """The files that a change touches, by git; none if it cannot say."""
    if not base:
        return frozenset()
    import subprocess

    command = ["git", "-C", root, "diff", "--name-only", "--relative", base, "--"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return frozenset(done.stdout.split("\n")) if done.returncode == 0 else frozenset()


def parser(asked: str) -> argparse.ArgumentParser:
    """The words that the command `asked` understands; those of all if there is no such command."""
    import argparse

    unsaid = argparse.SUPPRESS  # what is not said stays as it is in DEFAULTS
    shared = argparse.ArgumentParser(add_help=False, argument_default=unsaid)
    shared.add_argument("--root", help="the folder with config.yaml, content, templates and static")
    shared.add_argument("--output", help="the folder to build into (default: output of config.yaml)")
    shared.add_argument("--as-of", type=_day, metavar="DATE", help="build as on this day (default: today)")
    shared.add_argument("-j", "--jobs", type=int, metavar="N", help="processes (default: as many as pay)")
    shared.add_argument("--verbose", action="store_true", help="say what was done and why")
    shared.add_argument("--format", choices=FORMATS, help="how problems, tables and links are shown (default: text)")
    shared.add_argument("--changed", metavar="BASE", help="show problems of files changed since BASE first")
    shared.add_argument("--strict", action="store_true", help="warnings are errors")
    top = argparse.ArgumentParser(prog="build.py", description="Builds the site from content, templates and static.")
    commands = top.add_subparsers(dest="command", metavar="command")
    for name in [asked] if asked in DESCRIBED else DESCRIBED:
        call, words = DESCRIBED[name]
        one = commands.add_parser(name, parents=[shared], help=words, description=words)
        one.set_defaults(call=call)
        for flags, settings in EXTRA.get(name, ()):
            one.add_argument(*flags, **settings)
    return top


def with_command(words: Sequence[str]) -> list[str]:
    """Without a command word, the command is `build`; options may stand before it."""
    takes_value = {"--root", "--output", "--as-of", "-j", "--jobs", "--format", "--changed"}
    for number, word in enumerate(words):
        if word in DESCRIBED and not (number and words[number - 1] in takes_value):
            return [word, *words[:number], *words[number + 1 :]]
    return list(words) if {"-h", "--help"} & set(words) else ["build", *words]


def _day(word: str) -> str:
    import argparse
    from datetime import datetime

    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-11-24, found '{word}'")
    try:
        datetime.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"there is no day {word}") from None
    return word


def _port(word: str) -> int:
    import argparse

    if not (word.isdigit() and len(word) < 6 and int(word) < 65536):
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, found '{word}'")
    return int(word)


def _today() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "0")
    if not (epoch.isdigit() and len(epoch) < 12):
        print(f"SOURCE_DATE_EPOCH: expected seconds since 1970, found '{epoch}'; today is used", file=sys.stderr)
    return today()


def output_of(options: Options) -> str:
    """The output folder that was asked for, or that of the configuration."""
    root: str = options.root
    if options.output:
        return os.path.abspath(str(options.output))
    name = "public"
    try:
        with open(os.path.join(root, "config.yaml"), encoding="utf-8") as file:
            found = re.search(r"^output:\s*([^\s#]+)", file.read(), re.M)
            name = str(found[1]).strip("\"'") if found else name
    except OSError:
        pass
    return os.path.join(root, name)


def _build(options: Options, *, writes: bool = True) -> int:
    from builder import pipeline, reading

    begun = time.perf_counter()
    request = reading.Request(
        options.root, output_of(options), options.as_of, options.strict, writes, options.jobs, _progress()
    )
    result = pipeline.build(request)
    if result.warnings or options.format in ("json", "sarif"):
        _show(result.warnings, options)
    seconds = time.perf_counter() - begun
    where = f"in {os.path.relpath(request.output)}" if writes else "nothing written"
    if options.verbose:
        _details(result)
    if options.profile:
        show = report.profile if options.profile == "text" else report.profile_json
        print(show(result.times, result.spent))
    # What is read by a program stands alone on standard output.
    line_to = sys.stderr if {options.format, options.profile} & {"json", "sarif"} else sys.stdout
    print(said(result.pages, result.files, result.size, seconds, where), file=line_to)
    return 0


def _details(result: pipeline.Result) -> None:
    """What a build did, for --verbose."""
    if result.note:
        print(f"cache not used: {result.note}", file=sys.stderr)
    rendered = f"{len(result.rendered)} rendered, {result.converted} converted, {result.written} written"
    phases = ", ".join(f"{phase} {seconds * 1000:.0f} ms" for phase, seconds in result.times)
    print(f"{rendered}; {phases}", file=sys.stderr)
    print(", ".join(f"{name}: {number:,}" for name, number in sorted(result.counts.items())), file=sys.stderr)


def _progress() -> Callable[[int, int], None] | None:
    """A bar on a terminal, once the work has taken longer than a second."""
    if not sys.stderr.isatty():
        return None
    begun = time.perf_counter()

    def show(done: int, of: int) -> None:
        if time.perf_counter() - begun > 1 and (done % 16 == 0 or done == of):
            filled = 30 * done // max(of, 1)
            end = "\r\033[K" if done == of else ""
            print(
                f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {of:,}{end}", end="", file=sys.stderr, flush=True
            )

    return show


def _check(options: Options) -> int:
    return _build(options, writes=False)


def _serve(options: Options) -> int:
    from builder import serve

    return serve.run(options.root, output_of(options), options.as_of, options.port)


def _translated(options: Options) -> int:
    from builder import translate

    for path in translate.pin(options.root, options.paths):
        print(f"pinned {path}")
    return 0


def _status(options: Options) -> int:
    from builder import translate

    rows = translate.status(options.root, options.as_of)
    table = "\n".join(map(report.shown, translate.table(rows).split("\n")))
    print(translate.as_json(rows) if options.format == "json" else table)
    return 0


def _new(options: Options) -> int:
    from builder import begin

    print(begin.write(options.root, options.kind, options.name, options.lang, options.as_of))
    return 0


def _schema(options: Options) -> int:
    from builder import handbook

    for path in handbook.write_schemas(options.root):
        print(path)
    return 0


def _diff(options: Options) -> int:
    from builder import compare

    text = compare.between(options.root, options.base)
    print(text)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with open(summary, "a", encoding="utf-8") as file:
            file.write(text + "\n")
    return 0


def _verify(options: Options) -> int:
    from builder import reproduce

    if options.against:
        found = reproduce.against(options.root, os.path.abspath(options.against), options.as_of)
        same = f"{options.against} is what the sources make on {options.as_of}"
    else:
        found = reproduce.twice(options.root, options.as_of)
        same = "two builds under different circumstances are the same, byte for byte"
    print("\n".join(map(report.shown, found)) if found else same)
    return 1 if found else 0


def _links(options: Options) -> int:
    import json

    from builder import links

    address, where = links.addresses(options.root)
    manners = links.Manners(pause=options.pause, timeout=options.timeout, private=options.private)
    seen = sys.stderr.isatty()
    answers = links.check(
        list(where), links.kept(options.root), options.age * 86_400, manners, address,
        lambda one: print(report.shown(f"{one.state}: {one.address}"), file=sys.stderr) if seen else None,
    )  # fmt: skip
    links.keep(options.root, answers)
    if options.format == "json":
        print(json.dumps(links.rows(answers, where), indent=1))
    else:
        print("\n".join(map(report.shown, links.table(answers, where))))
    return 1 if any(one.state in links.DEAD for one in answers) else 0


def _compress(options: Options) -> int:
    from builder import compress

    files, made = compress.site(output_of(options), os.path.abspath(options.to))
    print(f"{files:,} files in {os.path.relpath(options.to)}, {made:,} made")
    return 0


def _explain(options: Options) -> int:
    from builder import pipeline

    lines = pipeline.explain(options.root, output_of(options), options.address)
    print("\n".join(lines))
    return 0 if len(lines) > 1 else 1


def _addresses(options: Options) -> int:
    from builder import load, pipeline

    print(f"{pipeline.write_addresses(options.root)} addresses in {load.ADDRESSES}")
    return 0


# The commands: what runs, and what it is for.
DESCRIBED: dict[str, tuple[Callable[[Options], int], str]] = {
    "build": (_build, "build the site (this is what happens without a command)"),
    "check": (_check, "do everything but write"),
    "serve": (_serve, "show the site while it is being edited"),
    "new": (_new, "begin a page, an entry of a shared file, or the translation of a page"),
    "translated": (_translated, "note in translations the state of the original that they were made from"),
    "status": (_status, "which translations fell behind, which pages are due for review"),
    "diff": (_diff, "what changed since a git revision or a folder, for reviewers"),
    "verify": (_verify, "build twice under different circumstances and compare every byte"),
    "links": (_links, "ask other sites whether the addresses that this one names still answer"),
    "compress": (_compress, "copy the published site to a folder, with compressed files for a web server"),
    "explain": (_explain, "which file and template made an address, and what it depends on"),
    "addresses": (_addresses, "enter new addresses into the ledger of those that must never die"),
    "schema": (_schema, "write JSON Schemas for code editors"),
}
FORMATS = ("text", "json", "github", "sarif")
# What is asked for when nothing is said, besides the day.
DEFAULTS: dict[str, Any] = {
    "root": HERE, "output": None, "jobs": 0, "verbose": False, "format": "text", "changed": "", "strict": False,
    "profile": None,
}  # fmt: skip
# What a command understands besides the options that all share.
PROFILE: tuple[tuple[str, ...], dict[str, Any]] = (
    ("--profile",),
    {
        "nargs": "?", "const": "text", "choices": ("text", "json"),
        "help": "say where the time went: by phase, and the slowest files, outputs and templates",
    },
)  # fmt: skip
EXTRA: dict[str, tuple[tuple[tuple[str, ...], dict[str, Any]], ...]] = {
    "build": (PROFILE,),
    "check": (PROFILE,),
    "serve": ((("--port",), {"type": _port, "default": 8000, "help": "the port (default: 8000; 0: any)"}),),
    "translated": (
        (("paths",), {"nargs": "+", "metavar": "PATH", "help": "translations, such as content/ru/about.md"}),
    ),
    "new": (
        (("kind",), {"metavar": "KIND", "help": "a kind of page or entry, such as event or source, or translation"}),
        (
            ("name",),
            {
                "metavar": "NAME",
                "help": "the name of the file, without .md, or of the entry; for a translation, the page",
            },
        ),
        (("--lang",), {"default": "", "help": "begin the translation into this language"}),
    ),
    "diff": ((("base",), {"metavar": "BASE", "help": "a git revision such as origin/main, or a folder"}),),
    "verify": (
        (("--against",), {"metavar": "DIR", "help": "compare a published folder with what the sources make instead"}),
    ),
    "links": (
        (
            ("--age",),
            {"type": float, "default": 7, "metavar": "DAYS", "help": "do not ask again what worked so lately (7)"},
        ),
        (
            ("--pause",),
            {"type": float, "default": 1, "metavar": "SECONDS", "help": "between questions to one host (1)"},
        ),
        (("--timeout",), {"type": float, "default": 15, "metavar": "SECONDS", "help": "for one answer (15)"}),
        (("--private",), {"action": "store_true", "help": "ask addresses of networks within too"}),
    ),
    "compress": ((("to",), {"metavar": "DIR", "help": "the folder, which is made and kept up to date"}),),
    "explain": ((("address",), {"metavar": "ADDRESS", "help": "such as /en/programmes/ccp/"}),),
}
