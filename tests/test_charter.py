"""The charter and the certificate: the same words in every form, on one page, and dates that a calendar reads."""

import re
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
from icalendar import Calendar

from reseau_kit.answers.logbook import Logbook
from reseau_kit.learner.charter import (
    Charter,
    Meeting,
    Section,
    make_charter,
    to_calendar,
    to_certificate,
    to_html,
    to_text,
    undrawn,
)
from reseau_kit.learner.charter_picture import draw, to_picture

START = date(2026, 11, 22)  # a Sunday

SECTIONS = (
    Section("Mon objectif", ("Je veux rencontrer", "Sujets : médiation, inclusion", "Pour le 30 juin 2027"), 1),
    Section("Ma bio", ("Assistante en reconversion, à l’œuvre près de Besançon. Où êtes-vous ?",), 2),
    Section(
        "Ma semaine", ("lundi, 15 minutes : Lire", "lundi, 20 minutes : Publier", "jeudi, 10 minutes : Répondre"), 5
    ),
    Section("Mes règles", (), 5, "à décider, étape 5, activité E5-D2"),
)
MEETINGS = (Meeting(0, 15, "Lire"), Meeting(0, 20, "Publier"), Meeting(3, 10, "Répondre"))
CHARTER = Charter(START, SECTIONS, MEETINGS, "Assistante en reconversion.")
EMPTY = Logbook((), (), (), {})


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_every_form_says_the_same_words() -> None:
    said = [*words(CHARTER.dates)]
    for section in SECTIONS:
        said += [word for text in (section.title, *section.lines) for word in words(text)]
    html = unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", to_html(CHARTER), flags=re.DOTALL))
    drawn = " ".join(text.get_text() for text in draw(CHARTER).texts)
    for form in (to_text(CHARTER).lower(), html.lower(), drawn.lower()):
        assert {word.lower() for word in said} <= set(words(form))


def test_what_is_not_decided_is_said_with_its_place() -> None:
    charter = make_charter(EMPTY, START)
    assert not charter.meetings
    assert all(section.missing for section in charter.sections)
    told = to_text(charter)
    for id in ("E1-A3", "E1-D1", "E2-D3", "E2-D1", "E3-D1", "E4-D1", "E5-D1", "E5-D2", "C6-D1"):
        assert id in told
    assert "Il manque" not in to_text(CHARTER)


@pytest.mark.parametrize("times", [1, 4, 12], ids=["short", "long", "very long"])
def test_nothing_leaves_the_page_however_much_was_written(times: int) -> None:
    sections = tuple(
        Section(section.title, tuple(f"{line} " * times for line in section.lines), section.step, section.missing)
        for section in SECTIONS
    )
    figure = draw(Charter(START, sections, MEETINGS, ""))
    figure.set_dpi(150)
    width, height = figure.bbox.width, figure.bbox.height
    boxes = [(text.get_text(), text.get_window_extent()) for text in figure.texts]
    assert boxes
    for text, box in boxes:
        assert box.x0 > 0, text
        assert box.x1 < width, text
        assert box.y0 > 0, text
        assert box.y1 < height, text
    # Nothing is written over something else.
    for index, (text, box) in enumerate(boxes):
        for other, around in boxes[index + 1 :]:
            apart = box.x1 <= around.x0 or around.x1 <= box.x0 or box.y1 - 2 <= around.y0 or around.y1 - 2 <= box.y0
            assert apart, (text, other)


def test_pictures_are_one_a4_page_with_every_accent() -> None:
    png, pdf = to_picture(CHARTER, "png"), to_picture(CHARTER, "pdf")
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
    assert png.startswith(b"\x89PNG")
    assert height / width == pytest.approx(297 / 210, abs=0.01)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1


@pytest.mark.filterwarnings("error")
def test_the_font_draws_every_french_sign() -> None:
    """The author of an infographic of 2012 had to apologise for a tool that lost the accents."""
    section = Section("Signes", ("àâäçéèêëîïôöùûüÿœæ ÀÇÉÈŒ «\u00a0’\u00a0» … – — 1\u202f000\u00a0€ 🙂",), 1)
    to_picture(Charter(START, (section,), (), ""), "png")


