"""The published site behind a real web server, with the configuration that the README gives."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Workshop

NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if os.path.exists("/usr/sbin/nginx") else "")
Answer = tuple[int, dict[str, str], bytes]


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The sample site with an old address, and its compressed copy beside it."""
    workshop = Workshop(tmp_path_factory.mktemp("published"))
    workshop.change("content/en/about.md", "---\n", "---\nold_addresses: [concerning]\n")
    workshop.result()
    done = workshop.run("compress", str(workshop.output.parent / "srv"))
    assert done.returncode == 0, done.stderr
    return workshop


@pytest.fixture(scope="module")
def port(published: Workshop) -> Iterator[int]:
    if not NGINX:
        if os.environ.get("CI"):
            pytest.fail("there is no nginx on this machine")
        pytest.skip("there is no nginx on this machine")
    folder, port = published.output.parent, free()
    text = re.search(r"^```nginx\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert text
    server = text[1].replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/srv/site", str(folder / "srv"))
    assert server != text[1]
    places = "".join(f"{one}_temp_path {folder};\n" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/errors;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{server}}}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(folder), "-e", str(folder / "errors")])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield port
    process.terminate()
    process.wait()


def get(port: int, path: str, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Connection": "close"}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as one:
        one.request("GET", path, headers=sent)
        with one.getresponse() as answer:
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/en/about/", "text/html"), ("/en/feed.xml", "application/xml"), ("/en/events.ics", "text/calendar"),
     ("/data/events.csv", "text/csv"), ("/data/events.json", "application/json"), ("/data/sources.bib", "application/x-bibtex"),
     ("/robots.txt", "text/plain"), ("/.well-known/security.txt", "text/plain"), ("/en/search/index.json", "application/json")],
)  # fmt: skip
def test_every_format_has_its_type_and_encoding(port: int, path: str, kind: str) -> None:
    status, headers, body = get(port, path)
    assert (status, headers["content-type"]) == (200, f"{kind}; charset=utf-8")
    assert body


def test_fingerprinted_files_are_kept_for_a_year_and_pages_are_asked_for_again(port: int, published: Workshop) -> None:
    sheet = next(path for path in published.published() if re.fullmatch(r"static/css/site\.[0-9a-f]{10}\.css", path))
    assert get(port, f"/{sheet}")[1]["cache-control"] == "public, max-age=31536000, immutable"
    _, headers, _ = get(port, "/en/")
    assert headers["cache-control"] == "public, max-age=300"
    assert get(port, "/en/", If_None_Match=headers["etag"])[0] == 304
    assert get(port, "/en/missing/")[1].get("cache-control") is None


def test_what_was_compressed_is_sent_so_to_those_who_can_read_it(port: int, published: Workshop) -> None:
    page = (published.output / "en/about/index.html").read_bytes()
    _, headers, plain = get(port, "/en/about/")
    assert (plain, headers.get("content-encoding")) == (page, None)
    _, headers, small = get(port, "/en/about/", Accept_Encoding="gzip")
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(small) == page
    assert small == (published.output.parent / "srv/en/about/index.html.gz").read_bytes()


@pytest.mark.parametrize(
    ("path", "language"), [("/nothing/", "en"), ("/en/nothing", "en"), ("/ru/nothing/", "ru"), ("/tg/a/b", "tg")]
)
def test_what_is_not_there_is_answered_in_the_language_of_its_address(port: int, path: str, language: str) -> None:
    status, headers, body = get(port, path)
    assert status == 404
    assert f'<html lang="{language}">'.encode() in body
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/.manifest",
        "/_headers",
        "/_redirects",
        "/redirects.nginx.conf",
        "/en/about/index.html.gz",
        "/%2e%2e/nginx.conf",
        "/../nginx.conf",
        "/static/",
    ],
)
def test_nothing_is_sent_that_is_not_the_site(port: int, path: str) -> None:
    assert get(port, path)[0] in (400, 403, 404)


def test_an_old_address_leads_to_the_new_one(port: int) -> None:
    status, headers, _ = get(port, "/en/concerning/")
    assert (status, headers["location"].partition("//")[2].partition("/")[2]) == (301, "en/about/")


def test_headers_are_sent_and_are_those_of_the_headers_file(port: int, published: Workshop) -> None:
    wanted = dict(re.findall(r"^  ([\w-]+): (.*)$", published.published()["_headers"].split("/static/")[0], re.M))
    del wanted["Strict-Transport-Security"]  # only with TLS
    assert len(wanted) == 5
    for path in ("/en/", "/data/events.json", "/nothing"):
        headers = get(port, path)[1]
        assert {name: headers.get(name.lower()) for name in wanted} == wanted


def test_the_policy_of_headers_allows_what_that_of_each_page_allows_and_no_more(sample: dict[str, str]) -> None:
    header = re.search(r"Content-Security-Policy: (.*)", sample["_headers"])
    assert header and "unsafe" not in header[1]
    rules = dict(rule.split(" ", 1) for rule in header[1].split("; "))
    for path, text in sample.items():
        if path.endswith(".html"):
            found = re.search(r'<head>\n<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
            assert found, path
            own = dict(rule.split(" ", 1) for rule in found[1].split("; "))
            assert own.items() <= rules.items() | {("form-action", "'none'")}, path
            assert "unsafe" not in found[1]


def test_security_txt_names_a_contact_and_has_not_expired(sample: dict[str, str]) -> None:
    """RFC 9116: Contact and Expires are required, and Expires should be less than a year ahead."""
    text = sample[".well-known/security.txt"]
    expires = re.search(r"^Expires: (\d{4}-\d\d-\d\d)T00:00:00Z$", text, re.M)
    assert expires and "2026-11-24" < expires[1] <= "2027-11-24"
    assert re.search(r"^Contact: https://", text, re.M)


def test_a_compressed_copy_is_kept_up_to_date_and_nothing_else_is_touched(workshop: Workshop) -> None:
    workshop.one_language()
    target = workshop.output.parent / "srv"
    workshop.result()
    assert workshop.run("compress", str(target)).returncode == 0
    before = {one: one.stat().st_ino for one in target.rglob("*") if one.is_file()}
    text = workshop.read("content/en/about.md")
    workshop.write("content/en/about.md", text.replace("Made for tests", "Made for all tests"))
    workshop.result()
    assert workshop.run("compress", str(target)).returncode == 0
    after = {one: one.stat().st_ino for one in target.rglob("*") if one.is_file()}
    assert before.keys() == after.keys()
    page = target / "en/about/index.html"
    assert b"Made for all tests" in gzip.decompress(page.with_suffix(".html.gz").read_bytes())
    assert before[page] != after[page]
    assert sum(before[one] == after[one] for one in before) > len(before) * 0.8
    assert workshop.run("compress", str(target)).stdout.endswith(", 0 made\n")


def test_a_folder_of_somebody_else_is_not_filled(workshop: Workshop, tmp_path: Path) -> None:
    workshop.one_language()
    other = tmp_path / "precious"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    assert workshop.run("compress", str(other)).returncode == 2
    workshop.result()
    assert workshop.run("compress", str(other)).returncode == 2
    assert [one.name for one in other.iterdir()] == ["thesis.txt"]
    for within in (workshop.output, workshop.output / "packed"):
        done = workshop.run("compress", str(within))
        assert done.returncode == 2 and "would lie in the published site itself" in done.stderr
