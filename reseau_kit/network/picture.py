"""A map as a picture: PNG, SVG or PDF, light or dark. It knows how a map is drawn, not how it came about."""

import io
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reseau_kit.network.map import OTHERS, Map, Points, Rows, description, honesty, labelled, title
from reseau_kit.network.wording import count, number, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Okabe & Ito, « Color universal design » (2008), in the order in which groups take them. The eighth is the ink's.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
#: Above so many links they are pixels in SVG and PDF too: such files would not open.
_VECTOR_LINKS = 4_000
#: Below so many contacts labels stand above their groups, not on them.
_SMALL = 400


@dataclass(frozen=True)
class Theme:
    """What changes between light and dark."""

    paper: str
    ink: str
    quiet: str
    grey: str
    eighth: str
    #: How light a dot's edge is, of its own colour.
    edge: float


THEMES = {
    "light": Theme("#ffffff", "#1b1f24", "#57606a", "#9aa0a8", "#000000", 0.6),
    "dark": Theme("#111418", "#eef1f4", "#a7b0ba", "#737b85", "#ffffff", 0.3),
}


@contextmanager
def _whatever_the_script() -> Iterator[None]:
    """No warning where a name is in a script that the font lacks: it is drawn as boxes, and the table has it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@_whatever_the_script()
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
    palette = _palette(drawn, look)
    _limits(axes, places)
    _draw_links(axes, drawn, places, group, palette, look)
    _draw_people(axes, people["links"].to_numpy(), people["apart"].to_numpy(), places, group, palette, look)
    _draw_apart(axes, drawn, places, look)
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    # Until then nobody knows where on the page a point of the map is.
    axes.apply_aspect()
    taken = [_draw_learner(axes, drawn, look).get_window_extent(renderer)]
    _draw_labels(axes, drawn, places, look, renderer, taken)
    if names:
        _draw_names(axes, drawn, places, look, renderer, taken)
    _draw_legend(figure, drawn, palette, look)
    # A company's full name can be longer than the page is wide.
    heading = textwrap.wrap(_plain(title(drawn)), 68)
    if len(heading) > 1:
        heading = textwrap.wrap(_plain(title(drawn)), 90, max_lines=2, placeholder="…")
    size = 16 if len(heading) == 1 else 12
    figure.text(0.02, 0.955, "\n".join(heading), size=size, weight="bold", color=look.ink, va="center", **_FONT)
    footer = "\n".join(textwrap.wrap(_plain(honesty(drawn)), 168))
    figure.text(0.02, 0.085, footer, size=9, color=look.quiet, va="top", linespacing=1.4, **_FONT)
    return figure


@_whatever_the_script()
def to_picture(drawn: Map, kind: str = "png", *, theme: str = "light", names: bool = False) -> bytes:
    """The map as « png », « svg » or « pdf ». Names are hidden unless asked for, in the file's text too."""
    from matplotlib import rc_context

    made = io.BytesIO()
    # No date, so that the same map gives the same file.
    dated: dict[str, dict[str, Any]] = {
        "png": {"Description": description(drawn)},
        "svg": {"Date": None, "Description": description(drawn)},
        "pdf": {"CreationDate": None, "Subject": description(drawn)},
    }
    more: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
    with rc_context({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "reseau_kit"}):
        figure = draw(drawn, theme=theme, names=names)
        about = {"Title": title(drawn), **dated[kind]}
        figure.savefig(made, format=kind, facecolor=THEMES[theme].paper, metadata=about, **more)
    return made.getvalue()


_FONT: dict[str, Any] = {"family": "DejaVu Sans", "parse_math": False}


def _plain(text: str) -> str:
    """A text with only the signs that the font draws."""
    return "".join(" " if char in "\u202f\u2009" else char for char in text if ord(char) < 0x1F000)


def _palette(drawn: Map, look: Theme) -> "list[Any]":
    """The colour of each group's number; 0 is grey."""
    from matplotlib.colors import to_rgb

    colours = [look.grey, *_COLOURS, look.eighth]
    return [to_rgb(colour) for colour in colours[: len(drawn.groups) + 1]]


def _mixed(colour: Any, look: Theme, share: float) -> Points:
    """A colour on the paper, `share` of it: pale and opaque, so that a thousand links do not make a blot."""
    from matplotlib.colors import to_rgb

    mixed: Points = np.array(colour) * share + np.array(to_rgb(look.paper)) * (1 - share)
    return mixed


