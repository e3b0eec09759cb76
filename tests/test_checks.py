"""What answers are worth, what each mistake is told, and what three attempts add up to."""

import csv
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.activities.activity import Activities, Activity
from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import Choice, Number
from reseau_kit.answers import checks, marks
from reseau_kit.answers.checks import Result, Status, check
from reseau_kit.answers.feedback import answer_text, of_attempt, of_mark
from reseau_kit.answers.journal import MAX_VALUE_BYTES, Event, Kind
from reseau_kit.answers.marks import LONGEST_ANSWER, MOST_BYTES, MOST_JUDGED, mark, points
from reseau_kit.french import comparing as french
from reseau_kit.french.comparing import read_number

ROOT = Path(__file__).parent.parent
STEP_1 = load_activities(ROOT / "exercises" / "etape-1" / "activites.toml")
WELCOME = load_activities(ROOT / "course" / "00-bienvenue.activites.toml")
CASES = ("nadia", "marcel", "pousses")
AT = "2026-11-22T08:00:00Z"


def events(id: str, *answers: Any, cas: str = "nadia", kind: Kind = "attempt", version: int = 1) -> list[Event]:
    """Attempts at an activity, in order."""
    context = {"cas": cas} if id == "E1-A4" else {}
    return [
        Event(f"{n:08x}", "0" * 8, n, id, version, kind, answer, "2026-11-22T08:00:00Z", context)
        for n, answer in enumerate(answers, 1)
    ]


def asked(id: str, cas: str = "") -> Activity:
    activity = STEP_1[id].under({"cas": cas})
    assert activity is not None
    return activity


def choice(cas: str) -> Choice:
    task = asked("E1-A4", cas).task
    assert isinstance(task, Choice)
    return task


def said_after(id: str, *answers: Any, cas: str = "nadia") -> str:
    """All that a learner reads after the last of those attempts."""
    activity = STEP_1[id]
    history = events(id, *answers, cas=cas, version=activity.version)
    result = check(activity, answers[-1], history[-1].context)
    said = of_attempt(activity, mark(STEP_1, id, history), result)
    return " ".join((said.headline, *said.paragraphs)).replace("\u00a0", " ")


# --- one answer -------------------------------------------------------------------------------------------------------


def test_the_expected_number_is_the_one_that_the_data_give() -> None:
    """E1-A6: the key, the two percentages and the minutes are recomputed from the table that learners see."""
    with (ROOT / "exercises" / "etape-1" / "journal_temps.csv").open(encoding="utf-8") as file:
        visits = list(csv.DictReader(file))
    total = sum(int(visit["minutes"]) for visit in visits)
    aimless = [visit for visit in visits if visit["but"] == "aucun"]
    minutes = sum(int(visit["minutes"]) for visit in aimless)
    share = 100 * minutes / total
    task = asked("E1-A6").task
    assert isinstance(task, Number)
    assert task.value == pytest.approx(share, abs=0.05)
    computed = [100 * len(aimless) / len(visits), 100 - share, minutes]
    assert [mistake.value for mistake in task.mistakes] == pytest.approx(computed, abs=0.05)


