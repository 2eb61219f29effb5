"""The live preview: every page as the files are now, with the problems over the last good one while something is wrong.

A save is shown from memory (`live`), while a process of its own builds the whole site behind it, publishes it and finds
what only a whole build finds, such as dead links. Speaks livereload's protocol with livereload's own handlers, but
watches and reloads by itself: the library looks only every 800 ms without pyinotify, and drops a reload that comes
within 3 s of the one before (`DEFAULT_RELOAD_TIME`).
Listens on the loopback only, answers only requests that name it as their host, and serves nothing but the output.
"""

from __future__ import annotations

import asyncio
import html
import json
import mimetypes
import os
import signal
import stat
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from livereload import handlers
from livereload.handlers import LiveReloadHandler
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.netutil import bind_sockets

from builder import cache, live, reading, report, watch
from builder.model import Problem, SiteError
from builder.render import joined

PAUSE = 0.1  # seconds between looks at the files, where the system does not tell
TOGETHER = 0.01  # seconds in which the steps of one save arrive
QUIET = 1.0  # seconds after a save before the whole site is built
PROGRAM = os.path.join(os.path.dirname(cache.HERE), "build.py")
TYPES = {".ics": "text/calendar", ".vcf": "text/vcard", ".bib": "application/x-bibtex", ".xml": "application/xml"}
STYLE = """
.preview-problems { position: fixed; inset-block-end: 0; inset-inline: 0; max-height: 60vh; overflow: auto; margin: 0;
  padding: 1rem 1.5rem; z-index: 9; background: #2b0b0b; color: #fff; border-block-start: 4px solid #ff6b60;
  font: 14px/1.45 ui-monospace, monospace; white-space: pre-wrap; }
"""
NOTHING = b"<!doctype html><html lang=en><title>Preview</title><body><p>There is nothing to show yet.</p></body></html>"


@dataclass
class Preview:
    """What is being shown, and what is wrong at the moment."""

    root: str
    output: str
    as_of: str
    live: live.Live
    watch: watch.Watch
    port: int = 0
    problems: str = ""
    state: int = 0  # how often the browser was told to load again
    hosts: set[str] = field(default_factory=set)
    waiting: bool = False  # somebody will look at the files soon
    saved: float = 0.0  # the moment of the last save
    behind: bool = False  # the published site is older than the files
    publishing: asyncio.Task[None] | None = None
    process: asyncio.subprocess.Process | None = None

    @property
    def base(self) -> str:
        """The folder of the site's address."""
        return self.live.base


def run(root: str, output: str, as_of: str, port: int = 8000) -> int:
    """Serves and watches until interrupted; returns the exit code. Raises SiteError if there is nothing to serve."""
    reading.present(root)
    asyncio.set_event_loop(asyncio.new_event_loop())
    loop = IOLoop.current()
    preview = Preview(root, output, as_of, live.Live(root, as_of), watch.Watch(root))
    try:
        sockets = bind_sockets(port, "127.0.0.1")
    except OSError as error:
        message = f"cannot listen at port {port}: {os.strerror(error.errno or 0)}"
        raise SiteError(
            [Problem("serve", 0, 0, "no-port", message, "Name another with --port, or 0 for any.")]
        ) from None
    preview.port = sockets[0].getsockname()[1]
    preview.hosts = {f"{name}:{preview.port}" for name in ("127.0.0.1", "localhost")}
    HTTPServer(application(preview)).add_sockets(sockets)
    loop.add_callback(_read, preview, {"everything"})
    loop.add_callback(print, f"http://127.0.0.1:{preview.port}{preview.base}/  (Ctrl-C ends it)", flush=True)
    if preview.watch.handle >= 0:
        loop.add_handler(preview.watch.handle, lambda *_: _soon(preview), IOLoop.READ)
    else:
        PeriodicCallback(lambda: _look(preview), PAUSE * 1000).start()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: loop.add_callback_from_signal(loop.stop))
    loop.start()
    if preview.process and preview.process.returncode is None:
        with suppress(ProcessLookupError):
            preview.process.terminate()
    print()
    return 0


