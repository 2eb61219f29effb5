"""The live preview: the last good site, rebuilt at every change, with the problems over it while something is wrong.

Speaks livereload's protocol with livereload's own handlers, but watches and reloads by itself: the library looks only
every 800 ms without pyinotify, and drops a reload that comes within 3 s of the one before (`DEFAULT_RELOAD_TIME`).
Listens on the loopback only, answers only requests that name it as their host, and serves nothing but the output.
"""

from __future__ import annotations

import asyncio
import html
import mimetypes
import os
import re
import stat
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from livereload.handlers import LiveReloadHandler, LiveReloadJSHandler
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets

from builder import cache, pipeline, report
from builder.model import Problem, SiteError

PAUSE = 0.05  # seconds between looks at the files
TYPES = {".ics": "text/calendar", ".vcf": "text/vcard", ".bib": "application/x-bibtex", ".xml": "application/xml"}
STYLE = """
.preview-problems { position: fixed; inset-block-end: 0; inset-inline: 0; max-height: 60vh; overflow: auto; margin: 0;
  padding: 1rem 1.5rem; z-index: 9; background: #2b0b0b; color: #fff; border-block-start: 4px solid #ff6b60;
  font: 14px/1.45 ui-monospace, monospace; white-space: pre-wrap; }
"""


@dataclass
class Preview:
    """What is being shown, and what is wrong at the moment."""

    root: str
    output: str
    as_of: str
    base: str = ""
    port: int = 0
    problems: str = ""
    builds: int = 0
    hosts: set[str] = field(default_factory=set)


def run(root: str, output: str, as_of: str, port: int = 8000) -> int:
    """Builds, serves and watches until interrupted; returns the exit code."""
    preview = Preview(root, output, as_of)
    _build(preview)
    sockets = bind_sockets(port, "127.0.0.1")
    preview.port = sockets[0].getsockname()[1]
    preview.hosts = {f"{name}:{preview.port}" for name in ("127.0.0.1", "localhost")}
    loops: list[IOLoop] = []
    started = threading.Event()

    def serve() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        loops.append(IOLoop.current())
        server = HTTPServer(application(preview))
        server.add_sockets(sockets)
        started.set()
        loops[0].start()

    threading.Thread(target=serve, daemon=True).start()
    started.wait()
    print(f"http://127.0.0.1:{preview.port}{preview.base}/  (Ctrl-C ends it)", flush=True)
    try:
        # The builds run in the main thread: it is the one that forks.
        _watch(preview, loops[0])
    except KeyboardInterrupt:
        print()
    return 0


def _watch(preview: Preview, loop: IOLoop) -> None:
    known = cache.scan(preview.root)
    while True:
        time.sleep(PAUSE)
        now = cache.scan(preview.root)
        if now == known:
            continue
        changed = {path for path in now.keys() | known.keys() if now.get(path) != known.get(path)}
        known = now
        was_wrong = bool(preview.problems)
        _build(preview)
        styles = all(path.startswith("static/css/") for path in changed) and not was_wrong and not preview.problems
        loop.add_callback(_reload, "site.css" if styles else "*")


def _reload(path: str) -> None:
    message = {"command": "reload", "path": path, "liveCSS": True, "liveImg": True}
    for waiter in LiveReloadHandler.waiters.copy():
        waiter.send_message(message)


def _build(preview: Preview) -> None:
    """Builds; what is wrong goes to the terminal and into the browser. The preview survives anything."""
    begun = time.perf_counter()
    try:
        result = pipeline.build(pipeline.Request(preview.root, preview.output, preview.as_of))
        preview.problems = ""
        seconds = time.perf_counter() - begun
        print(cache.said(result.pages, result.files, result.size, seconds, f"{result.written} written"), flush=True)
    except SiteError as error:
        _wrong(preview, list(error.problems))
    except Exception as error:
        _wrong(
            preview, [Problem("build.py", 0, 0, "failed", f"{type(error).__name__}: {error}", "Please report this.")]
        )
    preview.builds += 1
    preview.base = _base(preview.root) or preview.base


def _wrong(preview: Preview, problems: list[Problem]) -> None:
    preview.problems = report.text(problems, preview.root, frames=True)
    print(report.text(problems, preview.root, colour=sys.stderr.isatty()), file=sys.stderr, flush=True)


def _base(root: str) -> str:
    """The folder of the site's address, from the configuration."""
    try:
        with open(os.path.join(root, "config.yaml"), encoding="utf-8") as file:
            found = re.search(r"^address:\s*[\"']?([^\s\"'#]+)", file.read(), re.M)
    except OSError:
        return ""
    return urlsplit(found[1]).path.rstrip("/") if found else ""


def application(preview: Preview) -> web.Application:
    """The handlers of the preview."""
    given = {"preview": preview}
    return web.Application(
        [
            (r"/livereload", _Socket, given),
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

    def on_message(self, message: str) -> None:
        """Whatever does not speak the protocol is not answered."""
        try:
            super().on_message(message)
        except (ValueError, AttributeError, TypeError):
            self.close()


class _Script(_Local, LiveReloadJSHandler):  # type: ignore[misc]
    pass


class _Style(_Local, web.RequestHandler):
    def get(self) -> None:
        """The look of the problems."""
        self.set_header("Content-Type", "text/css")
        self.write(STYLE)


class _Files(_Local, web.RequestHandler):
    def get(self, path: str) -> None:
        """A file of the output, pages with the script that reloads them and the problems of the moment."""
        data, name = self._file(path)
        suffix = os.path.splitext(name)[1]
        kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
        self.set_header("Content-Type", kind + ("; charset=utf-8" if kind.startswith("text/") else ""))
        self.set_header("Cache-Control", "no-store")
        if suffix == ".html":
            data = with_script(data, self.preview.problems)
        self.finish(data)

    head = get

    def _file(self, path: str) -> tuple[bytes, str]:
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
        for candidate in (name, self._current(name)):
            data = _ordinary(self.preview.output, candidate)
            if data is not None:
                return data, candidate
        self.set_status(404)
        language = steps[0] if len(steps) > 1 else ""
        page = _ordinary(self.preview.output, f"{language}/404.html" if language else "404.html")
        return page or _ordinary(self.preview.output, "404.html") or b"<!doctype html><p>Not found", "404.html"

    def _current(self, name: str) -> str:
        """The present name of a file that was published under another fingerprint, so that styles can be swapped."""
        match = re.fullmatch(r"(static/.+)\.[0-9a-f]{10}(\.\w+)", name)
        if not match:
            return name
        folder, stem = os.path.split(match[1])
        try:
            found = sorted(os.listdir(os.path.join(self.preview.output, folder)))
        except OSError:
            return name
        pattern = re.compile(re.escape(stem) + r"\.[0-9a-f]{10}" + re.escape(match[2]))
        return next((f"{folder}/{one}" for one in found if pattern.fullmatch(one)), name)


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


def with_script(page: bytes, problems: str) -> bytes:
    """A page with the reload script, and the problems over it if there are any. Only the preview's answer has these."""
    extra = '<script src="/livereload.js"></script>'
    if problems:
        extra += '<link rel="stylesheet" href="/preview-problems.css">'
        extra += f'<pre class="preview-problems" role="alert">{html.escape(problems)}</pre>'
    head, mark, tail = page.rpartition(b"</body>")
    return head + extra.encode() + mark + tail if mark else page + extra.encode()
