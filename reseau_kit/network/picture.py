"""A map as a picture: PNG, SVG or PDF, light or dark. It knows how a map is drawn, not how it came about."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reseau_kit.drawing.lettering import FAMILY, GAP, lacking, lettered, set_lines
from reseau_kit.french.writing import count, number, percent
from reseau_kit.network.map import OTHERS, Map, Points, Rows
from reseau_kit.network.map_words import description, honesty, labelled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Okabe & Ito, « Color universal design » (2008), in the order in which groups take them. The eighth is the ink's; the
#: grey of the others is none that their pink becomes for eyes without green.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
#: Above this number, links are pixels in SVG and PDF too: larger files would not open.
_VECTOR_LINKS = 4_000
#: Below this number of contacts, labels stand above their groups, not on them.
_SMALL = 400


@dataclass(frozen=True)
class Theme:
    """Colours of the light and the dark picture."""

    paper: str
    ink: str
    quiet: str
    grey: str
    eighth: str
    #: How light a dot's edge is, of its own colour.
    edge: float


THEMES = {
    "light": Theme("#ffffff", "#1b1f24", "#57606a", "#6f747b", "#000000", 0.6),
    "dark": Theme("#111418", "#eef1f4", "#a7b0ba", "#6f747b", "#ffffff", 0.3),
}


def draw(drawn: Map, *, theme: str = "light", names: bool = False) -> "Figure":
    """The map on a page of 12 by 8 inches. Names of contacts are hidden unless asked for."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    look = THEMES[theme]
    figure = Figure(figsize=(12, 8), dpi=150, facecolor=look.paper)
    axes = figure.add_axes((0.012, 0.10, 0.746, 0.79), facecolor=look.paper)
    axes.set_aspect("equal")
    axes.set_axis_off()
    people = drawn.people
    places = people[["x", "y"]].to_numpy(dtype=float)
    group = people["group"].to_numpy()
    palette = _palette(drawn, theme)
    _limits(axes, drawn, places)
    _draw_links(axes, drawn, places, group, palette, look)
    _draw_people(axes, people["links"].to_numpy(), people["apart"].to_numpy(), places, group, palette, look)
    note = _draw_apart(axes, drawn, places, look)
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    # Before that the place of a map's point on the page is unknown.
    axes.apply_aspect()
    taken = [mark.get_window_extent(renderer) for mark in (_draw_learner(axes, drawn, look), *note)]
    _draw_labels(axes, drawn, places, look, renderer, taken)
    if names:
        _draw_names(axes, drawn, places, look, renderer, taken)
    _draw_legend(figure, drawn, palette, look)
    # A company's full name can be longer than the page is wide.
    heading = _lines(title(drawn), 84, 1_000)
    if len(heading) > 1:
        # Two lines of about the same length, cut only where they are as wide as the page.
        several = (_lines(title(drawn), width, 1_000) for width in range(46, 91))
        heading = next((lines for lines in several if len(lines) == 2), _lines(title(drawn), 90, 2))
    size = 15 if len(heading) == 1 else 12
    figure.text(0.02, 0.955, "\n".join(heading), size=size, weight="bold", color=look.ink, va="center", **_FONT)
    told = f"{honesty(drawn)} {_NOT_ALL}" if undrawn(drawn, names=names) else honesty(drawn)
    footer = "\n".join(_lines(told, 168, 1_000))
    figure.text(0.02, 0.085, footer, size=9, color=look.quiet, va="top", linespacing=1.4, **_FONT)
    return figure