def _soon(preview: Preview) -> None:
    """A save is several events: what comes together is looked at together."""
    if not preview.waiting:
        preview.waiting = True
        IOLoop.current().call_later(TOGETHER, _look, preview)


def _look(preview: Preview) -> None:
    preview.waiting = False
    if changed := preview.watch.changed():
        _read(preview, changed)


def _read(preview: Preview, changed: set[str]) -> None:
    """Tells the browser and reads what changed; what is wrong goes to the terminal too. Survives anything."""
    begun, wrong = time.perf_counter(), bool(preview.problems)
    preview.saved = time.monotonic()
    # The browser may set out at once: everything here happens in turn, so its request is answered after the reading.
    styles = all(joined(path.removeprefix("static/")) for path in changed) and not wrong
    _reload(preview, "site.css" if styles else "*")
    try:
        preview.live.read()
        preview.problems = ""
    except SiteError as error:
        _wrong(preview, list(error.problems))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        _wrong(preview, [Problem("build.py", 0, 0, "failed", said, "Please report this.")])
    print(f"{time.perf_counter() - begun:.2f} s, {', '.join(sorted(changed)[:3])}", flush=True)
    if not preview.problems:
        preview.behind = True
        if preview.publishing is None or preview.publishing.done():
            preview.publishing = asyncio.ensure_future(_publish(preview))


async def _publish(preview: Preview) -> None:
    """Builds the whole site in a process of its own, again if something was saved meanwhile."""
    while preview.behind and not preview.problems:
        quiet = time.monotonic() - preview.saved
        if quiet < QUIET:
            await asyncio.sleep(QUIET - quiet)
            continue
        preview.behind = False
        words = ["--root", preview.root, "--output", preview.output, "--as-of", preview.as_of, "--format", "json"]
        preview.process = await asyncio.create_subprocess_exec(
            sys.executable, PROGRAM, *words, stdout=asyncio.subprocess.PIPE, preexec_fn=_gently
        )
        said, _ = await preview.process.communicate()
        if preview.behind or preview.problems or preview.process.returncode in (0, -signal.SIGTERM):
            continue
        try:
            rows = json.loads(said)
        except ValueError:
            continue
        found = [
            Problem(p["path"], p["line"], p["column"], p["code"], p["message"], p["hint"], p["severity"] == "warning")
            for p in rows
        ]
        if any(one.code in ("busy", "changed-meanwhile") for one in found):
            preview.behind, preview.saved = True, time.monotonic()
            continue
        _wrong(preview, found)
        _reload(preview, "*")


_gently = (lambda: os.nice(10) and None) if hasattr(os, "nice") else None


def _reload(preview: Preview, path: str) -> None:
    preview.state += 1
    for waiter in LiveReloadHandler.waiters.copy():
        waiter.send_message(_message(path))


def _message(path: str) -> dict[str, Any]:
    return {"command": "reload", "path": path, "liveCSS": True, "liveImg": True}


def _wrong(preview: Preview, problems: list[Problem]) -> None:
    preview.problems = report.text(problems, preview.root, frames=True)
    print(report.text(problems, preview.root, colour=sys.stderr.isatty()), file=sys.stderr, flush=True)


def application(preview: Preview) -> web.Application:
    """The handlers of the preview."""
    given = {"preview": preview}
    return web.Application(
        [
            (r"/livereload/(\d+)", _Socket, given),
            (r"/livereload\.js", _Script, given),
            (r"/preview-problems\.css", _Style, given),
            (r"(?s)(.*)", _Files, given),
        ],
        log_function=lambda handler: None,
    )


class _Local:
    """Answers only requests that name this server as their host: another name may be a web page's trick."""

    preview: Preview
    request: Any

    def initialize(self, preview: Preview) -> None:
        self.preview = preview

    def prepare(self) -> None:
        if self.request.host not in self.preview.hosts:
            raise web.HTTPError(403)


