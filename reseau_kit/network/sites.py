"""The social accounts that the sites of a list of feeds link to. Of all that reads exports, it alone asks the network.

One page a site, after its robots.txt has been asked, within limits of size and time; nothing is sent but the request.
"""

import html
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from reseau_kit.french.writing import count
from reseau_kit.network.parsing import clean
from reseau_kit.system.untrusted import shown

if TYPE_CHECKING:
    from pandas import DataFrame

MAX_SITES = 200
MAX_PAGES_PER_HOST = 5
MAX_PAGE = 2**19
MAX_REDIRECTS = 3
MAX_LINKS = 5_000
WORKERS = 4

USER_AGENT = "reseau_kit (one page per site; robots.txt respected)"

#: How each network writes the address of an account: hosts, path, and words that are no account's name.
_NETWORKS = (
    ("linkedin", ("linkedin.com",), r"/((?:in|company|school)/[^/]+)/?$"),
    ("x", ("x.com", "twitter.com"), r"/@?(\w{1,15})/?$"),
    ("bluesky", ("bsky.app",), r"/profile/([^/]+)/?$"),
    ("instagram", ("instagram.com",), r"/([\w.]{1,30})/?$"),
    ("facebook", ("facebook.com", "fb.com"), r"/((?:pages/|groups/|people/)?[\w.-]{3,}(?:/\d+)?)/?$"),
    ("threads", ("threads.net", "threads.com"), r"/@([\w.]+)/?$"),
    ("youtube", ("youtube.com",), r"/((?:@|c/|channel/|user/)[^/]+)/?$"),
    ("tiktok", ("tiktok.com",), r"/@([\w.]+)/?$"),
    ("github", ("github.com",), r"/([\w-]+)/?$"),
    ("codeberg", ("codeberg.org",), r"/([\w.-]+)/?$"),
)
_NO_ACCOUNT = frozenset(
    "about accounts api contact dialog explore features hashtag help home intent join legal login p pages plugins "
    "policy pricing privacy profile.php reel search share share.php sharearticle sharer sharer.php signup terms tos "
    "watch".split()
)
#: Their accounts begin with « @ » as those of the fediverse do.
_NOT_FEDIVERSE = ("medium.com", "substack.com", "npmjs.com", "unpkg.com", "jsdelivr.net", "ko-fi.com")


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """Accounts that sites name for their authors, and French sentences on what was read and what was not."""

    #: One row per account and site: site, network (« mastodon », « linkedin »… or « web »), account, url, evidence
    #: (« rel=me »: the site says that it is its author's; « link »: it only links there).
    table: "DataFrame"
    read: tuple[str, ...]
    skipped: tuple[str, ...]


class _Account(NamedTuple):
    site: str
    network: str
    account: str
    url: str
    evidence: str


class _NotRead(Exception):
    """Why a page was not read, in French."""


@dataclass(frozen=True, slots=True)
class _Manners:
    """Timeouts for a page, between two pages of a host, for everything (seconds); and the allowed hosts."""

    timeout: float
    pause: float
    end: float
    local: bool


def find_accounts(
    sites: Iterable[str], *, seconds: float = 120, timeout: float = 10, pause: float = 1, local: bool = False
) -> Accounts:
    """The social accounts that sites link to, from one page each; call it only where the learner asks for it.

    At most 200 sites, 5 pages a host, 512 KiB a page, 3 redirections. `seconds` bounds the whole, `timeout` one page,
    `pause` is what passes between two requests to a host. Machines of the local network are only asked where `local`
    says so: a list of feeds comes from somebody else, and must not make this machine question its neighbours.

    Source: rel=me (microformats.org, XFN 1.1), `fediverse:creator` (Mastodon 4.3), robots.txt (RFC 9309).
    """
    import pandas as pd

    manners = _Manners(timeout, pause, time.monotonic() + seconds, local)
    hosts, skipped = _by_host(sites)
    found: list[_Account] = []
    visited = 0
    pool = ThreadPoolExecutor(WORKERS)
    futures: dict[Future[_Visit], str] = {pool.submit(_visit, pages, manners): host for host, pages in hosts.items()}
    finished, late = wait(futures, timeout=seconds + 1)
    pool.shutdown(wait=False, cancel_futures=True)
    for future in futures:
        if future in late:
            skipped.append(f"« {futures[future]} » : le temps prévu est écoulé.")
        elif future in finished:
            visit = future.result()
            visited += visit.pages
            found += visit.accounts
            skipped += visit.skipped
    table = pd.DataFrame.from_records(found, columns=list(_Account._fields)).astype("string")
    summary = f"{count(visited, 'site lu', 'sites lus')}, {count(len(table), 'compte trouvé', 'comptes trouvés')}."
    return Accounts(table, (summary[0].upper() + summary[1:],), tuple(skipped))