def to_picture(drawn: Map, kind: str = "png", *, theme: str = "light", names: bool = False) -> bytes:
    """The map as « png », « svg » or « pdf ». Names are hidden unless asked for, in the file's text too."""
    from matplotlib import style

    made = io.BytesIO()
    # No date, so that the same map gives the same file.
    dated: dict[str, dict[str, Any]] = {
        "png": {"Description": description(drawn)},
        "svg": {"Date": None, "Description": description(drawn)},
        "pdf": {"CreationDate": None, "Subject": description(drawn)},
    }
    more: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
    # Nothing of a `matplotlibrc` that lies beside the notebook, which matplotlib reads: it can have LaTeX run.
    with style.context(["default", {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "reseau_kit"}]):
        figure = draw(drawn, theme=theme, names=names)
        about = {"Title": title(drawn), **dated[kind]}
        figure.savefig(made, format=kind, facecolor=THEMES[theme].paper, metadata=about, **more)
    return made.getvalue()


_FONT: dict[str, Any] = {"family": FAMILY, "parse_math": False}

_NOT_ALL = "Il manque ici des signes de certains noms : le tableau de la page les a."


def undrawn(drawn: Map, *, names: bool = False) -> tuple[str, ...]:
    """The signs that a file leaves out, since its font lacks them: of groups' names, and of contacts' if shown."""
    told = [drawn.learner, title(drawn), *map(str, drawn.groups["name"])]
    return lacking([*told, *map(str, drawn.people["name"])] if names else told)


def _plain(text: str) -> str:
    return lettered(text).text


def _lines(text: str, width: int, most: int) -> list[str]:
    """A text in so many lines at most, « … » where it is longer; addresses are cut at their dots and hyphens."""
    parts = []
    for word in _plain(text).split(" "):
        line = ""
        for piece in re.findall(r"[^-./@_]+[-./@_]*|[-./@_]+", word) if len(word) > width else [word]:
            if line and len(line) + len(piece) > width:
                parts.append(line)
                line = ""
            line += piece
        parts.append(line)
    # Rather a line that is a little wider than a word cut in two.
    longest = max(map(len, parts))
    width = longest if width < longest <= width + 4 else width
    made = set_lines(" ".join(parts), lambda line: len(line) <= width)
    if len(made) <= most:
        return made
    last = made[most - 1]
    while len(last) >= width:
        last = last.rpartition(" ")[0] or last[: width - 1]
    return [*made[: most - 1], f"{last.rstrip(' .,;:…')}…"]


def colours(drawn: Map, theme: str = "light") -> list[str]:
    """The colour of each group's number, as « #rrggbb »; 0 is grey."""
    look = THEMES[theme]
    return [look.grey, *_COLOURS, look.eighth][: len(drawn.groups) + 1]


def _palette(drawn: Map, theme: str) -> "list[Any]":
    from matplotlib.colors import to_rgb

    return [to_rgb(colour) for colour in colours(drawn, theme)]


def _mixed(colour: Any, look: Theme, share: float) -> Points:
    """A colour on the paper, `share` of it: pale and opaque, so that a thousand links do not make a blot."""
    from matplotlib.colors import to_rgb

    mixed: Points = np.array(colour) * share + np.array(to_rgb(look.paper)) * (1 - share)
    return mixed


def _limits(axes: Any, drawn: Map, places: Points) -> None:
    # The learner is in the picture wherever the contacts are.
    low, high = np.minimum(places.min(0), -0.2), np.maximum(places.max(0), 0.2)
    pad = 0.03 * float((high - low).max())
    # Names stand outside the ring of a star; above their groups in a small map, where the highest needs room.
    beside, above, below = 0.0, 0.1 if len(places) < _SMALL else 0.0, 0.0
    if drawn.is_star:
        beside, above, below = 0.42, 0.13, 0.0 if drawn.people["apart"].any() else 0.13
    beside, above, below = beside * (high[0] - low[0]), above * (high[1] - low[1]), below * (high[1] - low[1])
    axes.set_xlim(low[0] - pad - beside, high[0] + pad + beside)
    axes.set_ylim(low[1] - pad - below, high[1] + pad + above)


def _curves(start: Points, end: Points, control: Points, steps: int) -> Points:
    """Points of a curve from start to end, bent towards control: (link, step, xy)."""
    along = np.linspace(0, 1, steps)[None, :, None]
    return (1 - along) ** 2 * start[:, None] + 2 * along * (1 - along) * control[:, None] + along**2 * end[:, None]


