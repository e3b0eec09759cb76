"""What a picture can write of any text, and where its lines end."""

import pytest

from reseau_kit.drawing.lettering import NBSP, lettered, listed, set_lines, tied


@pytest.mark.parametrize(
    ("text", "drawn", "missing"),
    [
        ("À l’œuvre : « ça va ? » … 1\u202f000\u00a0€", f"À l’œuvre : « ça va ? » … 1{NBSP}000{NBSP}€", ()),
        ("e\u0301te\u0301", "été", ()),
        ("Bonjour 👋🏽 à tous", "Bonjour à tous", ("👋🏽",)),
        ("Des gens 👩‍💻, et 🇫🇷.", "Des gens, et.", ("👩‍💻", "🇫🇷")),
        ("J’aime ❤️ ☺", "J’aime ❤ ☺", ()),
        ("1️⃣ Lire 2️⃣ Écrire", "1 Lire 2 Écrire", ("1️⃣", "2️⃣")),
        ("Je lis 漢字 le soir", "Je lis […] le soir", ("漢", "字")),
        ("ภาษา ไทย", "[…]", ("ภ", "า", "ษ", "ไ", "ท", "ย")),
        ("𝗕𝗶𝗼 Ａ 𝓑", "Bio A B", ()),
        ("deux\nlignes\tet\u2009plus", "deux lignes et plus", ()),
        ("🙂🙂", "", ("🙂",)),
        ("", "", ()),
    ],
    ids=range(12),
)
def test_what_the_font_lacks_is_left_out_and_named(text: str, drawn: str, missing: tuple[str, ...]) -> None:
    made = lettered(text)
    assert (made.text, made.missing) == (drawn, missing)
    assert lettered(made.text).text == made.text


def test_scripts_from_right_to_left_are_drawn_only_where_they_are_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 3.11, matplotlib writes Arabic and Hebrew backwards, in letters that do not join."""
    assert lettered("مرحبا שלום").text == "مرحبا שלום"
    monkeypatch.setattr("reseau_kit.drawing.lettering._shapes_scripts", lambda: False)
    made = lettered("Ici مرحبا")
    assert made.text == "Ici […]"
    assert "م" in made.missing


def test_many_signs_are_counted_not_listed() -> None:
    assert listed(()) == ""
    assert listed(("🙂",)) == "🙂"
    assert listed(("🙂", "漢", "👩‍💻")) == "🙂, 漢 et 👩‍💻"
    assert listed([chr(0x4E00 + n) for n in range(40)]).endswith(f" et 28{NBSP}autres")


SENTENCES = [
    "Avec, ou pour : des gens qui aiment lire : beaucoup ; souvent ! et vous ? « oui » ou « non »…",
    "Développement durable : un texte collé d’ailleurs ; sans un seul espace ordinaire !".replace(" ", NBSP),
    "https://exemple.fr/une/adresse/plus/large/que/toute/la/page : voir",
    "anticonstitutionnellementetplusencore : 50 % de 12 €",
]


@pytest.mark.parametrize("text", SENTENCES, ids=range(len(SENTENCES)))
@pytest.mark.parametrize("width", range(3, 40))
def test_no_line_begins_with_a_sign_of_the_one_before(text: str, width: int) -> None:
    made = set_lines(text, lambda line: len(line) <= width)
    assert not [line for line in made if line.lstrip()[:1] in set(";:!?»…%€")]
    assert not [line for line in made if line.rstrip().endswith("«")]
    assert not [line for line in made if line != line.strip()]
    together = "".join("".join(made).split())
    assert together == "".join(text.split())
    if width > 12:
        assert not [line for line in made if len(line) > width]


def test_long_words_are_measured_a_few_times_each() -> None:
    """A text of thousands of letters without a space costs no measure for each of them."""
    measured = 0

    def fits(line: str) -> bool:
        nonlocal measured
        measured += 1
        return len(line) <= 40

    made = set_lines("x" * 4_000, fits)
    assert len(made) == 100
    assert measured < 100 * 20


def test_ties_are_made_whatever_was_typed() -> None:
    assert tied("Oui : « non » ; 5 %") == f"Oui{NBSP}: «{NBSP}non{NBSP}»{NBSP}; 5{NBSP}%"
