"""A map shows groups, says what it knows and what it adds, hides names, and never draws a link as if known."""

import builtins
import random
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.image import imread

from reseau_kit.network import map as maps
from reseau_kit.network import map_words, picture
from reseau_kit.network.map import Map, NoMap, build_map, star_map
from reseau_kit.network.map_words import description, honesty
from reseau_kit.network.synthetic import synthetic, synthetic_contacts
from reseau_kit.network.tables import Contact, contacts_table


@cache
def contacts(size: int = 300) -> Map:
    return build_map(*synthetic_contacts(1, size))


def linkedin(size: int = 200) -> pd.DataFrame:
    """Contacts as a LinkedIn export has them, without links."""
    rng = random.Random(1)
    companies = ["Mairie de Valbourg", "MAIRIE DE VALBOURG", "Université du Lac", "Radio Cascade", None]
    positions = ["Directrice", "Ingénieur logiciel", "Enseignante", "Bibliothécaire", "Poète", None]
    years = [f"{year}-05-01" for year in range(2008, 2026)]
    return pd.DataFrame(
        {
            "id": [f"https://example.org/in/{row}" for row in range(size)],
            "name": [f"Personne Inventée {row}" for row in range(size)],
            "company": pd.array([rng.choice(companies) for _ in range(size)], dtype="string"),
            "position": pd.array([rng.choice(positions) for _ in range(size)], dtype="string"),
            "since": pd.to_datetime([rng.choice(years) for _ in range(size)], utc=True),
        }
    )


