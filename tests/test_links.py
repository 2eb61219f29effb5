"""The check of links, against a server that misbehaves in every way that real ones do."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any, ClassVar

import pytest
from conftest import Workshop

from builder import links

QUICK = links.Manners(pause=0.02, timeout=0.6, private=True, most=10_000)


class Rude(http.server.BaseHTTPRequestHandler):
    """Does what its path says."""

    asked: ClassVar[Counter[tuple[str, str]]] = Counter()
    moments: ClassVar[list[float]] = []
    busy = 0
    most = 0

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_GET(self) -> None:
        cls = type(self)
        cls.busy += 1
        cls.most = max(cls.most, cls.busy)
        cls.moments.append(time.monotonic())
        try:
            self.act(self.path.strip("/").partition("?")[0])
        except OSError:
            pass
        finally:
            cls.busy -= 1

    do_HEAD = do_GET

    def act(self, what: str) -> None:
        self.asked[self.command, what] += 1
        times = sum(number for (_, each), number in self.asked.items() if each == what)
        if what == "hangs":
            time.sleep(1.5)
        elif what == "drips":
            for sign in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 60:
                self.wfile.write(bytes([sign]))
                self.wfile.flush()
                time.sleep(0.05)
        elif what == "endless":
            self.send_response(200 if self.command == "GET" else 405)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 4096)
        elif what == "closes":
            self.connection.close()
        elif what == "nonsense":
            self.wfile.write(b"\x00\xff no http at all\r\n\r\n")
        elif what == "busy":
            self.answer(429, Retry_After="0") if times == 1 else self.answer(200)
        elif what == "busy-until":
            self.answer(503, Retry_After=formatdate(time.time() + 2, usegmt=True)) if times < 3 else self.answer(200)
        elif what == "busy-for-long":
            self.answer(429, Retry_After="86400")
        elif what == "recovers":
            self.answer(500) if times < 3 else self.answer(200)
        elif what == "broken":
            self.answer(500)
        elif what == "no-head":
            self.answer(405 if self.command == "HEAD" else 200, b"x")
        elif what == "forbidden":
            self.answer(403)
        elif what == "moved":
            self.answer(301, Location="/works")
        elif what == "moved-for-now":
            self.answer(302, Location="/moved")
        elif what == "circle":
            self.answer(302, Location="/circle-2")
        elif what == "circle-2":
            self.answer(302, Location="/circle")
        elif what.startswith("further"):
            self.answer(302, Location=f"/further{int(what[7:] or 0) + 1}")
        elif what == "to-a-file":
            self.answer(302, Location="file:///etc/passwd")
        elif what == "to-nowhere":
            self.answer(302, Location="http://[")
        else:
            self.answer(404 if what == "gone" else 200)


@pytest.fixture
def server() -> Iterator[str]:
    Rude.asked, Rude.moments, Rude.most = Counter(), [], 0

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Rude) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_address[1]}/"
        one.shutdown()


def ask(server: str, what: str, **manners: Any) -> links.Answer:
    (answer,) = links.check([server + what], {}, 0, links.replace(QUICK, **manners))
    return answer


@pytest.mark.parametrize(
    ("what", "state", "code"),
    [("works", "works", 200), ("gone", "gone", 404), ("hangs", "slow", 0), ("drips", "slow", 0), ("endless", "works", 200),
     ("closes", "unreachable", 0), ("nonsense", "unreachable", 0), ("busy", "works", 200), ("busy-until", "works", 200),
     ("busy-for-long", "refused", 429), ("recovers", "works", 200), ("broken", "failing", 500), ("no-head", "works", 200),
     ("forbidden", "refused", 403), ("circle", "loop", 302), ("further", "loop", 0), ("to-a-file", "unreachable", 0),
     ("to-nowhere", "unreachable", 302)],
)  # fmt: skip
def test_each_misbehaviour_has_its_word(server: str, what: str, state: str, code: int) -> None:
    answer = ask(server, what, tries=3 if what not in ("hangs", "drips") else 1)
    assert (answer.state, answer.code) == (state, code), answer


def test_redirects_are_recorded_and_lasting_ones_marked(server: str) -> None:
    moved, for_now = ask(server, "moved"), ask(server, "moved-for-now")
    assert (moved.state, moved.final, moved.permanent) == ("moved", server + "works", True)
    assert (for_now.state, for_now.final, for_now.permanent) == ("moved", server + "works", False)


def test_what_a_server_asks_to_wait_is_waited(server: str) -> None:
    begun = time.monotonic()
    assert ask(server, "busy-until").state == "works"
    assert time.monotonic() - begun > 0.2
    assert ask(server, "busy-for-long").detail == "asks to wait 86400 s"
    assert Rude.asked["HEAD", "busy-for-long"] == 1
    assert Rude.asked["GET", "busy-for-long"] == 0


def test_one_host_is_asked_one_thing_at_a_time_with_pauses(server: str) -> None:
    answers = links.check([f"{server}page-{n}" for n in range(6)], {}, 0, links.replace(QUICK, pause=0.1))
    assert {one.state for one in answers} == {"works"}
    assert Rude.most == 1
    assert all(b - a > 0.09 for a, b in zip(Rude.moments, Rude.moments[1:], strict=False))


def test_an_address_within_is_not_asked(server: str) -> None:
    """A stranger's text must not make the maintainer's machine knock at doors behind the wall."""
    for address in (
        server,
        "http://localhost:1/",
        "http://169.254.169.254/latest/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://0/",
    ):
        (answer,) = links.check([address], {}, 0, links.replace(QUICK, private=False))
        assert answer.state == "private", address
    assert not Rude.asked


def test_what_worked_lately_is_not_asked_again_and_what_did_not_is(server: str) -> None:
    wanted = [server + "works", server + "gone"]
    first = links.check(wanted, {}, 3600, QUICK)
    known = {one.address: one for one in first}
    again = links.check(wanted, known, 3600, QUICK)
    assert [(one.address, one.state) for one in again] == [(one.address, one.state) for one in first]
    assert Rude.asked["HEAD", "works"] == 1
    assert Rude.asked["HEAD", "gone"] == 2
    old = {name: links.replace(one, checked=one.checked - 7200) for name, one in known.items()}
    links.check(wanted, old, 3600, QUICK)
    assert Rude.asked["HEAD", "works"] == 2


def test_the_command_reports_a_table_with_the_places_or_json(workshop: Workshop, server: str) -> None:
    workshop.one_language()
    text = workshop.read("content/sources.yaml")
    assert 'url: "https://' in text
    workshop.write("content/sources.yaml", text.replace('url: "https://', f'url: "{server}gone?'))
    workshop.write(
        "content/en/about.md",
        workshop.read("content/en/about.md") + f"\n[here]({server}works)\n[there]({server}moved)\n",
    )
    words = ("links", "--pause", "0", "--timeout", "5", "--private")
    kept = workshop.path(links.KEPT)
    others = [one for one in links.addresses(str(workshop.root))[1] if not one.startswith(server)]
    kept.write_text(
        json.dumps([links.asdict(links.Answer(one, "works", 200, checked=int(time.time()))) for one in others])
    )
    done = workshop.run(*words)
    assert done.returncode == 1, done.stderr
    assert "is not there any more (1)" in done.stdout or "is not there any more (2)" in done.stdout
    assert f"  {server}moved [200] -> for good {server}works\n      content/en/about.md:" in done.stdout
    assert "content/sources.yaml: " in done.stdout
    assert not workshop.output.exists()
    rows = json.loads(workshop.run(*words, "--format", "json").stdout)
    assert {one["state"] for one in rows} == {"works", "gone", "moved"}
    assert all(one["where"] for one in rows)