class _Visit(NamedTuple):
    pages: int
    accounts: list[_Account]
    skipped: list[str]


def _by_host(sites: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
    hosts: dict[str, list[str]] = {}
    skipped: list[str] = []
    taken = 0
    for site in dict.fromkeys(str(site) for site in sites):
        parts = _split(site)
        host = parts.hostname if parts else None
        if parts is None or parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
            skipped.append(f"« {shown(site)} » n’est pas l’adresse d’un site.")
        elif taken >= MAX_SITES:
            skipped.append(f"Seuls les {MAX_SITES} premiers sites sont lus.")
            break
        elif len(hosts.setdefault(host, [])) >= MAX_PAGES_PER_HOST:
            skipped.append(f"« {host} » : pas plus de {MAX_PAGES_PER_HOST} pages d’un même site.")
        else:
            hosts[host].append(site)
            taken += 1
    return hosts, list(dict.fromkeys(skipped))


def _split(url: str) -> SplitResult | None:
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.port != 0:  # reading a port that is none raises
            return parts
    return None


def _visit(pages: list[str], manners: _Manners) -> _Visit:
    """Read the pages of one host, one after the other."""
    accounts: list[_Account] = []
    skipped: list[str] = []
    read = 0
    allowed: Callable[[str], bool] | None = None
    for page in pages:
        try:
            if allowed is None:
                allowed = _robots(page, manners)
                time.sleep(manners.pause)
            if not allowed(page):
                raise _NotRead("ce site demande aux programmes de ne pas le lire")
            url, text = _page(page, manners)
            accounts += accounts_in(page, url, text)
            read += 1
        except (_NotRead, OSError, ValueError, http.client.HTTPException) as error:
            host = urlsplit(page).hostname
            skipped.append(f"« {host} » : {error if isinstance(error, _NotRead) else 'il ne répond pas'}.")
        time.sleep(manners.pause if page != pages[-1] else 0)
    return _Visit(read, accounts, list(dict.fromkeys(skipped)))


# --- one request ---


def _robots(page: str, manners: _Manners) -> Callable[[str], bool]:
    """Whether a host lets programs read a page. No robots.txt allows all; one that fails allows nothing."""
    status, _, body, _ = _follow(urljoin(page, "/robots.txt"), manners, MAX_PAGE)
    if 400 <= status < 500:
        return lambda _url: True
    if status != 200:
        raise _NotRead("il ne répond pas")
    rules = RobotFileParser()
    rules.parse(body.decode("utf-8", "replace").splitlines())
    return lambda url: rules.can_fetch(USER_AGENT, url)


def _page(page: str, manners: _Manners) -> tuple[str, str]:
    """The address that a page was found at, and its text."""
    status, kind, body, url = _follow(page, manners, MAX_PAGE)
    if status != 200:
        raise _NotRead(f"la page n’est plus là (réponse {status})")
    if not re.match(r"(text/html|application/xhtml\+xml)\b", kind, re.IGNORECASE):
        raise _NotRead("ce n’est pas une page web")
    charset = re.search(r"charset=[\"']?([\w-]+)", kind)
    try:
        return url, body.decode(charset[1] if charset else "utf-8", "replace")
    except LookupError:
        return url, body.decode("utf-8", "replace")


def _follow(url: str, manners: _Manners, limit: int) -> tuple[int, str, bytes, str]:
    """Status, kind, first bytes and final address of a page, redirections followed."""
    for _ in range(MAX_REDIRECTS + 1):
        status, kind, location, body = _ask(url, manners, limit)
        if status not in (301, 302, 303, 307, 308) or not location:
            return status, kind, body, url
        url = urljoin(url, location)
        time.sleep(min(manners.pause, 0.2))
    raise _NotRead("il renvoie sans fin d’une adresse à l’autre")


def _ask(url: str, manners: _Manners, limit: int) -> tuple[int, str, str, bytes]:
    """Status, kind, redirection and first bytes of what one request brings."""
    left = min(manners.timeout, manners.end - time.monotonic())
    if left <= 0:
        raise _NotRead("le temps prévu est écoulé")
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise _NotRead("il renvoie vers une adresse qui n’est pas celle d’un site")
    connection, link = _connected(parts, left, manners)
    # A server may send one byte every few seconds, which no timeout of the socket's ends.
    watch = threading.Timer(left, _hang_up, [link])
    watch.daemon = True
    watch.start()
    try:
        target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe="/%?&=:;,~+!$'()*@[]")
        connection.request(
            "GET", target, headers={"User-Agent": USER_AGENT, "Accept": "text/html", "Connection": "close"}
        )
        response = connection.getresponse()
        if response.getheader("Content-Encoding", "identity").lower() != "identity":
            raise _NotRead("il répond dans une forme qui n’était pas demandée")
        body = response.read(limit)
        return response.status, response.getheader("Content-Type", ""), response.getheader("Location", ""), body
    finally:
        watch.cancel()
        connection.close()


