"""reseau_kit.network.sites: one page a site, politely and within limits, from a server on this very machine."""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import exports
from reseau_kit.network import sites
from reseau_kit.network.sites import Accounts, accounts_in, find_accounts
from reseau_kit.network.sources import read_export

PAGE = """<!doctype html><html><head>
<link rel="me" href="https://exemple.social/@zoe">
<meta name="fediverse:creator" content="@lea@autre.exemple">
</head><body>
<a href="https://www.linkedin.com/in/zoe-brindille/">LinkedIn</a>
<a href='https://twitter.com/zoe_brindille'>X</a> <a href=https://bsky.app/profile/zoe.exemple>Bluesky</a>
<a href="https://twitter.com/intent/tweet?text=x">Relayer</a> <a href="https://www.facebook.com/sharer/sharer.php?u=x">F</a>
<a class="x" rel="noopener ME" href="https://mon-site.exemple/zoe">Mon site</a>
<a rel="me" href="mailto:zoe@exemple.invalid">Écrire</a> <a rel="me" href="javascript:alert(1)">!</a>
<!-- <a href="https://x.com/cachee">rien</a> --> <a href="/interne/@page">ici</a>
<a href="https://exemple.social/@zoe">encore</a>
</body></html>"""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: "Site"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers), time.monotonic()))
        answer = self.server.answers.get(self.path, (404, {}, b""))
        if callable(answer):
            answer(self)
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Site(http.server.ThreadingHTTPServer):
    """A web server on this machine: what it answers by path, and what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str], float]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hangs up is what some tests are about."""

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def page(self, path: str, body: str = PAGE, kind: str = "text/html; charset=utf-8") -> str:
        self.answers[path] = (200, {"Content-Type": kind}, body.encode())
        return self.url(path)

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def visit(*pages: str, **options: Any) -> Accounts:
    return find_accounts(pages, **{"pause": 0, "local": True, "timeout": 5, **options})


def test_a_page_tells_its_authors_accounts(site: Site) -> None:
    """rel=me first, known networks then; no share button, no comment, no address that is not of the web."""
    found = visit(site.page("/"))

    assert [tuple(row) for row in found.table[["network", "account", "evidence"]].to_numpy()] == [
        ("mastodon", "lea@autre.exemple", "rel=me"),
        ("mastodon", "zoe@exemple.social", "rel=me"),
        ("web", "mon-site.exemple/zoe", "rel=me"),
        ("linkedin", "in/zoe-brindille", "link"),
        ("x", "zoe_brindille", "link"),
        ("bluesky", "zoe.exemple", "link"),
    ]
    assert set(found.table["site"]) == {site.url("/")}
    assert found.read == ("1\N{NO-BREAK SPACE}site lu, 6\N{NO-BREAK SPACE}comptes trouvés.",)
    assert found.skipped == ()


def test_the_sites_of_a_feed_list_are_asked_only_by_this(site: Site, tmp_path: Path) -> None:
    """Reading the list asks nobody; the sites of its feeds are then visited on request."""
    path = tmp_path / "flux.opml"
    path.write_text(
        exports.OPML.replace("https://zoe.exemple/", site.page("/zoe")).replace("https://autre", "ftp://autre")
    )

    export = read_export(path)

    assert site.asked == []
    assert len(visit(*export.contacts["url"]).table) == 6
    assert site.paths() == ["/robots.txt", "/zoe"]


def test_a_visitor_says_who_it_is_asks_first_and_waits(site: Site) -> None:
    visit(site.page("/a"), site.page("/b"), pause=0.2)

    assert site.paths() == ["/robots.txt", "/a", "/b"]
    moments = [moment for _, _, moment in site.asked]
    assert all(later - earlier > 0.19 for earlier, later in pairwise(moments))
    for _, headers, _ in site.asked:
        assert "reseau_kit" in headers["User-Agent"]
        assert not {"Cookie", "Referer", "Authorization"} & set(headers)


@pytest.mark.parametrize(
    ("robots", "read"),
    [
        ((200, {}, b"User-agent: *\nDisallow: /"), False),
        ((200, {}, b"User-agent: reseau_kit\nDisallow: /a"), False),
        ((200, {}, b"User-agent: *\nDisallow: /ailleurs"), True),
        ((404, {}, b""), True),
        ((403, {}, b""), True),
        ((503, {}, b""), False),
        ((200, {}, b"\xff\xfe\0 not a file of rules"), True),
    ],
)
def test_robots_txt_is_respected(site: Site, robots: Any, read: bool) -> None:  # noqa: FBT001
    """RFC 9309: none allows everything, one that cannot be had allows nothing."""
    page = site.page("/a")
    site.answers["/robots.txt"] = robots

    found = visit(page)

    assert ("/a" in site.paths()) is read
    assert bool(found.skipped) is not read