def _draw_links(axes: Any, drawn: Map, places: Points, group: Rows, palette: "list[Any]", look: Theme) -> None:
    from matplotlib.collections import LineCollection

    if drawn.is_star:
        # The learner's own links, gathered on the way to each group: these are known.
        kept = ~drawn.people["apart"].to_numpy()
        end, ends = places[kept], np.repeat(group[kept][:, None], 2, axis=1)
        middle = {one: end[group[kept] == one].mean(0) for one in np.unique(group[kept])}
        start = np.zeros_like(end)
        control = np.array([middle[one] * 0.75 for one in group[kept]]).reshape(-1, 2)
    else:
        start, end = places[drawn.links[:, 0]], places[drawn.links[:, 1]]
        ends = group[drawn.links]
        across = (end - start)[:, ::-1] * np.array([-1.0, 1.0])
        control = (start + end) / 2 + 0.16 * across
        # Links between groups pass nearer the middle, where they can be told from those within.
        between = (ends[:, 0] != ends[:, 1])[:, None]
        control = np.where(between, control * 0.82, control)
    many = len(start)
    within = ends[:, 0] == ends[:, 1]
    faint = float(np.clip(40 / np.sqrt(many + 1), 0.25, 1.0))
    width = float(np.clip(22 / np.sqrt(many + 1), 0.22, 0.9))
    for chosen, order, share in ((~within, 1, 0.42), (within, 2, 0.45)):
        if not chosen.any():
            continue
        shades = [_mixed(colour, look, share) for colour in palette]
        colours = np.array(shades)[ends[chosen, 0]] if order == 2 else _mixed(palette[OTHERS], look, share)
        lines = LineCollection(
            list(_curves(start[chosen], end[chosen], control[chosen], 9 if many < 20_000 else 6)),
            colors=colours,
            linewidths=width,
            alpha=faint,
            zorder=order,
            capstyle="butt",
        )
        lines.set_rasterized(many > _VECTOR_LINKS)
        axes.add_collection(lines, autolim=False)


def _draw_people(
    axes: Any, degree: Rows, apart: Any, places: Points, group: Rows, palette: "list[Any]", look: Theme
) -> None:
    size = float(np.clip(26_000 / len(places), 3.4, 60))
    sizes = size * (0.55 + 0.45 * np.sqrt((degree + 1) / (np.median(degree) + 1)))
    sizes = np.where(apart, size * 0.8, np.minimum(sizes, size * 2.5))
    colours = np.array(palette)[group]
    dots = axes.scatter(
        places[:, 0],
        places[:, 1],
        s=sizes,
        c=colours,
        # Darker than the dot on white, where yellow would vanish; the paper's own in the dark.
        edgecolors=colours * look.edge,
        linewidths=min(0.6, size / 30),
        zorder=3,
    )
    dots.set_rasterized(len(places) > _VECTOR_LINKS)


def _draw_learner(axes: Any, drawn: Map, look: Theme) -> Any:
    if drawn.learner:
        axes.scatter([0], [0], s=260, c=[look.ink], edgecolors=look.paper, linewidths=2.5, zorder=6)
    return axes.annotate(
        _plain(drawn.learner), (0, 0), xytext=(0, -13), textcoords="offset points", ha="center", va="top", size=10,
        weight="bold", color=look.ink, zorder=7, path_effects=_halo(look), **_FONT,
    )  # fmt: skip


def _draw_apart(axes: Any, drawn: Map, places: Points, look: Theme) -> "list[Any]":
    """Return the label of the people apart, if there are any."""
    apart = drawn.people["apart"].to_numpy()
    if not apart.any():
        return []
    top = places[apart, 1].max()
    why = "détail non connu" if drawn.is_star else "sans lien connu, ou presque, avec les autres"
    told = f"À part : {count(int(apart.sum()), *drawn.thing)} ({why})"
    note = axes.annotate(
        _plain(told), (places[:, 0].min(), top), xytext=(0, 7), textcoords="offset points", ha="left", va="bottom",
        size=9, color=look.quiet, zorder=4, path_effects=_halo(look), **_FONT,
    )  # fmt: skip
    return [note]