def _hang_up(link: socket.socket) -> None:
    with suppress(OSError):  # already closed
        link.shutdown(socket.SHUT_RDWR)


def _connected(
    parts: SplitResult, timeout: float, manners: _Manners
) -> tuple[http.client.HTTPConnection, socket.socket]:
    """A connection to the host of an address, and its socket, which http.client forgets before the last byte came."""
    host = (parts.hostname or "").encode("idna").decode("ascii")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    link = socket.create_connection((host, port), timeout)
    # Judged on the address really reached: a name may answer otherwise the second time it is asked.
    public = ipaddress.ip_address(link.getpeername()[0]).is_global and port in (80, 443)
    if not (public or manners.local):
        link.close()
        raise _NotRead("son adresse n’est pas celle d’un site public")
    if secure:
        link = ssl.create_default_context().wrap_socket(link, server_hostname=host)
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(host, port, timeout=timeout)
    connection.sock = link
    return connection, link


# --- what a page says ---


# Pages are scanned for three kinds of tags, in time that grows with their length whatever they hold; html.parser's
# does not (CVE-2025-6069).
_TAG = re.compile(r"<(a|link|meta)\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    before, *after_comments = text.split("<!--")
    for piece in (before, *(each.partition("-->")[2] for each in after_comments)):
        for tag in _TAG.finditer(piece):
            attributes = {
                found[1].lower(): html.unescape(found[2] or found[3] or found[4] or "")
                for found in _ATTRIBUTE.finditer(tag[2])
            }
            yield tag[1].lower(), attributes


def accounts_in(site: str, url: str, text: str) -> list[_Account]:
    """The accounts that a page links to, each once: rel=me first, then links to known networks."""
    found: dict[tuple[str, str], _Account] = {}
    links: list[tuple[str, bool]] = []
    for tag, given in islice(_tags(text), MAX_LINKS):
        if tag != "meta":
            links.append((given.get("href", ""), "me" in given.get("rel", "").lower().split()))
        elif given.get("name", "").lower() == "fediverse:creator":
            named = re.fullmatch(r"@?([\w.-]+)@([\w.-]+\.\w+)", given.get("content", "").strip())
            if named:
                address = f"https://{named[2]}/@{named[1]}"
                _keep(found, _Account(site, "mastodon", f"{named[1]}@{named[2]}", address, "rel=me"))
    for href, mine in sorted(links, key=lambda link: not link[1]):
        target = _absolute(url, href) if href else None
        if target and (account := _account(site, url, target, mine=mine)):
            _keep(found, account)
    return list(found.values())


def _keep(found: dict[tuple[str, str], _Account], account: _Account) -> None:
    found.setdefault((account.network, account.account.casefold()), account)


def _absolute(base: str, href: str) -> SplitResult | None:
    try:
        target = urlsplit(urljoin(base, href.strip()))
    except ValueError:
        return None
    return target if target.scheme in ("http", "https") and target.hostname and len(href) < 2_000 else None


def _account(site: str, page: str, target: SplitResult, *, mine: bool) -> _Account | None:
    host, path = (target.hostname or "").removeprefix("www."), target.path
    url, evidence = clean(target.geturl(), 2_000) or "", "rel=me" if mine else "link"
    for network, hosts, shape in _NETWORKS:
        if any(host == known or host.endswith(f".{known}") for known in hosts):
            named = re.match(shape, path)
            known = named and named[1].split("/")[0].lower() not in _NO_ACCOUNT
            return _Account(site, network, clean(named[1]) or "", url, evidence) if named and known else None
    fediverse = re.match(r"/(?:@|users/)([\w.-]+)(?:@([\w.-]+))?/?$", path)
    if fediverse and host not in _NOT_FEDIVERSE and (mine or "/@" in path):
        return _Account(site, "mastodon", f"{fediverse[1]}@{fediverse[2] or host}", url, evidence)
    elsewhere = host != (urlsplit(page).hostname or "").removeprefix("www.")
    return _Account(site, "web", f"{host}{path}".rstrip("/"), url, evidence) if mine and elsewhere else None
