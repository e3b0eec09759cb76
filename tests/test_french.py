"""What can be told of a French text by rules: words taken up, sentences, repetitions, what gives somebody away."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reseau_kit.french.comparing import (
    cited,
    content_words,
    count_hashtags,
    count_words,
    gives_away,
    holds_phrase,
    is_sentence,
    nearly,
    normalized,
    repeats,
    simplified,
    starts_with,
    takes_up,
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Aujourd’hui, un rendez-vous.", 3),
        ("l’été, c’est l’été", 3),
        ("  un\u00a0deux\n trois ", 3),
        ("… ! ?", 0),
    ],
)
def test_words_are_counted_as_a_person_would(text: str, count: int) -> None:
    assert count_words(text) == count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Je relie des livres avec les voisins.", ["relie", "livre", "voisin"]),
        ("Les Œuvres d’ART", ["oeuvre", "art"]),
        ("et le la de", []),
        ("des bus", ["bus"]),
        ("prix, choix", ["pri", "choi"]),
    ],
)
def test_content_words_pass_over_small_words_and_plurals(text: str, words: list[str]) -> None:
    """« Bus » keeps its s, being short; what matters is that both sides of a comparison lose the same letters."""
    assert content_words(text) == words


@pytest.mark.parametrize(
    ("text", "other", "taken"),
    [
        ("La médiation me passionne", "médiatrice", True),
        ("Je suis relieuse à Brest", "Relieuse", True),
        ("Je couds des livres", "relieuse", False),
        ("médiation et inclusion", "inclusion numérique", True),
        ("une inclusion", "inclusion numérique rurale", False),
        ("", "relieuse", False),
        ("relieuse", "", False),
        ("relieuse", "   ", False),
        ("relieuse", "!!", False),
        ("De l’IA pour tous", "IA", True),
        ("J’écris en C++ le soir", "C++", True),
        ("J’écris le soir", "C++", False),
        ("Je veux être", "être", True),
        ("RELIEUSE", "relieuse", True),
        ("reliure", "relieuse", False),
    ],
)
def test_a_text_takes_up_half_of_the_words_of_another(text: str, other: str, *, taken: bool) -> None:
    assert takes_up(text, other) is taken


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("#reliure et #papier", 2),
        ("C# et n°1", 0),
        ("# seul", 0),
        ("##deux", 1),
        ("mot#colle", 0),
        ("(#entre) #été2026", 2),
    ],
)
def test_hashtags_are_counted(text: str, count: int) -> None:
    assert count_hashtags(text) == count


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Je relie des livres pour les gens du quartier.", True),
        ("J’aide les aînés à se servir d’un ordinateur", True),
        ("aaaa", False),
        ("reliure livres papier couture carton colle", False),
        ("reliure, livres, de, la, couture", False),
        ("Relieuse. Papier. Couture.", False),
        ("#je #relie #des #livres #pour #vous", False),
        ("Relieuse / papier / je relie des", False),
        ("", False),
    ],
)
def test_a_sentence_is_more_than_a_list(text: str, *, held: bool) -> None:
    assert is_sentence(text) is held


@pytest.mark.parametrize(
    ("text", "over_and_over"),
    [
        ("reliure reliure reliure", True),
        ("La reliure, les reliures et ma reliure", True),
        ("livre papier livre papier", True),
        ("Je relie des livres et je couds des carnets", False),
        ("le la les des le la les", False),
        ("", False),
    ],
)
def test_saying_one_thing_over_and_over_is_seen(text: str, *, over_and_over: bool) -> None:
    assert repeats(text) is over_and_over


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78",
        "Appelez-moi au 0612345678 !",
        "tél. 06.12.34.56.78",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+41 79 123 45 67",
        "0470 12 34 56",
        "514-555-0123",
        "(514) 555-0123",
        "ines.carof@exemple.fr",
        "Ines+livres@mail.exemple.org",
        "12 rue des Lilas",
        "12 bis, RUE des lilas",
        "3 avenue Foch",
        "7 allée des pins",
        "12 cours Mirabeau",
        "4 place de la Mairie",
        "18 quai d’Orsay, 5 place du Marché",
        "née le 12 mars 1984",
        "Né 3 mai",
        "12/03/1984",
        "12.03.1984",
    ],
)
def test_what_gives_somebody_away_is_seen(text: str) -> None:
    assert gives_away(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Je donne 3 cours de couture par semaine",
        "Il reste 2 places, et 1 place pour un enfant",
        "Suivez-moi : @ines@exemple.social",
        "@ines",
        "Depuis 2012, 15 000 livres reliés",
        "Le 12 mars, à 18 h 30",
        "10 chemins de traverse",
        "ISBN 978-2-07-036822-8",
        "Du 01/02 au 03/02/26",
        "100 % papier, 3 personnes, 60 minutes",
        "la rue des Lilas",
    ],
)
def test_what_gives_nobody_away_passes(text: str) -> None:
    assert not gives_away(text)


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        ("Premier atelier de reliure au foyer", "Premier atelier de reliure au foyer", True),
        ("premier ATELIER de reliure, au foyer !", "Premier atelier de reliure au foyer", True),
        ("Premier atelier de couture chez nous", "Premier atelier de reliure au foyer", False),
        ("Au foyer, de reliure atelier premier", "Premier atelier de reliure au foyer", False),
        ("", "Premier atelier", False),
        ("de la", "", False),
    ],
)
def test_a_copied_title_is_seen(text: str, other: str, *, same: bool) -> None:
    assert nearly(text, other) is same


@pytest.mark.parametrize(
    ("text", "phrase", "held"),
    [
        ("Image de ruches en fleurs", "image de", True),
        ("image d’une ruche", "image de", False),
        ("Image dessinée à la main", "image de", False),
        ("Photo : une ruche", "photo :", True),
        ("Une image de ruche", "image de", False),
        ("image de", "image de", True),
    ],
)
def test_a_beginning_is_whole_words(text: str, phrase: str, *, held: bool) -> None:
    assert starts_with(simplified(text), simplified(phrase)) is held


@pytest.mark.parametrize(
    ("text", "phrase", "held"),
    [
        ("Qui vient ?", "?", True),
        ("Qui vient", "?", False),
        ("les abeilles", "abeille", False),
        ("une abeille", "abeille", True),
        ("le miel, les abeilles", "miel, les", True),
    ],
)
def test_a_phrase_is_found_whole_and_a_sign_anywhere(text: str, phrase: str, *, held: bool) -> None:
    assert holds_phrase(simplified(text), simplified(phrase)) is held


@given(text=st.text(max_size=300), other=st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_judged_without_a_word(text: str, other: str) -> None:
    """Whatever signs somebody pastes, each rule has an answer, and the same one again."""
    for rule in (count_hashtags, count_words, gives_away, is_sentence, repeats, content_words):
        assert rule(text) == rule(text)
    for compare in (takes_up, nearly, starts_with, holds_phrase):
        assert isinstance(compare(text, other), bool)
    assert simplified(simplified(text)) == simplified(text)


@pytest.mark.parametrize("unit", ["a", "0 ", "1", "a@", ".", "#a ", "12 rue ", "+0", "é’", "0-"])
def test_a_very_long_text_is_judged_at_once(unit: str) -> None:
    """As long as an answer may be: no rule takes ages on a text made for that."""
    text = unit * (40_000 // len(unit))
    begun = time.perf_counter()
    for rule in (count_hashtags, count_words, gives_away, is_sentence, repeats):
        rule(text)
    takes_up(text, text[:300])
    nearly(text, text[:300])
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Votre métier.", "«\u00a0Votre métier\u00a0»."),
        ("Parle-t-il de réparation\u00a0?", "«\u00a0Parle-t-il de réparation\u00a0?\u00a0»"),
        ("«\u00a0Oui\u00a0!\u00a0»", "«\u00a0Oui\u00a0!\u00a0»"),
        ("", "«\u00a0\u00a0»."),
    ],
)
def test_a_quotation_that_ends_a_sentence_has_one_final_sign(text: str, said: str) -> None:
    assert cited(text) == said


@pytest.mark.parametrize(
    "char", ["\ufdfa", "\ufdfb", "\u3316", "\u33ff", "\ufb03", "ß", "\u0390", "\u1f82", "\uac01", "…", "⅒"]
)
def test_text_grows_no_further_than_three_times(char: str) -> None:
    """Three bytes became eighteen letters, and each rule reads them all."""
    for form in ("NFC", "NFD", "NFKC"):
        assert len(normalized(form, f"a{char}" * 1_000)) <= 5_000
    assert len(simplified(char * 1_000)) <= 4_000


@pytest.mark.parametrize("heap", ["\u0301\u0316", "\u0344", "\u3099\uff9e", "\u0f73\u0301"])
def test_heap_of_signs_is_cut_before_it_is_put_in_order(heap: str) -> None:
    """Putting n signs in order takes n² steps: 28 kB took a third of a second, for each rule and answer."""
    assert len(normalized("NFD", f"e{heap * 5_000}l")) <= 2 + 3 * 30
    assert simplified(f"e{heap * 5_000}l") == "el"


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(text=st.text(st.characters(max_codepoint=0x2FF), max_size=60))
def test_what_europe_writes_is_normalized_as_unicode_says(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC"):
        assert normalized(form, text) == unicodedata.normalize(form, text)
    vietnamese = unicodedata.normalize("NFD", "Tiếng Việt, ½ l’œuvre, ﬁn") + text
    assert normalized("NFKC", vietnamese) == unicodedata.normalize("NFKC", vietnamese)


def test_texts_of_other_lengths_are_not_nearly_the_same() -> None:
    """That is known without comparing them; what is as long is compared as before."""
    assert not nearly("un atelier de reliure " * 900, "atelier reliure")
    assert nearly("atelier reliure couture papier colle", "atelier reliure couture papier")
    assert not nearly("atelier reliure couture papier colle fil aiguille", "atelier reliure couture papier")
