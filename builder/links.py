"""Whether the addresses of other sites still answer: those of sources, contacts, pages and texts. Never part of a build.

Politely: one question at a time to a host, with a pause between; HEAD first; what Retry-After says is waited for; what
answered lately is not asked again. Only public addresses are asked, so that a text cannot point at a network within.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from builder import reading

KEPT = ".links.json"  # beside config.yaml; not in the repository
FIELDS = ("url", "archived", "website")
AGENT = "link-check (of the references of {address})"
DEAD = ("gone", "unreachable", "loop", "private")  # what an editor must mend; the others are for the eye
SAID = {
    "works": "answers", "moved": "answers at another address", "gone": "is not there any more",
    "refused": "does not answer machines; look with a browser", "failing": "has a fault of its own",
    "unreachable": "cannot be reached", "slow": "did not answer in time", "loop": "leads in a circle",
    "private": "is not a public address",
}  # fmt: skip


NO_WAIT = -1.0


@dataclass(frozen=True)
class Manners:
    """How much is asked of others, and how long for an answer is waited. Seconds."""

    pause: float = 1.0  # between two questions to one host
    timeout: float = 15.0  # for an answer as a whole
    tries: int = 3
    longest_wait: float = 60.0  # Retry-After beyond it counts as a refusal
    redirects: int = 8
    most: int = 65_536  # bytes read of an answer
    hosts: int = 8  # asked at the same time
    private: bool = False  # ask addresses within too; for tests


@dataclass(frozen=True)
class Answer:
    """What became of an address."""

    address: str
    state: str  # one of SAID
    code: int = 0
    final: str = ""  # where it led, if elsewhere
    permanent: bool = False  # every step there was a lasting one
    detail: str = ""
    checked: int = 0  # seconds since 1970


def addresses(root: str) -> tuple[str, dict[str, list[str]]]:
    """The address of this site, and every address of another one with the places that name it."""
    config, examined, _ = reading.survey(root)
    found: dict[str, list[str]] = {}

    def note(address: object, where: str) -> None:
        places = found.setdefault(str(address).partition("#")[0], [])
        if where not in places:
            places.append(where)

    for path, one in examined.items():
        for key, data in (one.get("entries") or {}).items():
            for name in FIELDS:
                if value := next(iter(data.values())).get(name):
                    note(value, f"{path}: {key}.{name}")
        for name in FIELDS:
            if value := (one.get("data") or {}).get(name):
                note(value, f"{path}:{one['lines'].get(name, 1)}")
        for target, line, _ in one.get("links") or ():
            if target.startswith(("http://", "https://")):
                note(target, f"{path}:{line}")
    return config["address"], dict(sorted(found.items()))


def check(
    wanted: list[str], kept: Mapping[str, Answer], age: float, manners: Manners, address: str = "",
    said: Callable[[Answer], None] = lambda answer: None,
) -> list[Answer]:  # fmt: skip
    """The answers of addresses, in their order; those that worked less than `age` seconds ago are not asked again."""
    now = int(time.time())
    answers = {one: kept[one] for one in wanted if one in kept and kept[one].state in ("works", "moved")}
    answers = {one: answer for one, answer in answers.items() if now - answer.checked < age}
    hosts: dict[str, list[str]] = {}
    for one in wanted:
        if one not in answers:
            hosts.setdefault(urlsplit(one).netloc.lower(), []).append(one)

    def ask(group: list[str]) -> None:
        for number, one in enumerate(group):
            if number:
                time.sleep(manners.pause)
            answers[one] = replace(_patiently(one, manners, AGENT.format(address=address)), checked=now)
            said(answers[one])

    with ThreadPoolExecutor(manners.hosts) as pool:
        list(pool.map(ask, hosts.values()))
    return [answers[one] for one in wanted]


def _patiently(address: str, manners: Manners, agent: str) -> Answer:
    """One address, asked again if it failed in a way that may pass."""
    answer = Answer(address, "unreachable")
    for attempt in range(manners.tries):
        answer, wait = _followed(address, manners, agent)
        if answer.state not in ("failing", "unreachable", "slow", "refused") or attempt == manners.tries - 1:
            break
        if answer.state == "refused" and wait == NO_WAIT:
            break
        if wait > manners.longest_wait:
            return replace(answer, detail=f"asks to wait {wait:.0f} s")
        time.sleep(max(wait, manners.pause * 2**attempt))
    return answer


def _followed(address: str, manners: Manners, agent: str) -> tuple[Answer, float]:
    """One address and where it leads; and how long it asks to wait."""
    seen, at, permanent = {address}, address, True
    for _ in range(manners.redirects + 1):
        try:
            code, target, wait = _asked("HEAD", at, manners, agent)
            if code >= 400 and code not in (410, 429):
                time.sleep(min(manners.pause, 1.0))
                code, target, wait = _asked("GET", at, manners, agent)  # many answer HEAD wrongly
        except _Private:
            return Answer(address, "private", final=at if at != address else ""), NO_WAIT
        except TimeoutError:
            return Answer(address, "slow", final=at if at != address else ""), NO_WAIT
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(address, "unreachable", detail=f"{type(error).__name__}: {error}"[:200]), NO_WAIT
        if not (300 <= code < 400 and target):
            return _judged(address, at, code, permanent), wait
        permanent = permanent and code in (301, 308)
        try:
            at = urljoin(at, target).partition("#")[0]
        except ValueError as error:
            return Answer(address, "unreachable", code, detail=f"leads to '{target[:80]}': {error}"), NO_WAIT
        if at in seen:
            return Answer(address, "loop", code, at), NO_WAIT
        seen.add(at)
    return Answer(address, "loop", detail=f"more than {manners.redirects} steps"), NO_WAIT


def _judged(address: str, at: str, code: int, permanent: bool) -> Answer:
    final = at if at != address else ""
    if code < 400:
        return Answer(address, "moved" if final else "works", code, final, bool(final) and permanent)
    state = "refused" if code in (401, 403, 405, 406, 429, 451, 999) else "failing" if code >= 500 else "gone"
    return Answer(address, state, code, final)


class _Private(Exception):
    """An address of a network within."""


def _asked(method: str, address: str, manners: Manners, agent: str) -> tuple[int, str, float]:
    """One question: the code of the answer, where it leads, and how long it asks to wait."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"leads to '{address[:80]}'")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    end = time.monotonic() + manners.timeout
    line = _connected(parts.hostname, port, manners)
    # A timeout of the socket is for each read; this one is for the answer as a whole, which may come byte by byte.
    timer = threading.Timer(manners.timeout, _shut, [line])
    timer.start()
    connection = http.client.HTTPConnection(parts.hostname, port)
    try:
        if parts.scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=parts.hostname)
        connection.sock = line
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
            f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else ""
        )
        connection.request(method, path, headers={"User-Agent": agent, "Accept": "*/*", "Connection": "close"})
        with connection.getresponse() as answer:
            if method == "GET":
                answer.read(manners.most)
            if time.monotonic() >= end - 0.05:
                raise TimeoutError  # it was cut off, and what had come looks like an answer
            return answer.status, answer.headers.get("Location", ""), _wait(answer.headers.get("Retry-After", ""))
    except (OSError, http.client.HTTPException) as error:
        if time.monotonic() >= end - 0.05:
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        connection.close()
        line.close()