class _Socket(_Local, LiveReloadHandler):  # type: ignore[misc]
    def check_origin(self, origin: str) -> bool:
        """Only pages of this server may listen."""
        return urlsplit(origin).netloc in self.preview.hosts

    def open(self, state: str) -> None:
        """Somebody listens whose page was made in a state of the preview."""
        self.state = int(state)

    def on_message(self, message: str) -> None:
        """Whatever does not speak the protocol is not answered. What was saved while a page loaded is told late."""
        try:
            super().on_message(message)
        except (ValueError, AttributeError, TypeError):
            self.close()
        if self in LiveReloadHandler.waiters and self.state != self.preview.state:
            self.state = self.preview.state
            self.send_message(_message("*"))


class _Script(_Local, web.RequestHandler):
    def get(self) -> None:
        """The library's script, made to say in which state of the preview its page was made."""
        with open(
            os.path.join(os.path.dirname(handlers.__file__), "vendors", "livereload.js"), encoding="utf-8"
        ) as file:
            text = file.read()
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "max-age=3600")
        said = 'document.querySelector("script[data-state]").dataset.state'
        self.write(text.replace('"/livereload"', f'"/livereload/" + {said}'))


class _Style(_Local, web.RequestHandler):
    def get(self) -> None:
        """The look of the problems."""
        self.set_header("Content-Type", "text/css")
        self.write(STYLE)


class _Files(_Local, web.RequestHandler):
    def get(self, path: str) -> None:
        """A file of the output, pages with the script that reloads them and the problems of the moment."""
        data, name, problems = self._file(path)
        suffix = os.path.splitext(name)[1]
        kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
        self.set_header("Content-Type", kind + ("; charset=utf-8" if kind.startswith("text/") else ""))
        kept = self.preview.live.fingerprinted(name) and name in path
        self.set_header("Cache-Control", "max-age=31536000, immutable" if kept else "no-store")
        if suffix == ".html":
            data = with_script(data, problems, self.preview.state)
        self.finish(data)

    head = get

    def _file(self, path: str) -> tuple[bytes, str, str]:
        path = unquote(path)
        base = self.preview.base
        if path in ("/", base) and base:
            self.redirect(base + "/")
            raise web.Finish
        if not path.startswith(base + "/"):
            raise web.HTTPError(404)
        steps = path[len(base) + 1 :].split("/")
        if any(ord(sign) < 32 or sign == "\\" for sign in path):
            raise web.HTTPError(400)
        if any(step in (".", "..") or (step.startswith(".") and step != ".well-known") for step in steps):
            raise web.HTTPError(404)
        name = "/".join(steps)
        name = name + "index.html" if not name or name.endswith("/") else name
        for candidate in (name, self.preview.live.current(name)):
            data, problems = self._made(candidate)
            if data is not None:
                return data, candidate, problems
        if self._made(name + "/index.html")[0] is not None:
            self.redirect(path + "/")
            raise web.Finish
        self.set_status(404)
        language = steps[0] if len(steps) > 1 else ""
        data, problems = self._made(f"{language}/404.html" if language else "404.html")
        if data is None:
            data, problems = self._made("404.html")
        return data or NOTHING, "404.html", problems

    def _made(self, name: str) -> tuple[bytes | None, str]:
        """An output and the problems to show over it: as it is now, else as it was when it last could be made."""
        shown = self.preview.problems
        try:
            data = self.preview.live.output(name)
        except SiteError as error:
            data = None
            shown = shown or report.text(error.problems, self.preview.root, frames=True)
        if data is None:
            data = self.preview.live.earlier(name) or (_ordinary(self.preview.output, name) if shown else None)
        return data, shown


def _ordinary(output: str, name: str) -> bytes | None:
    """The bytes of an ordinary file of the output; no link is followed."""
    path = output
    try:
        for step in name.split("/"):
            path = os.path.join(path, step)
            if stat.S_ISLNK(os.lstat(path).st_mode):
                return None
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError):
        return None


def with_script(page: bytes, problems: str, state: int) -> bytes:
    """A page with the reload script, and the problems over it if there are any. Only the preview's answer has these."""
    extra = f'<script src="/livereload.js" data-state="{state}" async></script>'
    if problems:
        extra += '<link rel="stylesheet" href="/preview-problems.css">'
        extra += f'<pre class="preview-problems" role="alert">{html.escape(problems)}</pre>'
    head, mark, tail = page.rpartition(b"</body>")
    return head + extra.encode() + mark + tail if mark else page + extra.encode()