def test_one_host_gives_five_pages_at_most(site: Site) -> None:
    found = visit(*(site.page(f"/{number}") for number in range(8)))

    assert len(site.paths()) == 6
    assert any("pas plus de 5 pages" in line for line in found.skipped)


def _redirect(to: str) -> tuple[int, dict[str, str], bytes]:
    return 302, {"Location": to}, b""


def test_redirections_are_followed_a_little(site: Site) -> None:
    site.page("/fin")
    site.answers |= {"/a": _redirect("/b"), "/b": _redirect("/fin"), "/rond": _redirect("/rond")}
    site.answers["/fichier"] = _redirect("file:/etc/passwd")

    assert len(visit(site.url("/a")).table) == 6
    assert "d’une adresse à l’autre" in visit(site.url("/rond")).skipped[0]
    assert site.paths().count("/rond") == 4
    assert "n’est pas celle d’un site" in visit(site.url("/fichier")).skipped[0]


def test_what_is_no_page_is_left(site: Site) -> None:
    pages = [site.page("/image", kind="image/png"), site.url("/absente")]
    site.answers["/serre"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, b"\x1f\x8b")

    found = visit(*pages, site.url("/serre"))

    assert found.table.empty
    assert len(found.skipped) == 3
    assert list(found.table.columns) == ["site", "network", "account", "url", "evidence"]


def test_machines_of_the_neighbourhood_are_not_questioned(site: Site) -> None:
    """A list of feeds may name the router, or this machine's own Jupyter."""
    found = find_accounts([site.page("/"), site.url("/").replace("127.0.0.1", "localhost")], pause=0)

    assert found.table.empty
    assert len(found.skipped) == 2
    assert all("site public" in line for line in found.skipped)
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "file:/etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://a:b@exemple.invalid/",
        "http://[",
        "http://a:99999/",
    ],
)
def test_what_is_no_address_is_said_so(address: str) -> None:
    assert "n’est pas l’adresse d’un site" in find_accounts([address]).skipped[0]


def test_a_missing_address_is_no_stack_trace() -> None:
    assert find_accounts(pd.Series([None, pd.NA], dtype="string")).skipped


def _drip(handler: http.server.BaseHTTPRequestHandler) -> None:
    """One byte every tenth of a second, for as long as somebody listens."""
    try:
        while True:
            handler.wfile.write(b"H")
            time.sleep(0.1)
    except OSError:
        return


def _flood(handler: http.server.BaseHTTPRequestHandler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.encode())
        for _ in range(2_000):
            handler.wfile.write(b"<a href='/x'>" * 10_000)
    except OSError:
        return


@pytest.mark.parametrize("answer", [_drip, lambda _handler: time.sleep(3)], ids=["drip", "silence"])
def test_a_site_that_never_ends_is_left(site: Site, answer: Callable[..., None]) -> None:
    site.answers["/a"] = answer
    started = time.monotonic()

    found = visit(site.url("/a"), timeout=0.6)

    assert time.monotonic() - started < 2.5
    assert "ne répond pas" in found.skipped[0]


def test_a_page_is_read_to_half_a_mebibyte(site: Site) -> None:
    site.answers["/a"] = _flood

    assert len(visit(site.url("/a")).table) == 6


def test_the_whole_visit_ends_in_time(site: Site) -> None:
    site.answers["/a"] = _drip
    started = time.monotonic()

    found = visit(site.url("/a"), site.page("/b"), seconds=0.8, timeout=30)

    assert time.monotonic() - started < 2.5
    assert found.skipped


def test_a_host_that_is_not_there(site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    found = visit(f"http://127.0.0.1:{port}/", site.page("/"))

    assert len(found.table) == 6
    assert "ne répond pas" in found.skipped[0]


HOSTILE_PAGES = {
    "tags": "<a " * 170_000,
    "attributes": "<a href=" * 60_000,
    "comments": "<!--" * 130_000,
    "one value": "<a href='" + "x" * 500_000,
    "signs": "<" * 500_000,
    "quotes": '<a a="' * 80_000,
    "links": "<a href='https://x.com/p'>" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE_PAGES.values(), ids=HOSTILE_PAGES)
def test_hostile_pages_are_scanned_in_time(text: str) -> None:
    started = time.process_time()

    assert len(accounts_in("https://a.exemple", "https://a.exemple", text)) <= 1
    assert time.process_time() - started < 5


def test_no_more_than_the_limits_of_sites() -> None:
    hosts, skipped = sites._by_host(f"https://s{number}.exemple/" for number in range(500))

    assert len(hosts) == 200
    assert skipped == ["Seuls les 200 premiers sites sont lus."]