def _connected(host: str, port: int, manners: Manners) -> socket.socket:
    """A connection to the first public address of a host."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    public = [row[4] for row in rows if manners.private or ipaddress.ip_address(str(row[4][0])).is_global]
    if not public:
        raise _Private
    return socket.create_connection((str(public[0][0]), port), manners.timeout)


def _shut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it had ended


def _wait(text: str) -> float:
    """The seconds of a Retry-After header: a number, or a date (RFC 9110, 10.2.3)."""
    if text.isdigit() and len(text) < 9:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return NO_WAIT


def kept(root: str) -> dict[str, Answer]:
    """The answers of earlier checks."""
    try:
        with open(os.path.join(root, KEPT), encoding="utf-8") as file:
            return {row["address"]: Answer(**row) for row in json.load(file)}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def keep(root: str, answers: list[Answer]) -> None:
    """Keeps the answers for the next check."""
    path = os.path.join(root, KEPT)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump([asdict(one) for one in answers], file, ensure_ascii=False, indent=1)
    os.replace(path + ".new", path)


def table(answers: list[Answer], where: Mapping[str, list[str]]) -> Iterator[str]:
    """What does not simply work, by what must be done, each with its places; then how many of each."""
    for state in SAID:
        rows = [one for one in answers if one.state == state]
        if rows and state != "works":
            yield f"{SAID[state]} ({len(rows)})"
            for one in rows:
                code = f" [{one.code}]" if one.code else ""
                lasting = " for good" if one.permanent else ""
                yield f"  {one.address}{code}{f' ->{lasting} {one.final}' if one.final else ''}{f' ({one.detail})' if one.detail else ''}"
                yield from (f"      {place}" for place in where[one.address])
    counts = [(state, sum(one.state == state for one in answers)) for state in SAID]
    yield f"{len(answers)} addresses: " + ", ".join(f"{number} {state}" for state, number in counts if number)


def rows(answers: list[Answer], where: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """The answers as plain data, with the places that name each address."""
    return [asdict(one) | {"said": SAID[one.state], "where": where[one.address]} for one in answers]