def _draw_names(axes: Any, drawn: Map, places: Points, look: Theme, renderer: Any, taken: "list[Any]") -> None:
    """Names of the most linked of each group, where nothing is covered: not more than can be read."""
    people = drawn.people
    each = 3 if len(people) > 60 else 8
    for _, some in people[~people["apart"]].groupby("group"):
        for row in some.sort_values("links", ascending=False, kind="stable").index[:each]:
            told = _plain(people["name"][row])
            if not told.replace(GAP, "").strip():
                continue  # the table of the page has the name
            name = axes.annotate(
                told, tuple(places[row]), xytext=(0, 5), textcoords="offset points",
                ha="center", size=7.5, color=look.ink, zorder=5, path_effects=_halo(look), **_FONT,
            )  # fmt: skip
            box = name.get_window_extent(renderer)
            if any(box.overlaps(other) for other in taken):
                name.remove()
            else:
                taken.append(box)


def _halo(look: Theme) -> "list[Any]":
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=3, foreground=look.paper)]


def _draw_labels(axes: Any, drawn: Map, places: Points, look: Theme, renderer: Any, taken: "list[Any]") -> None:
    """Each group's number and name: outside the ring of a star, by the group in a small map, and else on it.

    Of the places that it may have, a name takes the one where it covers no other and the fewest contacts.
    """
    group = drawn.people["group"].to_numpy()
    apart = drawn.people["apart"].to_numpy()
    dots = axes.transData.transform(places)
    page = axes.figure.bbox
    room = [0.005 * page.x1, 0.095 * page.y1, 0.765 * page.x1, 0.925 * page.y1]
    on_dots = not drawn.is_star and len(places) >= _SMALL
    named = [(one.number, labelled(one.number, one.name), one.size) for one in drawn.groups.itertuples()]
    if drawn.is_star and ((group == OTHERS) & ~apart).any():
        named.append((OTHERS, drawn.group_name(OTHERS), 0))
    for which, name, size in named:
        members = places[(group == which) & ~apart]
        quiet = which == OTHERS
        large = 9 + (2 if drawn.is_star else 4) * float(np.sqrt(size / drawn.groups["size"].max())) if size else 9.5
        # A number stays with its name.
        words = name.replace(" · ", "\u00a0·\u00a0", 1)
        label = axes.annotate(
            "\n".join(_lines(words, 20, 3)), (0, 0), xytext=(0, 0), zorder=8,
            textcoords="offset points", size=large, weight="normal" if quiet else "bold", linespacing=1.05,
            color=look.quiet if quiet else look.ink, path_effects=_halo(look), **_FONT,
        )  # fmt: skip
        found: list[tuple[float, Any, Any]] = []
        for place in _label_places(members, star=drawn.is_star, on_dots=on_dots):
            _put(label, place)
            box = label.get_window_extent(renderer).padded(3)
            outside = box.x0 < room[0] or box.y0 < room[1] or box.x1 > room[2] or box.y1 > room[3]
            met = sum(bool(box.overlaps(other)) for other in taken)
            inside = (dots > [box.x0, box.y0]) & (dots < [box.x1, box.y1])
            covered = 0 if on_dots else int(inside.all(1).sum())
            far = float(np.abs(place.shift).sum())
            found.append((1_000 * (met + outside) + 8 * covered + 0.1 * far, place, box))
        _, place, box = min(found, key=lambda one: one[0])
        _put(label, place)
        taken.append(box)


class _Place(NamedTuple):
    """Place of a label: by a point of the map, on which of its sides, how many points of the page away."""

    point: Points
    side: tuple[str, str]
    shift: tuple[float, float]