@pytest.mark.parametrize(
    ("answer", "score", "told"),
    [
        (63.3, 1.0, None),
        ("63,3 %", 1.0, None),
        ("62.3", 1.0, None),
        ("64,3", 1.0, None),
        (62.2, 0.0, None),
        (42.9, 0.5, "compté les visites"),
        ("43", 0.5, "compté les visites"),
        ("36,7", 0.5, "part de temps qui avait un but"),
        (190, 0.5, "nombre de minutes"),
        (0, 0.0, None),
        ("-63,3", 0.0, None),
    ],
)
def test_a_number_earns_its_share_and_a_named_mistake_is_told(answer: Any, score: float, told: str | None) -> None:
    result = check(STEP_1["E1-A6"], answer, {})
    assert result.score == score
    assert result.mistakes == () if told is None else told in result.mistakes[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5", 12.5),
        ("12.5", 12.5),
        (" 1 234,5 ", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("−3", -3.0),
        ("≈ 63 %", 63.0),
        ("63,3 % du temps total", 63.3),
        (63, 63.0),
        ("soixante", None),
        ("", None),
        ("12,5,3", None),
        ("6_3", None),
        ("nan", None),
        ("1e400", None),
        (10**400, None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ([63.3], None),
        ({"valeur": 63.3}, None),
        ("9" * 200, None),
    ],
)
def test_a_number_reads_as_people_write_it(text: Any, number: float | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("cas", CASES)
def test_ticking_the_right_three_is_right_in_any_order(cas: str) -> None:
    right = choice(cas).right
    assert right is not None
    assert check(STEP_1["E1-A4"], list(reversed(right)), {"cas": cas}).status is Status.RIGHT


@pytest.mark.parametrize("cas", CASES)
def test_ticking_everything_earns_nothing(cas: str) -> None:
    everything = [option.id for option in choice(cas).options]
    assert check(STEP_1["E1-A4"], everything, {"cas": cas}).score == 0.0


@pytest.mark.parametrize("cas", CASES)
def test_random_ticks_earn_less_than_a_quarter(cas: str) -> None:
    """The mean of all 56 ways to tick three of eight."""
    ids = [option.id for option in choice(cas).options]
    scores = [check(STEP_1["E1-A4"], list(ticks), {"cas": cas}).score or 0.0 for ticks in combinations(ids, 3)]
    assert sum(scores) / len(scores) < 0.25


WRONG_OPTIONS = [
    pytest.param(cas, option.id, option.reason, id=f"{cas}-{option.id}")
    for cas in CASES
    for option in choice(cas).options
    if option.id not in (choice(cas).right or ())
]


@pytest.mark.parametrize(("cas", "option", "reason"), WRONG_OPTIONS)
def test_each_wrong_option_is_told_its_own_reason(cas: str, option: str, reason: str) -> None:
    result = check(STEP_1["E1-A4"], [option], {"cas": cas})
    assert result.status is Status.WRONG
    assert len(result.mistakes) == 1
    assert reason in result.mistakes[0]


@pytest.mark.parametrize("value", [[], None, 3, {"a": 1}, ["inconnue"], [1], [["public"]], "", float("nan")])
def test_what_is_no_choice_is_unreadable_not_wrong(value: Any) -> None:
    assert check(STEP_1["E1-A4"], value, {"cas": "nadia"}).status is Status.UNREADABLE


def test_an_answer_without_its_case_goes_to_a_person() -> None:
    """Nobody can say whether it is right; nobody says that it is wrong."""
    result = check(STEP_1["E1-A4"], ["public"], {})
    assert (result.status, result.score) == (Status.TO_REVIEW, None)


def test_a_failure_of_ours_is_no_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_check_number", lambda *_: 1 / 0)
    assert check(STEP_1["E1-A6"], 63.3, {}).status is Status.FAILED
    result = mark(STEP_1, "E1-A6", events("E1-A6", 63.3))
    assert (result.status, result.score) == (Status.FAILED, None)
    assert "ne vous coûte rien" in of_mark(STEP_1["E1-A6"], result).paragraphs[0]


# --- attempts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "score", "status"),
    [
        ((), 0.0, Status.NOT_ATTEMPTED),
        ((63.3,), 1.0, Status.RIGHT),
        ((1, 63.3), 0.5, Status.RIGHT),
        ((1, 2, 63.3), 0.25, Status.RIGHT),
        ((1, 2, 3, 63.3), 0.0, Status.WRONG),
        ((42.9,), 0.5, Status.PARTLY_RIGHT),
        ((1, 42.9), 0.25, Status.PARTLY_RIGHT),
        ((42.9, 1, 2), 0.5, Status.PARTLY_RIGHT),
        ((63.3, 1), 1.0, Status.RIGHT),
        ((1, 2), 0.0, Status.WRONG),
    ],
)
def test_attempts_are_worth_one_half_and_a_quarter(answers: tuple[Any, ...], score: float, status: Status) -> None:
    result = mark(STEP_1, "E1-A6", events("E1-A6", *answers))
    assert (result.score, result.status) == (score, status)


@pytest.mark.parametrize("again", [42.9, "42,9", " 42.90 %"])
def test_the_same_answer_is_not_a_new_attempt(again: Any) -> None:
    """Running all cells again, or writing the same number otherwise, burns nothing."""
    assert mark(STEP_1, "E1-A6", events("E1-A6", 42.9, again, again, 63.3)).score == 0.5


def test_the_same_ticks_in_another_order_are_not_a_new_attempt() -> None:
    ticks = ["public", "influenceurs"]
    assert mark(STEP_1, "E1-A4", events("E1-A4", ticks, ticks[::-1])).used == 1


def test_what_cannot_be_read_is_not_an_attempt() -> None:
    result = mark(STEP_1, "E1-A6", events("E1-A6", "", "soixante", None, 63.3))
    assert (result.used, result.score) == (1, 1.0)


def test_a_draft_counts_as_a_first_attempt_when_nothing_was_validated() -> None:
    """Nothing typed is lost, and it is still told apart."""
    drafts = events("E1-A6", "6", "63", "63,3", kind="draft")
    result = mark(STEP_1, "E1-A6", drafts)
    assert (result.status, result.score, result.used) == (Status.DRAFT, 1.0, 0)
    assert mark(STEP_1, "E1-A6", events("E1-A6", "6", kind="draft")).score == 0.0


def test_a_draft_after_an_attempt_changes_no_mark() -> None:
    history = [*events("E1-A6", 1), *events("E1-A6", 1, 63.3, kind="draft")[1:]]
    result = mark(STEP_1, "E1-A6", history)
    assert (result.status, result.score) == (Status.WRONG, 0.0)
    assert result.draft is not None


def test_each_attempt_is_judged_in_its_own_case() -> None:
    """Changing the case later does not turn an answer wrong."""
    right = choice("marcel").right
    assert right is not None
    history = events("E1-A4", list(right), cas="marcel")
    assert mark(STEP_1, "E1-A4", history).score == 1.0


def test_an_unknown_version_of_a_question_goes_to_a_person_never_to_zero() -> None:
    result = mark(STEP_1, "E1-A6", events("E1-A6", 63.3, version=9))
    assert (result.status, result.score) == (Status.TO_REVIEW, None)


def test_a_decision_is_recorded_not_judged() -> None:
    result = mark(WELCOME, "C0-A1", events("C0-A1", ["marcel"]))
    assert (result.status, result.score) == (Status.RECORDED, 0.0)


@pytest.mark.parametrize(("score", "earned"), [(1.0, 10.0), (1 / 3, 3.33), (1 / 6, 1.67), (0.0, 0.0), (None, None)])
def test_points_are_rounded_to_the_hundredth(score: float | None, earned: float | None) -> None:
    assert points(STEP_1["E1-A4"], score) == earned


# --- what is told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cas", CASES)
def test_nothing_tells_which_ticks_are_right_before_the_third_attempt(cas: str) -> None:
    """Attempts one and two name at most one mistake, and none of the right options."""
    task = choice(cas)
    assert task.right is not None
    wrong = [option.id for option in task.options if option.id not in task.right]
    first, second, third = [wrong[0], task.right[0]], [wrong[1], task.right[1]], wrong[2:4]
    texts = [option.text for option in task.options if option.id in task.right]
    for answers in ([first], [first, second]):
        told = said_after("E1-A4", *answers, cas=cas)
        assert not any(text in told for text in texts)
        assert told.count("Vous avez coché") == 1
        assert asked("E1-A4", cas).explanation not in told
    last = said_after("E1-A4", first, second, third, cas=cas)
    assert all(text in last for text in texts)
    assert asked("E1-A4", cas).explanation.replace("\u00a0", " ") in last


def test_hints_get_sharper_and_the_answer_comes_third() -> None:
    hints = [hint.replace("\u00a0", " ") for hint in asked("E1-A6").hints]
    first, second, third = said_after("E1-A6", 1), said_after("E1-A6", 1, 2), said_after("E1-A6", 1, 2, 3)
    assert hints[0] in first
    assert hints[1] in second
    assert "63,3" not in first + second
    assert "La réponse : 63,3 % du temps total." in third
    assert "190 ÷ 300" in third


def test_a_right_answer_is_explained_and_its_weight_told() -> None:
    assert "C’est juste. Vous avez 10 points sur 10. 190 minutes" in said_after("E1-A6", 63.3)
    assert "Une réponse donnée au 2e essai compte pour moitié." in said_after("E1-A6", 1, 63.3)
    assert "Une réponse donnée au 3e essai compte pour un quart." in said_after("E1-A6", 1, 2, 63.3)


def test_no_message_blames_or_cheers() -> None:
    """« Faux », « erreur », « dommage », « bravo » are never what a learner is told."""
    told = " ".join(
        said_after("E1-A6", *answers).lower() for answers in ((1,), (1, 2), (1, 2, 3), (42.9,), (190,), (63.3,), ("",))
    )
    assert not any(word in told for word in ("faux", "erreur", "dommage", "bravo", "incorrect"))


@pytest.mark.parametrize(
    ("id", "value", "text"),
    [
        ("E1-A6", 63.3, "63,3 % du temps total"),
        ("E1-A6", "63,3 %", "63,3 %"),
        ("E1-A6", "<script>alert(1)</script>", "<script>alert(1)</script> % du temps total"),
        ("E1-A4", ["celebrites"], "Des célébrités suivies par des millions de personnes"),
        ("E1-A4", ["<b>"], "<b>"),
        ("E1-A4", [], "aucune case cochée"),
        ("E1-A4", {"a": 1}, "{'a': 1}"),
    ],
)
def test_any_answer_can_be_told_as_plain_text(id: str, value: Any, text: str) -> None:
    assert answer_text(STEP_1[id], value).replace("\u00a0", " ") == text


def test_every_status_has_something_to_tell() -> None:
    """The feedback page never stays silent on an activity that was answered."""
    activities: Activities = STEP_1
    for answers in ([63.3], [1], [42.9], [1, 2, 3]):
        said = of_mark(activities["E1-A6"], mark(activities, "E1-A6", events("E1-A6", *answers)))
        assert said.headline
        assert said.paragraphs


# --- what is judged at most -------------------------------------------------------------------------------------------


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of each answer that is judged."""
    found: list[int] = []

    def counted(activity: Activity, value: object, *more: Any) -> Result:
        found.append(len(str(value).encode("utf-8", "replace")))
        return check(activity, value, *more)

    monkeypatch.setattr(marks, "check", counted)
    return found


def test_of_thousands_of_answers_some_are_judged(calls: list[int]) -> None:
    """Three count, the others are practice: the mark is theirs, and what is told last is the last one's."""
    history = events("E1-A6", 42.9, *range(5_000), 63.3)
    now = mark(STEP_1, "E1-A6", history)
    assert (now.score, now.used, now.status) == (0.5, 3, Status.PARTLY_RIGHT)
    assert len(calls) <= MOST_JUDGED + 1
    assert now.attempts[-1].event is history[-1]
    assert (now.attempts[-1].result.status, now.attempts[-1].number) == (Status.RIGHT, 5_002)
    assert [attempt.number for attempt in now.attempts[:5]] == [1, 2, 3, 4, 5]


def test_answer_that_comes_after_too_much_to_judge_is_a_persons(calls: list[int]) -> None:
    """What nobody can read is no attempt; after hundreds of those, what comes is looked at by somebody."""
    unreadable = [f"rien {number}" for number in range(MOST_JUDGED)]
    now = mark(STEP_1, "E1-A6", events("E1-A6", *unreadable, 63.3, 12))
    assert (now.status, now.score) == (Status.FAILED, None)
    assert len(calls) <= MOST_JUDGED + 1
    assert mark(STEP_1, "E1-A6", events("E1-A6", *unreadable[1:], 63.3)).score == 1.0


def test_cell_that_is_run_a_thousand_times_is_one_answer(calls: list[int]) -> None:
    now = mark(STEP_1, "E1-A6", events("E1-A6", *[1] * 1_000, *["rien"] * 1_000, 63.3))
    assert (now.score, now.used) == (0.5, 2)
    assert len(calls) == 3


def test_last_answer_is_found_among_thousands_where_it_counts(calls: list[int]) -> None:
    after = replace(STEP_1, feedback_after=True)
    history = events("E1-A6", *range(5_000), 63.3, "rien", "")
    now = mark(after, "E1-A6", history)
    assert (now.score, now.status) == (1.0, Status.RIGHT)
    assert len(calls) == MOST_JUDGED
    assert now.attempts[-1].number == 5_001
    unreadable = mark(after, "E1-A6", events("E1-A6", 63.3, *[f"rien {number}" for number in range(5_000)]))
    assert (unreadable.score, unreadable.status) == (None, Status.FAILED)


@pytest.mark.parametrize("sign", ["é", "\ufdfa", "\u3316", "a, ", "mot "])
def test_three_answers_as_long_as_they_may_be_are_judged(calls: list[int], sign: str) -> None:
    """Honest long answers lose nothing; more of them are practice, and are not judged without end."""
    room = MAX_VALUE_BYTES - 2_000
    values = [{"verbe": f"{number} {sign * (room // len(sign.encode()))}"} for number in range(100)]
    now = mark(STEP_1, "E1-A3", events("E1-A3", *values[:3]))
    assert [attempt.result.status for attempt in now.attempts] == [check(STEP_1["E1-A3"], values[0], {}, AT).status] * 3
    calls.clear()
    assert mark(STEP_1, "E1-A3", events("E1-A3", *values)).score == now.score
    assert sum(calls) < MOST_BYTES + LONGEST_ANSWER


def test_answer_with_endless_decisions_is_a_persons(calls: list[int]) -> None:
    """A notebook's copy may hold megabytes of them."""
    endless = [replace(event, context={"cas": "x" * 70_000}) for event in events("E1-A6", 63.3)]
    assert mark(STEP_1, "E1-A6", endless).status is Status.FAILED
    drafts = [replace(event, kind="draft") for event in endless]
    assert mark(STEP_1, "E1-A6", drafts).status is Status.FAILED
    assert calls == []


def test_text_is_read_once_whatever_it_is_compared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision that lists ten thousand subjects had a text read ten thousand times."""
    read: list[int] = []
    words = french.content_words

    def counted(text: str) -> list[str]:
        read.append(len(text))
        return words(text)

    monkeypatch.setattr(french, "content_words", counted)
    text, listed = "une reliure et un atelier " * 900, ",".join(f"sujet{number}" for number in range(10_000))
    holds = vars(checks)["_takes_up_one"]
    assert not holds(text, listed)
    assert sum(read) < 2 * len(text)
    assert holds(text, f"couture, {listed[:200]}, atelier")