@pytest.mark.filterwarnings("error")
def test_what_the_font_lacks_leaves_no_box_and_every_other_form_has_it() -> None:
    told = "J’écris 🙂 à des gens 👩‍💻 et je lis 漢字 : 1️⃣ un peu, 2️⃣ beaucoup, ภาษาไทย, ❤️"
    charter = Charter(START, (Section("Signes", (told,), 1),), (), "")
    assert undrawn(charter) == ("🙂", "👩‍💻", "漢", "字", "1️⃣", "2️⃣", *dict.fromkeys("ภาษาไทย"))
    drawn = " ".join(text.get_text() for text in draw(charter).texts).replace("\u00a0", " ")
    assert "J’écris à des gens et je lis […] : 1 un peu, 2 beaucoup, […], ❤" in drawn
    assert "Le texte entier, avec les signes que cette image n’a pas, se lit dans « ma-charte.html »" in drawn
    assert to_picture(charter, "pdf").startswith(b"%PDF")
    html = unescape(to_html(charter)).replace("\u00a0", " ")
    assert told in html
    assert told in to_text(charter)


def test_no_line_of_any_form_begins_with_a_colon() -> None:
    """Whatever space was typed before it, and however wide the words are."""
    told = tuple(f"{'mot ' * n}fin : {'suite ' * n}? « {'et ' * n}» ; oui ! {'x' * n} : y" for n in range(1, 24))
    for line in told:  # each on a page of its own, in letters of full size: a full page is tried in seven sizes
        charter = Charter(START, (Section("Longue", (line,), 1),), (), "")
        begun = [text.get_text()[:1] for text in draw(charter).texts]
        assert not set(begun) & set(":;!?»\u00a0")
        html = re.sub(r"<style>.*?</style>", "", unescape(to_html(charter)), flags=re.DOTALL)
        assert not re.findall(r"[ \n][:;!?»]|« ", html)


def test_the_page_escapes_what_was_written() -> None:
    hostile = Charter(START, (Section("Ma bio", ("<script>alert(1)</script> & co",), 2),), (), "")
    page = to_html(hostile)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_calendar_reads_the_week_and_the_day_to_look_back() -> None:
    """RFC 5545: CRLF, lines of 75 octets, each meeting weekly on its day for 30 days, none over another."""
    made = to_calendar(CHARTER, time(18, 30))
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    events: list[Any] = list(Calendar.from_ical(made).walk("VEVENT"))
    first, second, third, review = events
    assert [str(event["summary"]) for event in events[:3]] == ["Lire", "Publier", "Répondre"]
    assert first.decoded("dtstart") == datetime.fromisoformat("2026-11-23T18:30")
    assert first.decoded("dtend") == second.decoded("dtstart") == datetime.fromisoformat("2026-11-23T18:45")
    assert third.decoded("dtstart").date() == date(2026, 11, 26)
    for event in events[:3]:
        rule = event["rrule"]
        assert rule["FREQ"] == ["WEEKLY"]
        assert event.decoded("dtstart").tzinfo is None
        assert START <= event.decoded("dtstart").date() <= rule["UNTIL"][0].date() == CHARTER.end
    assert review.decoded("dtstart") == START + timedelta(days=30)
    assert len({str(event["uid"]) for event in events}) == 4


def test_a_meeting_past_midnight_is_still_one_of_its_day() -> None:
    late = Charter(START, (), (Meeting(2, 50, "Lire"), Meeting(2, 30, "Répondre")), "")
    events: list[Any] = list(Calendar.from_ical(to_calendar(late, time(23, 30))).walk("VEVENT"))
    first, second, _ = events
    assert first.decoded("dtend") - first.decoded("dtstart") == timedelta(minutes=50)
    assert second.decoded("dtstart") >= first.decoded("dtend")


def test_the_certificate_says_who_counted_and_claims_nothing() -> None:
    page = to_certificate(EMPTY, "<b>Zoé</b>", START)
    assert "&lt;b&gt;Zoé&lt;/b&gt;" in page
    assert "22\u00a0novembre 2026" in page
    assert "Personne ne les a vérifiés" in page
    assert "ne certifie aucune compétence" in page
    assert "La personne qui présente cette page" in to_certificate(EMPTY, "", START)
