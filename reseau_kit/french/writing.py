"""Writes numbers, dates, durations and plurals in French."""

import re

NBSP = "\N{NO-BREAK SPACE}"

NNBSP = "\N{NARROW NO-BREAK SPACE}"


def number(value: float, decimals: int = 0) -> str:
    """Return « 1 234,5 »: narrow spaces between thousands, a decimal comma, no trailing zeros."""
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", NNBSP).replace(".", ",")


def percent(share: float) -> str:
    """Return « 24,5 % » for a share from 0 to 1; below a tenth of a percent, « moins de 0,1 % »."""
    if 0 < share < 0.001:
        return f"moins de 0,1{NBSP}%"
    return f"{number(100 * share, 1 if share < 0.995 else 0)}{NBSP}%"


def count(how_many: int, one: str, several: str | None = None) -> str:
    """Return « 1 personne », « 3 personnes »; French uses the singular below 2. Callers handle « aucun »."""
    return f"{number(how_many)}{NBSP}{one if abs(how_many) < 2 else several or one + 's'}"


def duration(seconds: float) -> str:
    """Return a duration in the largest suitable unit: « 3 h », « 2 jours »."""
    if seconds < 90:
        return count(round(seconds), "seconde")
    if seconds < 90 * 60:
        return count(round(seconds / 60), "minute")
    if seconds < 36 * 3600:
        return count(round(seconds / 3600), "heure")
    return count(round(seconds / 86_400), "jour")


def typeset(text: str) -> str:
    """Put French no-break spaces into a sentence: before ; : ! ? % and », and after «."""
    return re.sub(r" (?=[;:!?»%])|(?<=«) ", NBSP, text)


def labelled(label: str, text: str) -> str:
    """Return « label : text », or « question ? text »."""
    ends_alone = not label or label[-1] in "?!…:"
    return f"{label} {text}".strip() if ends_alone else f"{label}{NBSP}: {text}"


def day_in_words(day: str) -> str:
    """Return a date (2026-11-02) in French words (« 2 novembre 2026 »); other texts unchanged."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})", day)
    if not found:
        return day
    number = "1er" if found[3] == "01" else str(int(found[3]))
    return f"{number}\N{NO-BREAK SPACE}{_MONTHS[int(found[2]) - 1]} {found[1]}"


_MONTHS = "janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre".split(",")


def worth(value: float) -> str:
    """Return points in French: « 1,5 point », « 2 points »."""
    return f"{number(value, 2)}{NBSP}point{'s' if abs(value) >= 2 else ''}"
