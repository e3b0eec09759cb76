"""The charter as a picture and a PDF, drawn with matplotlib."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reseau_kit.activities.tasks import DAYS
from reseau_kit.drawing.lettering import FAMILY, lettered, set_lines
from reseau_kit.french.writing import NBSP, number
from reseau_kit.learner.charter import LAST_STEP, TITLE, VERSION, Charter, Meeting, Section, undrawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# --- the picture ------------------------------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 595.0, 842.0  # A4, in points

_MARGIN = 42.0

_GAP = 22.0

_INK, _QUIET, _ACCENT = "#14181d", "#4a5560", "#0b5394"


def draw(charter: Charter) -> "Figure":
    """Draw the charter on one A4 page, black on white, with the largest letters for which it fits."""
    for size in (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0):
        page = _Page(charter, size)
        if page.fits:
            break
    return page.figure


def to_picture(charter: Charter, kind: str) -> bytes:
    """Return the drawn page as « png » or « pdf »."""
    from matplotlib import style

    made = io.BytesIO()
    about = {"Title": TITLE, "Creator": f"reseau_kit {VERSION}"} if kind == "pdf" else {}
    # Letters are unhinted, so that they are as wide as measured; a PDF keeps them as text, to search and copy.
    # The default style replaces any `matplotlibrc` beside the notebook: it could make matplotlib run LaTeX.
    with style.context(["default", {"pdf.fonttype": 42, "text.hinting": "none"}]):
        draw(charter).savefig(made, format=kind, dpi=150, metadata=about)
    return made.getvalue()


class _Page:
    """The page drawn with one size of letters: two columns of sections, the week as a strip below."""

    def __init__(self, charter: Charter, size: float) -> None:
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(_WIDTH / 72, _HEIGHT / 72), dpi=72, facecolor="white")
        self.size = size
        self._write(_MARGIN, _HEIGHT - _MARGIN - 20, TITLE, 21, weight="bold")
        self._write(_MARGIN, _HEIGHT - _MARGIN - 42, charter.dates, 11, color=_QUIET)
        self._rule(_HEIGHT - _MARGIN - 54)
        bottom = _MARGIN + 24
        if charter.meetings:
            bottom = self._strip(charter.meetings, bottom + 8)
        top = _HEIGHT - _MARGIN - 54 - size * 2
        column = (_WIDTH - 2 * _MARGIN - _GAP) / 2
        heights = [self._height(section, column) for section in charter.sections]
        # The order of the course is kept, split where the page gets shortest.
        splits = range(len(heights) + 1)
        split = min(splits, key=lambda place: max(sum(heights[:place]), sum(heights[place:])))
        for index, section in enumerate(charter.sections):
            place = 0 if index < split else split
            x = _MARGIN if index < split else _MARGIN + column + _GAP
            self._section(section, x, top - sum(heights[place:index]), column)
        self.fits = top - max(sum(heights[:split]), sum(heights[split:])) > bottom
        self._rule(_MARGIN + 16)
        same = "Le texte entier, avec les signes que cette image n’a pas," if undrawn(charter) else "Le même texte"
        footer = f"{same} se lit dans «{NBSP}ma-charte.html{NBSP}» · reseau_kit {VERSION}"
        self._write(_MARGIN, _MARGIN, footer, 8, color=_QUIET)

    def _pieces(self, section: Section, width: float) -> list[list[str]]:
        lines = section.lines or (section.missing,)
        return [self._wrapped(line, 0.975 * width - (self.size if len(lines) > 1 else 0)) for line in lines]

    def _height(self, section: Section, width: float) -> float:
        lines = sum(map(len, self._pieces(section, width)))
        return self.size * (1.42 * lines + 1.9 + 1.3)

    def _section(self, section: Section, x: float, y: float, width: float) -> None:
        from matplotlib.patches import Ellipse

        step, radius = self.size * 1.42, self.size * 0.85
        center = ((x + radius) / _WIDTH, (y + self.size * 0.42) / _HEIGHT)
        badge = Ellipse(center, 2 * radius / _WIDTH, 2 * radius / _HEIGHT, transform=self.figure.transFigure)
        badge.set(facecolor=_ACCENT, edgecolor="none")
        self.figure.add_artist(badge)
        badge_text = str(section.step) if section.step <= LAST_STEP else "→"
        self._write(x + radius, y, badge_text, self.size, weight="bold", color="white", align="center")
        title = x + 2 * radius + self.size * 0.6
        self._write(title, y, section.title, self.size + 1, weight="bold", color=_ACCENT)
        y -= self.size * 1.9
        pieces = self._pieces(section, width)
        for line in pieces:
            if len(pieces) > 1:
                self._write(x, y, "•", self.size, color=_ACCENT)
            for piece in line:
                indent = self.size if len(pieces) > 1 else 0
                self._write(x + indent, y, piece, self.size, color=_INK if section.lines else _QUIET)
                y -= step

    def _strip(self, meetings: Iterable[Meeting], y: float) -> float:
        """Draw the seven days with their minutes; return the upper edge."""
        from matplotlib.patches import Rectangle

        minutes = [sum(meeting.minutes for meeting in meetings if meeting.weekday == day) for day in range(7)]
        width, height = (_WIDTH - 2 * _MARGIN) / 7, 40.0
        for day, spent in enumerate(minutes):
            x = _MARGIN + day * width
            corner = ((x + 2) / _WIDTH, y / _HEIGHT)
            box = Rectangle(corner, (width - 4) / _WIDTH, height / _HEIGHT, transform=self.figure.transFigure)
            box.set(facecolor=_ACCENT if spent else "#eef1f4", edgecolor="none")
            self.figure.add_artist(box)
            color = "white" if spent else _QUIET
            self._write(x + width / 2, y + 24, DAYS[day], 9, color=color, align="center")
            told = f"{number(spent, 2)} min" if spent else "–"
            self._write(
                x + width / 2, y + 9, told, 10, weight="bold" if spent else "normal", color=color, align="center"
            )
        return y + height + 14

    def _wrapped(self, text: str, width: float) -> list[str]:
        return set_lines(lettered(text).text, lambda line: self._width(line) <= width)

    def _width(self, text: str) -> float:
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import text_to_path

        # From the outlines of the letters: a canvas rounds their widths to pixels.
        properties = FontProperties(family=FAMILY, size=self.size)
        return float(text_to_path.get_text_width_height_descent(text, properties, ismath=False)[0])

    def _write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        weight: str = "normal",
        color: str = _INK,
        align: str = "left",
    ) -> None:
        self.figure.text(
            x / _WIDTH, y / _HEIGHT, lettered(text).text, size=size, weight=weight, color=color, family=FAMILY,
            ha=align, parse_math=False,
        )  # fmt: skip

    def _rule(self, y: float) -> None:
        from matplotlib.lines import Line2D

        ends = [_MARGIN / _WIDTH, 1 - _MARGIN / _WIDTH]
        self.figure.add_artist(Line2D(ends, [y / _HEIGHT] * 2, color="#c9d0d7", linewidth=1))