def chain(*pieces: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contacts in pieces of those sizes, each a ring or a pair; a piece of one is alone."""
    people = pd.DataFrame({"id": [f"p{row}" for row in range(sum(pieces))]})
    links, start = [], 0
    for size in pieces:
        links += [(f"p{start + row}", f"p{start + (row + 1) % size}") for row in range(size if size > 1 else 0)]
        start += size
    return people, pd.DataFrame(links, columns=["source", "target"])


def segments(drawn: Map) -> int:
    """How many curves are drawn."""
    axes = picture.draw(drawn).axes[0]
    return sum(len(lines.get_segments()) for lines in axes.collections if isinstance(lines, LineCollection))


def test_drawn_neighbours_are_of_the_same_true_group() -> None:
    people, links = synthetic_contacts(1, 2000)
    drawn = build_map(people, links)
    places = drawn.people[["x", "y"]].to_numpy()
    assert maps.neighbours_same_group(places, people["group"].to_numpy()) >= 0.85


def test_the_measure_tells_a_good_map_from_a_bad_one() -> None:
    """Two heaps far apart: 1 where the heaps are the groups, about a half where groups are drawn by lot."""
    rng = np.random.default_rng(1)
    places = np.concatenate([rng.normal(0, 1, (300, 2)), rng.normal(50, 1, (300, 2))])
    assert maps.neighbours_same_group(places, np.repeat([0, 1], 300)) == 1.0
    assert maps.neighbours_same_group(places, rng.integers(0, 2, 600)) == pytest.approx(0.5, abs=0.05)
    assert maps.neighbours_same_group(places[:3], np.array([0, 0, 1])) == pytest.approx(1 / 3)


def test_the_same_contacts_give_the_same_map_and_leave_random_alone() -> None:
    people, links = synthetic_contacts(1, 150)
    random.seed(5)
    before = random.getstate()
    one, other = build_map(people, links), build_map(people, links)
    assert random.getstate() == before
    pd.testing.assert_frame_equal(one.people, other.people)
    assert picture.to_picture(one, "svg") == picture.to_picture(other, "svg")


def test_isolates_and_small_pieces_are_apart_below_the_map() -> None:
    drawn = build_map(*chain(12, 2, 1, 5, 1))
    apart = drawn.people["apart"].to_numpy()
    assert apart.sum() == 9
    assert drawn.people.loc[apart, "y"].max() < drawn.people.loc[~apart, "y"].min()
    assert (drawn.people.loc[apart, "group"] == 0).all()
    assert "9\N{NO-BREAK SPACE}contacts sans lien connu" in description(drawn)


def test_where_every_piece_is_small_they_are_the_map() -> None:
    drawn = build_map(*chain(3, 2, 1))
    assert drawn.people["apart"].sum() == 1


def test_nobody_is_drawn_on_the_learner_nor_on_another() -> None:
    drawn = contacts()
    places = drawn.people[["x", "y"]].to_numpy()
    assert np.isfinite(places).all()
    assert np.hypot(places[:, 0], places[:, 1]).min() > 0.02
    assert len(np.unique(places.round(6), axis=0)) == len(places)
    assert np.abs(places[~drawn.people["apart"]].mean(0)).max() < 0.3


def test_at_most_eight_groups_have_a_colour_and_the_rest_is_grey() -> None:
    drawn = contacts(2000)
    assert list(drawn.groups["number"]) == list(range(1, 9))
    assert drawn.groups["size"].is_monotonic_decreasing
    rest = drawn.people[(drawn.people["group"] == 0) & ~drawn.people["apart"]]
    assert len(rest) > 100
    assert "Autres, en gris" in description(drawn)
    legend = [text.get_text() for text in picture.draw(drawn).axes[1].texts]
    assert "autres" in legend
    assert "Groupe 8" in legend


def test_links_are_curved_and_each_known_link_is_drawn_once() -> None:
    people, links = synthetic_contacts(1, 150)
    twice = pd.concat([links, links.rename(columns={"source": "target", "target": "source"})])
    drawn = build_map(people, twice)
    assert len(drawn.links) == len(links)
    assert segments(drawn) == len(links)


def test_a_group_is_named_after_what_its_members_share() -> None:
    small = synthetic(1, 300)
    drawn = build_map(small.people, small.links, label="circle")
    shown = set(drawn.groups["name"])
    assert shown <= set(small.people["circle"])
    same = build_map(small.people.assign(circle="vélo · Brest"), small.links, label="circle")
    assert same.groups["name"].tolist()[:2] == ["vélo · Brest", "Groupe 2"]
    assert set(contacts().groups["name"]) == {f"Groupe {place}" for place in contacts().groups["number"]}


def test_a_learner_can_rename_a_group_and_keep_its_name_on_a_new_map() -> None:
    drawn = maps.renamed(contacts(), {2: "  Mes   collègues "})
    assert drawn.group_name(2) == "Mes collègues"
    assert "« Mes collègues »" not in map_words.title(drawn)
    assert "2 · Mes collègues" in description(drawn)
    anchor = drawn.groups["anchor"][1]
    again = build_map(*synthetic_contacts(1, 300), names={anchor: "Mes collègues"})
    assert again.group_name(2) == "Mes collègues"
    with pytest.raises(NoMap, match="vont de 1 à"):
        maps.renamed(contacts(), {99: "Personne"})


def test_a_star_map_draws_the_learners_own_links_and_no_other() -> None:
    drawn = star_map(linkedin(), "company")
    assert drawn.links.size == 0
    known = int((~drawn.people["apart"]).sum())
    assert segments(drawn) == known
    axes = picture.draw(drawn).axes[0]
    for lines in axes.collections:
        if isinstance(lines, LineCollection):
            assert all(np.allclose(curve[0], 0.0) for curve in lines.get_segments())
    assert "ne disent pas lesquels de vos contacts se connaissent" in honesty(drawn).replace("\xa0", " ")
    assert "Liens connus" not in maps.table(drawn)


def test_a_star_map_groups_companies_whatever_their_case() -> None:
    drawn = star_map(linkedin(), "company")
    assert sorted(drawn.groups["name"].str.casefold()) == ["mairie de valbourg", "radio cascade", "université du lac"]
    missing = linkedin()["company"].isna().sum()
    assert drawn.people["apart"].sum() == missing
    assert drawn.groups["size"].sum() == 200 - missing


def test_a_star_map_groups_jobs_by_family_and_years_by_period() -> None:
    drawn = star_map(linkedin(), "position")
    assert set(drawn.groups["name"]) == {
        "Direction et pilotage", "Informatique et données", "Enseignement et formation", "Bibliothèques et culture",
    }  # fmt: skip
    # A poet is of no family: grey, and said so.
    poets = int((linkedin()["position"] == "Poète").sum())
    assert f"Autres, en gris : {poets} contacts, d’un autre métier" in description(drawn).replace("\xa0", " ")
    periods = star_map(linkedin(), "year").groups["name"].tolist()
    assert periods[0] == "2008–2010"
    assert periods == sorted(periods)
    assert len(periods) <= 8


@pytest.mark.parametrize(
    ("title", "family"),
    [
        ("Assistante de direction", "Administration, droit et finances"),
        ("Assistante sociale", "Santé et social"),
        ("En recherche d’emploi", None),
        ("À la recherche d'une alternance", None),
        ("Chargée de recherche", "Recherche"),
        ("Data scientist", "Informatique et données"),
        ("Rédacteur web", "Communication et médias"),
        ("Médiathécaire", "Bibliothèques et culture"),
        ("Accountant", "Administration, droit et finances"),
        ("Account Manager", "Commerce et marketing"),
        ("Business Developer", "Commerce et marketing"),
        ("DRH", "Ressources humaines"),
        ("Consultante", "Conseil et accompagnement"),
        ("Chef de cuisine", "Hôtellerie, restauration, artisanat"),
        ("Chef de projet", "Direction et pilotage"),
        ("International Relations Officer", None),
    ],
)
def test_a_job_is_in_the_family_that_people_would_say(title: str, family: str | None) -> None:
    names = star_map(pd.DataFrame({"id": ["a"], "position": [title]}), "position").groups["name"].tolist()
    assert names == ([family] if family else [])


def test_one_person_is_no_group_of_a_company_unless_there_is_nothing_else() -> None:
    people = pd.DataFrame({"id": range(5), "company": ["Radio Cascade", "Radio Cascade", "A", "B", "C"]})
    drawn = star_map(people)
    assert drawn.groups["name"].tolist() == ["Radio Cascade"]
    assert "1 groupe principal :" in map_words.title(drawn).replace("\xa0", " ")
    assert star_map(people[1:]).groups["size"].tolist() == [1, 1, 1, 1]
    assert picture.to_picture(star_map(pd.DataFrame({"id": ["a", "b"], "position": "Poète"}), "position"))


def test_discs_of_a_star_map_do_not_overlap() -> None:
    for by in ("company", "position", "year"):
        drawn = star_map(linkedin(600), by)
        shown = drawn.people[~drawn.people["apart"]]
        middle = shown.groupby("group")[["x", "y"]].transform("mean")
        reach = np.hypot(shown["x"] - middle["x"], shown["y"] - middle["y"]).groupby(shown["group"]).max()
        centers = shown.groupby("group")[["x", "y"]].mean()
        for one in centers.index:
            for other in centers.index[centers.index > one]:
                between = np.hypot(*(centers.loc[one] - centers.loc[other]))
                assert between > (reach[one] + reach[other]) * 0.97, (by, one, other)


def test_few_groups_leave_the_learner_in_the_middle_and_those_apart_below() -> None:
    one = star_map(pd.DataFrame({"id": range(40), "company": ["Radio Cascade"] * 4 + [None] * 36}))
    apart = one.people["apart"].to_numpy()
    assert one.people.loc[apart, "y"].max() < min(0.0, one.people.loc[~apart, "y"].min())
    two = star_map(pd.DataFrame({"id": range(60), "company": ["Radio Cascade"] * 40 + ["Université du Lac"] * 20}))
    (x1, y1), (x2, y2) = two.people.groupby("group")[["x", "y"]].mean().to_numpy()
    assert (x1 * x2 + y1 * y2) / (np.hypot(x1, y1) * np.hypot(x2, y2)) == pytest.approx(-1, abs=0.05)


def test_what_cannot_be_drawn_is_said_in_french() -> None:
    people, links = synthetic_contacts(1, 100)
    with pytest.raises(NoMap, match="aucun contact"):
        build_map(people[:0], links)
    with pytest.raises(NoMap, match="en étoile"):
        build_map(people, links[:0])
    with pytest.raises(NoMap, match="n’est pas dans les contacts"):
        build_map(people[:10], links)
    with pytest.raises(NoMap, match="où travaillent vos contacts"):
        star_map(people, "company")
    with pytest.raises(NoMap, match="depuis quand"):
        star_map(people.assign(since=pd.NaT), "year")


def test_a_mutual_follow_is_one_contact() -> None:
    people = pd.DataFrame({"id": ["a", "a", "b"], "relation": ["following", "follower", "following"], "group": "x"})
    assert len(star_map(people, "group").people) == 2


def test_what_an_export_is_read_into_can_be_drawn() -> None:
    """Missing companies, dates and names are what most rows of an export have."""
    since = datetime(2019, 3, 5, tzinfo=UTC)
    people = contacts_table(
        [
            Contact("a", "Ana", "following"), Contact("a", "Ana", "follower"),
            Contact("b", None, "following", since, company="Radio Cascade", position="Journaliste"),
            Contact("c", "Côme", "following", group="lecture"),
        ]
    )  # fmt: skip
    for by, name in {
        "company": "Radio Cascade", "position": "Communication et médias", "year": "2019", "group": "lecture",
    }.items():  # fmt: skip
        drawn = star_map(people, by)
        assert drawn.groups["name"].tolist() == [name]
        assert drawn.people["apart"].sum() == 2
        assert picture.to_picture(drawn).startswith(b"\x89PNG")


def test_names_in_any_script_and_with_any_sign_are_drawn() -> None:
    """Warnings are errors here: neither a missing glyph, nor a dollar, nor markup stops a picture."""
    companies = ["株式会社", "$x$ & <b>Frères</b>", "شركة", "\U0001f41d Ruche"]
    people = pd.DataFrame({"id": range(40), "name": "李 $y_1$", "company": companies * 10})
    drawn = star_map(people)
    assert set(drawn.groups["name"]) == set(companies)
    file = picture.to_picture(drawn, "svg", names=True).decode()
    assert "<b>" not in file
    assert picture.to_picture(drawn, "pdf", names=True).startswith(b"%PDF-")


def test_what_a_map_cannot_write_is_left_out_and_told() -> None:
    """Beside the files, and in the picture itself: the page's table has every name."""
    companies = ["株式会社 Lune", "\U0001f41d Ruche : les abeilles", "ไทย"]
    drawn = star_map(pd.DataFrame({"id": range(30), "name": "李 🙂", "company": companies * 10}))
    assert set(picture.undrawn(drawn)) == {*"株式会社ไทย", "\U0001f41d"}
    assert {"李", "🙂"} < set(picture.undrawn(drawn, names=True))
    figure = picture.draw(drawn, names=True)
    told = [text.get_text() for axes in figure.axes for text in axes.texts]
    written = " ".join(told).replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert "[…] Lune" in written
    assert "Ruche : les abeilles" in written
    assert "[…]" not in told, "a contact of whose name nothing can be written has no label"
    assert not [line for text in told for line in text.split("\n") if line.strip()[:1] in set(":;!?")]
    assert "le tableau de la page les a" in " ".join(text.get_text() for text in figure.texts)
    plain = picture.draw(star_map(pd.DataFrame({"id": range(9), "company": "Ruche"})))
    assert "le tableau de la page" not in " ".join(text.get_text() for text in plain.texts)


@pytest.mark.parametrize("length", [10, 60, 90, 180, 600])
def test_the_heading_fits_the_page(length: int) -> None:
    name = ("Société mutualiste " * 40)[:length]
    figure = picture.draw(star_map(pd.DataFrame({"id": range(4), "company": name})))
    heading = next(text for text in figure.texts if "contacts" in text.get_text())
    assert heading.get_text().endswith("100\xa0%" if length < 120 else "…")
    box = heading.get_window_extent()
    assert box.x1 < figure.bbox.x1
    assert box.y1 < figure.bbox.y1
    assert box.y0 > 0.89 * figure.bbox.y1


def test_one_contact_and_contacts_without_a_name_have_a_map() -> None:
    alone = star_map(pd.DataFrame({"id": ["a"], "name": [None], "company": ["Radio Cascade"]}))
    assert alone.people["name"].tolist() == ["a"]
    assert map_words.title(alone).startswith("1\N{NO-BREAK SPACE}contact, 1\N{NO-BREAK SPACE}groupe")
    assert picture.to_picture(alone).startswith(b"\x89PNG")
    pair = build_map(*chain(2))
    assert picture.to_picture(pair).startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_names_are_hidden_unless_asked_for(kind: str) -> None:
    """In the drawing, and in the text that a file carries beside it: the description is there, no name is."""
    drawn = contacts(150)
    names = set(drawn.people["name"])
    hidden, shown = (picture.draw(drawn, names=asked) for asked in (False, True))
    assert not {text.get_text() for axes in hidden.axes for text in axes.texts} & names
    assert {text.get_text() for text in shown.axes[0].texts} & names
    file = picture.to_picture(drawn, kind)
    assert file.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF-"}[kind])
    assert not [name for name in names if name.encode() in file or name.encode("latin-1") in file]
    if kind == "svg":
        assert description(drawn).replace("’", "") in file.decode().replace("’", "")
    assert len(picture.to_picture(drawn, kind, names=True)) > len(file)


def test_the_table_and_the_description_hold_no_name_when_names_are_hidden() -> None:
    drawn = contacts()
    names = set(drawn.people["name"])
    assert set(maps.table(drawn)["Contact"]) <= names
    hidden = maps.table(drawn, names=False)
    assert not set(hidden["Contact"]) & names
    assert len(hidden) == 300
    assert not [name for name in names if name in description(drawn)]


def test_the_table_lists_groups_in_order_and_the_most_linked_first() -> None:
    told = maps.table(contacts())
    first = told[told["Groupe"] == "Groupe 1"]
    assert first.index.tolist() == list(range(len(first)))
    assert first["Liens connus"].is_monotonic_decreasing


def test_the_picture_says_what_is_known_and_what_is_over_weighted() -> None:
    drawn = contacts()
    told = " ".join(text.get_text() for text in picture.draw(drawn).texts)
    plain = told.replace("\n", " ").replace("\xa0", " ")
    assert "les liens à l’intérieur d’un groupe comptent 6 fois" in plain
    assert f"Seuls les {len(drawn.links):,} liens connus".replace(",", " ") in plain
    assert "pas les distances" in plain


@pytest.mark.parametrize(("theme", "paper"), [("light", 1.0), ("dark", 0.08)])
def test_light_and_dark_have_their_paper(theme: str, paper: float) -> None:
    image = imread(BytesIO(picture.to_picture(contacts(), theme=theme)))
    assert image.shape[:2] == (1200, 1800)
    assert image[2, 2, :3].mean() == pytest.approx(paper, abs=0.03)
    # Something is drawn, and in more than one colour.
    assert len(np.unique((image[::4, ::4, :3] * 8).astype(int).reshape(-1, 3), axis=0)) > 20


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_its_paper(theme: str) -> None:
    """Contrast of 4.5 to 1 for text (WCAG 1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    look = picture.THEMES[theme]
    for colour in (look.ink, look.quiet):
        high, low = sorted([luminance(colour), luminance(look.paper)], reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5


#: What the three kinds of colour blindness make of red, green and blue light (Machado, Oliveira & Fernandes, 2009).
EYES = {
    "all": np.eye(3),
    "without red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "without green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "without blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


@pytest.mark.parametrize("eyes", EYES.values(), ids=EYES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_two_groups_differ_whatever_the_eyes(theme: str, eyes: np.ndarray) -> None:
    """In CIE L*a*b*, where about 2 is just seen; the grey of the others is a group too, and each has a number."""

    def seen(colour: str) -> np.ndarray:
        parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
        light = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        x, y, z = np.cbrt(np.maximum(to_xyz @ np.clip(eyes @ light, 0, 1) / [0.95047, 1, 1.08883], 0.0))
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    points = [seen(colour) for colour in picture.colours(contacts(2000), theme)]
    assert len(points) == 9
    apart = [np.hypot.reduce(points[one] - points[other]) for one in range(9) for other in range(one)]
    assert min(apart) > 12


def test_labels_of_groups_do_not_cover_one_another() -> None:
    for drawn in (contacts(150), contacts(2000), star_map(linkedin(), "year")):
        figure = picture.draw(drawn)
        figure.canvas.draw()
        labels = [text for text in figure.axes[0].texts if text.get_fontweight() == "bold"]
        boxes = [label.get_window_extent() for label in labels]
        assert len(boxes) == len(drawn.groups) + 1
        meet = [(one, other) for one in range(len(boxes)) for other in range(one) if boxes[one].overlaps(boxes[other])]
        assert not meet


LONG = [
    "Communauté de communes de la Vallée des Trois-Rivières, direction de la lecture publique et de la culture",
    "une-instance-au-nom-interminable.federation-des-reseaux.exemple.org",
    "Anticonstitutionnellementparlantdeslustresplustard",
    "Atelier \U0001f41d Ruche",
    "Radio Cascade",
    "Université du Lac",
    "Hôpital Saint-Éloi-des-Collines",
    "Banque mutualiste des Trois-Rives",
]


@pytest.mark.parametrize("size", [30, 150, 1_500])
@pytest.mark.parametrize("known", [True, False])
def test_names_stand_outside_a_star_and_cover_no_contact(size: int, known: bool) -> None:  # noqa: FBT001
    """Whatever their length: on the page, left of the legend, clear of each other and of the contacts' dots."""
    rng = random.Random(size)
    others = [f"Entreprise {row}" for row in range(size // 3)] + [None] * (0 if known else size // 9)
    companies = [*LONG, *LONG, *(rng.choice([rng.choice(LONG), rng.choice(others)]) for _ in range(size - 16))]
    drawn = star_map(pd.DataFrame({"id": range(size), "company": pd.array(companies, dtype="string")}))
    figure = picture.draw(drawn)
    axes, legend = figure.axes
    figure.canvas.draw()

    words = {label.get_text().replace("\n", " ").replace("\xa0", " "): label for label in axes.texts}
    labels = [label for text, label in words.items() if text != "Vous" and not text.startswith("À part")]
    boxes = [label.get_window_extent() for label in axes.texts]
    assert len(labels) == len(drawn.groups) + 1
    assert "autres" in words
    assert any(text.endswith("Atelier Ruche") for text in words)
    assert not [1 for one in range(len(boxes)) for other in range(one) if boxes[one].overlaps(boxes[other])]
    dots = axes.transData.transform(drawn.people[["x", "y"]].to_numpy())
    covered = 0
    for label in labels:
        box = label.get_window_extent()
        covered += int(((dots > [box.x0, box.y0]) & (dots < [box.x1, box.y1])).all(1).sum())
        assert 0 <= box.x0 < box.x1 <= legend.get_window_extent().x0
        assert figure.texts[1].get_window_extent().y1 <= box.y0 < box.y1 <= figure.texts[0].get_window_extent().y0
    assert covered <= 0.02 * size
    told = [text.get_window_extent() for text in legend.texts]
    assert min(box.y0 for box in told) >= figure.texts[1].get_window_extent().y1
    assert max(box.x1 for box in told) <= figure.bbox.x1
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(told))


def test_names_beside_the_groups_of_a_small_map_cover_few_contacts() -> None:
    drawn = contacts(150)
    axes = picture.draw(drawn).axes[0]
    dots = axes.transData.transform(drawn.people[["x", "y"]].to_numpy())
    boxes = [text.get_window_extent() for text in axes.texts if text.get_fontweight() == "bold"]
    covered = sum(int(((dots > [box.x0, box.y0]) & (dots < [box.x1, box.y1])).all(1).sum()) for box in boxes)
    assert covered <= 1


def test_without_igraph_networkx_draws_up_to_500(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: object, **named: object) -> object:
        if name == "igraph":
            raise ImportError(name)
        return real(name, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    people, links = synthetic_contacts(1, 150)
    drawn = build_map(people, links)
    assert maps.neighbours_same_group(drawn.people[["x", "y"]].to_numpy(), people["group"].to_numpy()) > 0.6
    with pytest.raises(NoMap, match=r"pip install \"\.\[reseau\]\""):
        build_map(*synthetic_contacts(1, 700))


def test_a_learners_activities_start_without_the_network_and_what_it_needs() -> None:
    code = (
        "import sys, reseau_kit.learner.activity; "
        "heavy = ('igraph', 'numpy', 'pandas', 'matplotlib', 'reseau_kit.network'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "[]"


def test_the_map_needs_matplotlib_only_to_be_drawn() -> None:
    code = "import sys, reseau_kit.network.picture; print('matplotlib' in sys.modules, 'igraph' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "False False"
