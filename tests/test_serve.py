"""The live preview, as a browser would use it: pages over HTTP, reloads over a web socket."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import ROOT, TODAY, Workshop
from tornado.websocket import websocket_connect

ABOUT = "content/en/about.md"
PAGE = "/en/about/"
WAIT = 20  # seconds; only a failure takes so long


class Preview:
    """A preview under way."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        command = [sys.executable, str(ROOT / "build.py"), "serve", "--port", "0", "--as-of", TODAY]
        command += ["--root", str(workshop.root), "--output", str(workshop.output)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = next(line for line in self.process.stdout or () if line.startswith("http"))
        self.port = int(re.findall(r":(\d+)/", line)[0])

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(WAIT) == 0
        assert self.process.stdout
        self.process.stdout.close()

    def get(self, path: str, host: str = "") -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{self.port}"})
        answer = connection.getresponse()
        found = answer.status, answer.read().decode(), dict(answer.getheaders())
        connection.close()
        return found

    def page(self, path: str = PAGE) -> str:
        return self.get(path)[1]

    def state(self) -> int:
        return int(re.findall(r'data-state="(\d+)"', self.page())[0])

    def told(self, act: Callable[[], Any] = lambda: None, state: int | None = None) -> str:
        """What the browser is told to load again, once it has been told, after something was done."""

        async def listen() -> str:
            number = self.state() if state is None else state
            socket = await websocket_connect(f"ws://127.0.0.1:{self.port}/livereload/{number}")
            await socket.write_message('{"command": "hello"}')
            assert json.loads(str(await socket.read_message()))["command"] == "hello"
            await socket.write_message('{"command": "info", "url": "/"}')
            act()
            message = json.loads(str(await asyncio.wait_for(socket.read_message(), WAIT)))
            socket.close()
            while await socket.read_message() is not None:
                pass
            return str(message["path"])

        return asyncio.run(listen())

    def until(self, true: Callable[[], bool]) -> None:
        """Waits for what happens behind the page."""
        end = time.monotonic() + WAIT
        while not true():
            assert time.monotonic() < end, self.page()
            time.sleep(0.1)


@pytest.fixture
def preview(workshop: Workshop) -> Iterator[Preview]:
    workshop.one_language()
    one = Preview(workshop)
    yield one
    one.end()


def test_a_save_is_shown_and_the_browser_told(preview: Preview) -> None:
    assert "Sample site" in preview.page()
    shop = preview.workshop
    assert preview.told(lambda: shop.write(ABOUT, shop.read(ABOUT) + "\nMore of it.\n")) == "*"
    assert "More of it." in preview.page()
    assert preview.told(lambda: shop.change(ABOUT, "title: About", "title: All about it")) == "*"
    assert "All about it" in preview.page("/en/sitemap/")
    shop.write("content/en/new.md", shop.read(ABOUT).replace("title: All about it", "title: New"))
    preview.until(lambda: preview.get("/en/new/")[0] == 200)
    assert (
        preview.told(lambda: shop.change("templates/parts/page-foot.html", "<section", "<p>From a part</p><section"))
        == "*"
    )
    assert "From a part" in preview.page()
    preview.until(lambda: "From a part" in shop.published().get("en/new/index.html", ""))  # published behind it


def test_a_style_sheet_is_swapped_without_a_reload(preview: Preview) -> None:
    path = re.findall(r'href="(/static/css/site\.\w+\.css)"', preview.page())[0]
    shop = preview.workshop
    sheet = shop.read("static/css/2-base.css")
    assert (
        preview.told(lambda: shop.write("static/css/2-base.css", sheet + "\n.swapped { color: red; }\n")) == "site.css"
    )
    assert ".swapped" in preview.get(path)[1]  # under the name that the page knows
    assert path not in preview.page()


def test_a_problem_stands_over_the_last_good_page_until_it_is_mended(preview: Preview) -> None:
    shop = preview.workshop
    good = shop.read(ABOUT)
    assert preview.told(lambda: shop.change(ABOUT, "title: About", "titel: <b>About")) == "*"
    page = preview.page()
    assert 'class="preview-problems"' in page and "titel is not a field of a page" in page
    assert "    2 | titel: &lt;b&gt;About" in page and "      | ^" in page
    assert "Sample site" in page and "/preview-problems.css" in page
    assert preview.told(lambda: shop.write(ABOUT, good)) == "*"
    assert "preview-problems" not in preview.page()


def test_a_broken_template_stands_over_the_page_as_it_was(preview: Preview) -> None:
    shop, before = preview.workshop, preview.page()
    preview.told(
        lambda: shop.change("templates/each-page/page.html", "{% block main %}", "{% block main %}{{ nothing }}")
    )
    page = preview.page()
    assert "undefined-name" in page and "templates/each-page/page.html:" in page
    assert re.findall(r"<h1>.*</h1>", before)[0] in page


def test_what_only_the_whole_build_finds_is_shown_too(preview: Preview) -> None:
    shop = preview.workshop
    shop.change("templates/each-page/law.html", "{% block main %}", '{% block main %}<a href="/nowhere/">x</a>')
    preview.until(lambda: "the link &#x27;/nowhere/&#x27; leads nowhere" in preview.page())


def test_a_text_is_shown_before_its_translations_follow(workshop: Workshop) -> None:
    preview = Preview(workshop)
    try:
        preview.told(lambda: workshop.write(ABOUT, workshop.read(ABOUT) + "\nMore of it.\n"))
        assert "More of it." in preview.page()
        preview.until(lambda: ": behind: " in preview.page())  # the whole build asks for them
        assert "More of it." in preview.page()
    finally:
        preview.end()


def test_a_save_while_a_page_loads_is_told_when_it_has_loaded(preview: Preview) -> None:
    shop, state = preview.workshop, preview.state()
    preview.told(lambda: shop.write(ABOUT, shop.read(ABOUT) + "\nMore of it.\n"))
    assert preview.told(state=state) == "*"


def test_saves_in_quick_succession_end_at_the_last(preview: Preview) -> None:
    shop = preview.workshop
    good = shop.read(ABOUT)
    for number in range(20):
        shop.write(ABOUT, good + f"\nSave number {number}.\n")
    preview.until(lambda: "Save number 19." in preview.page())


def test_it_begins_even_if_the_site_has_problems(workshop: Workshop) -> None:
    workshop.one_language()
    good = workshop.read(ABOUT)
    workshop.change(ABOUT, "title: About", "titel: About")
    one = Preview(workshop)
    assert "titel is not a field of a page" in one.page()
    workshop.write(ABOUT, good)
    one.until(lambda: "<h1>" in one.page() and "preview-problems" not in one.page())
    one.end()


def test_only_this_machine_and_only_the_site_are_served(preview: Preview) -> None:
    assert preview.get("/en/")[0] == 200
    assert preview.get("/en/", host="evil.example")[0] == 403
    assert preview.get("/livereload.js", host=f"evil.example:{preview.port}")[0] == 403
    for path in ("/../config.yaml", "/%2e%2e/config.yaml", "/.manifest", "/en/%00", "/en/nothing/", "/en\\..\\x"):
        assert preview.get(path)[0] in (400, 404), path
    connection = http.client.HTTPConnection("127.0.0.1", preview.port, timeout=WAIT)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    connection.request("GET", "/livereload/0", headers=upgrade | {"Origin": "http://evil.example"})
    assert connection.getresponse().status == 403
    connection.close()
    status, page, _ = preview.get("/en/nothing/")
    assert status == 404 and "There is no page at this address" in page
    assert preview.get("/en/events.ics")[2]["Content-Type"].startswith("text/calendar")


def test_it_survives_whatever_is_sent(preview: Preview) -> None:
    """Malformed requests, frames and headers; and nothing of the folder of the sources is given away."""
    secret = preview.workshop.path(".git/config")
    secret.parent.mkdir()
    secret.write_text("hunter2")
    host, close = f"Host: 127.0.0.1:{preview.port}\r\n", "Connection: close\r\n\r\n"
    upgrade = (
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    )
    for sent, code in (
        (f"GET /.git/config HTTP/1.1\r\n{host}{close}", b" 404 "), (f"GET /%2e%2e/.git/config HTTP/1.1\r\n{host}{close}", b" 404 "),
        (f"GET /../.git/config HTTP/1.1\r\n{host}{close}", b" 404 "), (f"GET /en/%ff HTTP/1.1\r\n{host}{close}", b" 400 "),
        (f"GET /forcereload HTTP/1.1\r\n{host}{close}", b" 404 "), (f"POST /en/ HTTP/1.1\r\n{host}Content-Length: 0\r\n{close}", b" 405 "),
        ("nonsense\r\n\r\n", b" 400 "), ("\0" * 5000 + "\r\n\r\n", b" 400 "), ("GET /en/ HTTP/1.0\r\n\r\n", b" 403 "),
        (f"GET /en/ HTTP/1.1\r\nHost: 127.0.0.1:{preview.port}@evil.example\r\n{close}", b" 40"), (f"GET /{'a' * 70_000} HTTP/1.1\r\n{host}{close}", b""),
        (f"GET /livereload/0 HTTP/1.1\r\n{host}Origin: null\r\n{upgrade}", b" 403 "),
        (f"GET /livereload/0 HTTP/1.1\r\n{host}{upgrade}" + "\x81\x84\0\0\0\0[[[[" + "\xff" * 50, b" 101 "),
    ):  # fmt: skip
        with socket.create_connection(("127.0.0.1", preview.port), WAIT) as line:
            line.sendall(sent.encode("latin-1"))
            line.settimeout(1)
            got = b""
            with contextlib.suppress(OSError):
                while part := line.recv(65_536):
                    got += part
        assert code in got.split(b"\r\n")[0], (sent[:60], got[:60])
        assert b"hunter2" not in got
    assert preview.get("/en/")[0] == 200


def test_an_address_without_its_last_stroke_leads_on(preview: Preview) -> None:
    status, _, headers = preview.get("/en/about")
    assert (status, headers["Location"]) == (302, "/en/about/")


def test_a_port_that_cannot_be_had_is_said_to_be_so(workshop: Workshop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = workshop.run("serve", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr.startswith(f"serve: no-port: cannot listen at port {port}: ") and "--port" in done.stderr
    done = workshop.run("serve", "--port", "99999")
    assert done.returncode == 2 and "expected a port from 0 to 65535, found '99999'" in done.stderr