def _put(label: Any, place: _Place) -> None:
    label.xy = tuple(place.point)
    label.set_position(place.shift)
    label.set_ha(place.side[0])
    label.set_va(place.side[1])


def _outside(members: Points, moves: tuple[int, ...]) -> Iterator[_Place]:
    """Places of a name outside the ring that a star is: beside its disc, above or below it."""
    center = members.mean(0)
    out = center / max(float(np.hypot(*center)), 1e-9)
    reach = float(np.hypot(*(members - center).T).max())
    over = _Place(
        center + np.array([0, np.copysign(reach, out[1])]), ("center", "bottom" if out[1] > 0 else "top"), (0, 0)
    )
    beside = _Place(
        center + np.array([np.copysign(reach, out[0]), 0]), ("left" if out[0] > 0 else "right", "center"), (0, 0)
    )
    away = np.copysign(8, out)
    for first in (beside, over) if abs(out[0]) > 0.4 else (over, beside):
        for move in moves:
            shift = (away[0], move) if first is beside else (move, away[1])
            yield first._replace(shift=shift)


def _label_places(members: Points, *, star: bool, on_dots: bool) -> Iterator[_Place]:
    """The places that a group's name may have, the best first."""
    moves = (0, 12, -12, 24, -24, 36, -36, 50, -50, 66, -66, 82, -82)
    middle = np.median(members, axis=0)
    if on_dots:
        yield from (_Place(middle, ("center", "center"), (0, move)) for move in moves)
        return
    low, high = members.min(0), members.max(0)
    if star:
        yield from _outside(members, moves)
        return
    top, bottom = (np.array([middle[0], edge]) for edge in (high[1], low[1]))
    left, right = (np.array([edge, middle[1]]) for edge in (low[0], high[0]))
    for move in moves:
        yield _Place(top, ("center", "bottom"), (0, 7 + abs(move) / 2))
        yield _Place(top, ("center", "bottom"), (move, 7))
        yield _Place(bottom, ("center", "top"), (move, -7))
        yield _Place(right, ("left", "center"), (8, move))
        yield _Place(left, ("right", "center"), (-8, move))


def _draw_legend(figure: "Figure", drawn: Map, palette: "list[Any]", look: Theme) -> None:
    """Colour, number, name and size of each group, and « autres »."""
    people = drawn.people
    axes = figure.add_axes((0.77, 0.10, 0.22, 0.79))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    rows = [(palette[one.number], labelled(one.number, one.name), int(one.size)) for one in drawn.groups.itertuples()]
    rest = int(((people["group"] == OTHERS) & ~people["apart"]).sum())
    if rest:
        rows.append((palette[OTHERS], "autres", rest))
    apart = int(people["apart"].sum())
    if apart:
        rows.append((palette[OTHERS], "à part", apart))
    names = [_lines(name.replace(" · ", "\u00a0·\u00a0", 1), 27, 2) for _, name, _ in rows]
    # Eight long names take more than the page is high: closer together, and smaller.
    close = min(1.0, 0.95 / sum(0.083 + 0.04 * (len(lines) - 1) for lines in names)) if names else 1.0
    y = 0.965
    axes.text(0, y, "Groupes", size=11, weight="bold", color=look.ink, va="center", **_FONT)
    for (colour, _, size), lines in zip(rows, names, strict=True):
        y -= close * (0.052 + 0.028 * (len(lines) - 1))
        axes.scatter([0.035], [y], s=90, c=[colour], edgecolors=look.quiet, linewidths=0.6)
        text = "\n".join(lines)
        axes.text(0.1, y, text, size=10 * close, color=look.ink, va="center", linespacing=1.15, **_FONT)
        y -= close * (0.031 + 0.012 * (len(lines) - 1))
        told = f"{number(size)} ({percent(size / len(people))})"
        axes.text(0.1, y, _plain(told), size=8.5 * close, color=look.quiet, va="center", **_FONT)