def _limits(axes: Any, places: Points) -> None:
    # The learner is in the picture wherever the contacts are.
    low, high = np.minimum(places.min(0), -0.2), np.maximum(places.max(0), 0.2)
    pad = 0.03 * float((high - low).max())
    axes.set_xlim(low[0] - pad, high[0] + pad)
    # Where labels stand above their groups, the highest needs room.
    room = 0.1 * float(high[1] - low[1]) if len(places) < _SMALL else 0.0
    axes.set_ylim(low[1] - pad, high[1] + pad + room)


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
    for chosen, order, share in ((~within, 1, 0.55), (within, 2, 0.45)):
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
    axes.scatter([0], [0], s=260, c=[look.ink], edgecolors=look.paper, linewidths=2.5, zorder=6)
    return axes.annotate(
        _plain(drawn.learner), (0, 0), xytext=(0, -13), textcoords="offset points", ha="center", va="top", size=10,
        weight="bold", color=look.ink, zorder=7, path_effects=_halo(look), **_FONT,
    )  # fmt: skip


def _draw_apart(axes: Any, drawn: Map, places: Points, look: Theme) -> None:
    apart = drawn.people["apart"].to_numpy()
    if not apart.any():
        return
    top = places[apart, 1].max()
    why = "détail non connu" if drawn.is_star else "sans lien connu, ou presque, avec les autres"
    told = f"À part : {count(int(apart.sum()), 'contact')} ({why})"
    axes.annotate(
        _plain(told), (places[:, 0].min(), top), xytext=(0, 7), textcoords="offset points", ha="left", va="bottom",
        size=9, color=look.quiet, zorder=4, path_effects=_halo(look), **_FONT,
    )  # fmt: skip


def _draw_names(axes: Any, drawn: Map, places: Points, look: Theme, renderer: Any, taken: "list[Any]") -> None:
    """Names of the most linked of each group, where nothing is covered: not more than can be read."""
    people = drawn.people
    each = 3 if len(people) > 60 else 8
    for _, some in people[~people["apart"]].groupby("group"):
        for row in some.sort_values("links", ascending=False, kind="stable").index[:each]:
            name = axes.annotate(
                _plain(people["name"][row]), tuple(places[row]), xytext=(0, 5), textcoords="offset points",
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
    """Each group's number and name on it, above it in a small map; moved up or down where two would meet."""
    group = drawn.people["group"].to_numpy()
    apart = drawn.people["apart"].to_numpy()
    small = len(places) < _SMALL
    for one in drawn.groups.itertuples():
        members = places[(group == one.number) & ~apart]
        middle = np.median(members, axis=0)
        if small:
            middle[1] = members[:, 1].max()
        large = 9 + 4 * float(np.sqrt(one.size / drawn.groups["size"].max()))
        name = "\n".join(textwrap.wrap(_plain(labelled(one.number, one.name)), 20, break_on_hyphens=False))
        label = axes.annotate(
            name, tuple(middle), xytext=(0, 0), textcoords="offset points", ha="center", size=large,
            va="bottom" if small else "center", weight="bold", color=look.ink, zorder=8, linespacing=1.05,
            path_effects=_halo(look), **_FONT,
        )  # fmt: skip
        # Up and down by turns, further each time, until nothing is covered.
        for move in (6 if small else 0, 14, -14, 26, -26, 38, -38, 50, -50):
            label.set_position((0, move))
            box = label.get_window_extent(renderer).padded(3)
            if not any(box.overlaps(other) for other in taken):
                break
        taken.append(box)


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
    y = 0.965
    axes.text(0, y, "Groupes", size=11, weight="bold", color=look.ink, va="center", **_FONT)
    for colour, name, size in rows:
        lines = textwrap.wrap(_plain(name), 27, break_on_hyphens=False)[:2]
        y -= 0.052 + 0.028 * (len(lines) - 1)
        axes.scatter([0.035], [y], s=90, c=[colour], edgecolors=look.quiet, linewidths=0.6)
        axes.text(0.1, y, "\n".join(lines), size=10, color=look.ink, va="center", linespacing=1.15, **_FONT)
        y -= 0.031 + 0.012 * (len(lines) - 1)
        told = f"{number(size)} ({percent(size / len(people))})"
        axes.text(0.1, y, _plain(told), size=8.5, color=look.quiet, va="center", **_FONT)
