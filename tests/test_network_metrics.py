"""What is read off a network is counted right, says what it does not say, and never looks behind the scenes."""

from datetime import UTC, datetime
from functools import cache

import pandas as pd
import pytest

from reseau_kit.french.writing import count, duration, number, percent
from reseau_kit.network import metrics
from reseau_kit.network.indicators import Indicator, indicators, own_view
from reseau_kit.network.metrics import NO, UNKNOWN, YES, UnknownAccount
from reseau_kit.network.synthetic import LEARNER, SmallWorld, synthetic
from reseau_kit.network.tables import Contact, Exchange, Post, contacts_table, exchanges_table, posts_table

MOMENT = pd.Timestamp("2026-10-01", tz="UTC")


@cache
def world() -> SmallWorld:
    return synthetic(1, 300)


def exchanges(*acts: tuple[float, str, str, str]) -> pd.DataFrame:
    """Acts as (hours after the start, direction, person, kind)."""
    rows = [(MOMENT + pd.Timedelta(hours=hours), kind, way, who, who, None) for hours, way, who, kind in acts]
    return pd.DataFrame(rows, columns=["date", "kind", "direction", "person", "name", "thread"])


def contacts(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["id", "relation"])


def posts(*reactions: tuple[int | None, int | None]) -> pd.DataFrame:
    table = pd.DataFrame(reactions, columns=["likes", "shares"])
    return table.astype("Int64")


def panel(
    people: pd.DataFrame | None = None, said: pd.DataFrame | None = None, acts: pd.DataFrame | None = None
) -> dict[str, Indicator]:
    tables = (
        people if people is not None else contacts(),
        said if said is not None else posts(),
        acts if acts is not None else exchanges(),
    )
    return {one.id: one for one in indicators(*tables)}


def test_a_search_returns_what_holds_all_words_and_no_excluded_one() -> None:
    found = metrics.search(world().posts, ["ateliers"], ["promo"]).found
    assert len(found) > 10
    assert found["text"].str.contains("telier").all()
    assert not found["text"].str.contains("promo").any()
    fewer = metrics.search(world().posts, ["atelier", "couture"]).found
    assert 0 < len(fewer) < len(found)
    assert set(fewer["subject"]) == {"couture"}


def test_a_search_by_hashtag_passes_over_case_and_accents() -> None:
    found = metrics.search(world().posts, hashtags=["Reparation"]).found
    assert set(found["hashtags"]) == {"#réparation"}
    assert set(found["kind"]) == {"publication"}
    assert found["at"].is_monotonic_decreasing


def test_a_search_says_what_it_found_and_what_to_try() -> None:
    assert "sur 1" in metrics.search(world().posts, ["atelier"]).sentence
    assert "Retirez un mot" in metrics.search(world().posts, ["hippopotame"]).sentence
    nothing = metrics.search(world().posts, ["de la"])
    assert nothing.found.empty
    assert "au moins un mot" in nothing.sentence


def test_an_account_goes_by_its_id_handle_or_name() -> None:
    first = world().people.iloc[LEARNER]
    assert metrics.account(world(), first["handle"]) == LEARNER
    assert metrics.account(world(), first["name"].upper()) == LEARNER
    with pytest.raises(UnknownAccount, match=f"Vouliez-vous dire {first['name']}"):
        metrics.account(world(), first["name"] + "x")
    with pytest.raises(UnknownAccount, match="0 à 299"):
        metrics.account(world(), 300)


def test_a_profile_tells_robots_and_bought_audiences_by_what_they_show() -> None:
    people = world().people
    told = {row: metrics.profile(world(), row).warnings for row in people["id"]}
    robots = people.index[people["kind"] == "automate"]
    assert all("programme" in " ".join(told[row]) for row in robots)
    assert not [row for row in people.index[people["kind"] == "personne"] if "programme" in " ".join(told[row])]
    buyers = people.index[people["bought"] >= 8]
    assert len(buyers) == 2
    assert all("audience achetée" in " ".join(told[row]) for row in buyers)


def test_a_profile_never_reads_what_an_account_does_not_show() -> None:
    """With the world's truths taken away, every tool still works, and says the same."""
    small = world()
    blind = SmallWorld(
        small.seed, small.size, small.people.drop(columns=["kind", "bought"]), small.links, small.posts, small.lists
    )
    for who in (0, 5, 60, 266):
        assert metrics.profile(blind, who, ["jardin"]) == metrics.profile(small, who, ["jardin"])
    pd.testing.assert_frame_equal(metrics.to_unfollow(blind, 240), metrics.to_unfollow(small, 240))
    pd.testing.assert_frame_equal(metrics.worth_following_back(blind, 240), metrics.worth_following_back(small, 240))


def test_each_clue_is_counted_and_what_is_too_little_is_not_judged() -> None:
    seen = [metrics.profile(world(), row, ["jardin"]) for row in range(300)]
    for name in ("Sujet", "Activité", "Échange", "Crédit"):
        answers = {one.clue(name).answer for one in seen}
        assert answers >= {YES, NO}, name
    assert {UNKNOWN} <= {one.clue("Échange").answer for one in seen}
    assert metrics.profile(world(), 3).clue("Sujet").why == "Dites quels mots vous cherchez."


def test_exchange_and_credit_count_what_the_posts_hold() -> None:
    table = world().posts
    person = int(table.loc[(table["kind"] == "relais"), "author"].mode()[0])
    relays = table[(table["author"] == person) & (table["kind"] == "relais")]
    told = metrics.profile(world(), person).clue("Crédit").why
    assert told.replace("\xa0", " ") == f"Relais : {len(relays)} ; auteurs nommés : {relays['credit'].sum()}."


def test_whom_known_people_follow_is_new_to_the_learner_and_most_named_first() -> None:
    table = metrics.followed_by_known(world())
    links = world().links
    known = set(world().people.loc[world().people["known"], "id"])
    mine = set(links.loc[links["source"] == LEARNER, "target"])
    assert not set(table["id"]) & (mine | known | {LEARNER})
    assert table["followed_by"].is_monotonic_decreasing
    best = table.iloc[0]
    followers = set(links.loc[links["target"] == best["id"], "source"])
    assert best["followed_by"] == len(followers & known)
    assert table["relayed_by"].max() >= 1


def test_lists_tell_who_keeps_an_account_in_view() -> None:
    lists = world().lists
    member = int(lists["member"].iloc[0])
    table = metrics.lists_with(world(), member)
    assert len(table) == (lists["member"] == member).sum()
    assert set(table["owner"]) <= set(world().people["handle"])
    assert (table["members"] >= 1).all()


def test_overlap_counts_the_common_subscriptions() -> None:
    links = world().links
    neighbour = int(world().people.loc[world().people["known"], "id"].iloc[0])
    found = metrics.overlap(world(), neighbour)
    mine = set(links.loc[links["source"] == LEARNER, "target"]) - {neighbour}
    theirs = set(links.loc[links["source"] == neighbour, "target"])
    assert len(found.common) == len(mine & theirs)
    assert found.share == pytest.approx(len(mine & theirs) / len(mine))
    assert percent(found.share) in found.sentence


def test_a_clone_is_told_to_look_elsewhere() -> None:
    clone = metrics.overlap(world(), 240, 240)
    assert clone.share == 1.0
    assert "cherchez aussi ailleurs" in clone.sentence


def test_those_worth_following_back_come_first_and_those_to_be_wary_of_last() -> None:
    table = metrics.worth_following_back(world(), 240, ["atelier"])
    wary = (table["warnings"] != "").tolist()
    assert wary == sorted(wary)
    assert any(wary)
    assert not all(wary)
    links = world().links
    followed = set(links.loc[links["source"] == 240, "target"])
    assert not set(table["id"]) & followed
    assert set(table["id"]) <= set(links.loc[links["target"] == 240, "source"])


def test_nobody_to_follow_back_is_an_empty_table() -> None:
    alone = SmallWorld(
        1, 300, world().people, world().links[world().links["target"] != 7], world().posts, world().lists
    )
    assert metrics.worth_following_back(alone, 7).empty


def test_who_only_replies_and_relays_is_not_silent() -> None:
    small = world()
    heard = set(small.posts["author"])
    quiet = small.people.index[(small.people["posts_30d"] == 0) & small.people["id"].isin(heard)]
    assert len(quiet) > 20
    assert {metrics.profile(small, row).clue("Activité").answer for row in quiet} == {YES}
    for who in range(0, 300, 10):
        table = metrics.to_unfollow(small, who)
        assert not set(table.loc[table["reason"] == "muet", "id"]) & heard


def test_what_to_unfollow_has_a_reason_and_an_opinion_is_none() -> None:
    reasons = set()
    for who in range(0, 300, 10):
        table = metrics.to_unfollow(world(), who, ["jardin", "compost"])
        reasons |= set(table["reason"])
        assert (table["why"].str.len() > 20).all()
    assert reasons == {"automate", "autopromotion", "muet", "hors sujet"}
    without = metrics.to_unfollow(world(), 240)
    assert "hors sujet" not in set(without["reason"])


def test_a_response_is_counted_once_for_several_messages_in_a_row() -> None:
    acts = exchanges(
        (0, "received", "a", "message"), (1, "received", "a", "message"), (3, "sent", "a", "message"),
        (4, "received", "b", "reply"), (5, "received", "c", "reaction"), (6, "sent", "d", "message"),
    )  # fmt: skip
    told = panel(acts=acts)
    assert told["response_rate"].n == 2
    assert told["response_rate"].value == 0.5
    assert told["median_delay"].value == 3 * 3600
    assert "3\N{NO-BREAK SPACE}heures" in told["median_delay"].shown


def test_threads_keep_conversations_apart() -> None:
    acts = exchanges((0, "received", "a", "message"), (1, "sent", "a", "message"))
    acts["thread"] = ["one", "two"]
    assert panel(acts=acts)["response_rate"].value == 0.0


def test_wilson_interval_is_the_published_one() -> None:
    """14 of 20: 0.481 to 0.855 (the usual textbook value)."""
    low, high = metrics.wilson(14, 20)
    assert (low, high) == pytest.approx((0.481, 0.855), abs=0.001)
    assert metrics.wilson(0, 5)[0] == 0.0
    assert metrics.wilson(5, 5)[1] == 1.0
    assert metrics.wilson(0, 0) == (0.0, 1.0)


def test_the_rate_shows_its_interval_and_its_base() -> None:
    acts = exchanges(*[(hour, "received", str(hour), "message") for hour in range(20)])
    acts = pd.concat([acts, exchanges(*[(hour + 0.5, "sent", str(hour), "message") for hour in range(14)])])
    told = panel(acts=acts)["response_rate"]
    assert told.value == 0.7
    assert "14 sur 20" in told.shown
    assert "48,1" in told.shown
    assert "85,5" in told.shown


def test_reciprocity_needs_both_directions() -> None:
    both = contacts(("a", "following"), ("b", "following"), ("a", "follower"), ("z", "follower"))
    assert panel(both)["reciprocity"].value == 0.5
    assert panel(contacts(("a", "following")))["reciprocity"].value is None
    assert "qui vous suit" in panel(contacts(("a", "following")))["reciprocity"].shown
    assert "deux sens" in panel(contacts(("a", "contact")))["reciprocity"].shown


def test_responders_are_people_and_the_top_five_their_share() -> None:
    acts = exchanges(
        *[(hour, "received", "a", "reply") for hour in range(5)],
        *[(hour, "received", name, "reply") for hour, name in enumerate("bcdefg")],
        (9, "received", "h", "invitation"), (9, "sent", "i", "message"),
    )  # fmt: skip
    told = panel(acts=acts)
    assert told["unique_responders"].value == 7
    assert told["top_5_share"].value == pytest.approx(9 / 11)


def test_h_index_counts_posts_and_reactions_together() -> None:
    assert panel(said=posts((5, 0), (2, 1), (3, 0), (0, 1), (None, None)))["h_index"].value == 3
    assert panel(said=posts((0, 0)))["h_index"].value == 0
    assert panel(said=posts((None, None)))["h_index"].value is None


def test_the_tables_that_exports_are_read_into_make_a_panel() -> None:
    """Undated rows and rows without a person or a direction are in every export."""
    day = datetime(2026, 3, 1, tzinfo=UTC)
    told = {
        one.id: one
        for one in indicators(
            contacts_table([Contact("a", "Ana", "following"), Contact("a", "Ana", "follower")]),
            posts_table([Post("1", None, "post", likes=3), Post("2", day, "post")]),
            exchanges_table(
                [
                    Exchange(day, "message", "received", "a", "Ana", "t"),
                    Exchange(day.replace(day=2), "message", "sent", "a", "Ana", "t"),
                    Exchange(None, "message", "received", "z"),
                    Exchange(day, "reply", None, None),
                ]
            ),
        )
    }
    assert told["response_rate"].value == 1.0
    assert told["response_rate"].n == 1
    assert told["median_delay"].value == 86_400
    assert told["reciprocity"].value == 1.0
    assert told["unique_responders"].value == 2
    assert told["h_index"].n == 1
    empty = indicators(contacts_table([]), posts_table([]), exchanges_table([]))
    assert {one.value for one in empty} == {None}


def test_what_the_data_do_not_hold_is_said_and_not_made_zero() -> None:
    for one in panel().values():
        assert one.value is None, one.id
        assert "données" in one.shown


def test_every_indicator_says_what_it_says_and_what_it_does_not() -> None:
    told = panel()
    assert list(told) == [
        "response_rate", "median_delay", "reciprocity", "unique_responders", "top_5_share", "h_index",
    ]  # fmt: skip
    for one in told.values():
        assert len(one.says) > 30
        assert len(one.says_not) > 30


def test_the_panel_of_the_small_world_agrees_with_its_tables() -> None:
    own = own_view(world(), 240)
    told = {one.id: one for one in indicators(own.contacts, own.posts, own.exchanges)}
    links, table = world().links, world().posts
    following = set(links.loc[links["source"] == 240, "target"])
    followers = set(links.loc[links["target"] == 240, "source"])
    assert told["reciprocity"].value == pytest.approx(len(following & followers) / len(following))
    mine = set(table.loc[table["author"] == 240, "id"])
    received = table[table["to"].isin(mine) & (table["author"] != 240)]
    assert told["unique_responders"].n == len(received)
    assert told["unique_responders"].value == received["author"].nunique()


def test_a_map_is_drawn_of_the_others_and_of_what_they_show() -> None:
    people, links = metrics.contacts_of(world(), 240)
    own = own_view(world(), 240).contacts
    assert set(people["handle"]) == set(own["id"])
    assert not {"kind", "bought"} & set(people)
    assert set(links["source"]) | set(links["target"]) <= set(people["id"])
    assert 240 not in set(people["id"])
    others, _ = metrics.contacts_of(world(), 240, everyone=True)
    assert len(others) == 299


def test_who_answers_is_told_with_its_interval_and_only_where_enough_wrote() -> None:
    answering = metrics.who_answers(world())
    assert set(answering["id"]) == set(world().links.loc[world().links["source"] == LEARNER, "target"])
    told = answering["share"].notna()
    assert told.sum() >= 3
    assert (told == (answering["received"] >= metrics.ENOUGH_TO_TELL)).all()
    assert answering["share"][told].is_monotonic_decreasing
    assert (answering["low"] <= answering["share"].fillna(0.5)).all()
    assert (answering["share"].fillna(0.5) <= answering["high"]).all()


def test_what_waits_for_an_answer_was_written_to_that_account_and_never_answered() -> None:
    posts = world().posts
    for who in (LEARNER, 240, 167):
        waiting = metrics.waiting_for_answer(world(), who)
        under = posts["to"].to_numpy()[waiting["id"]]
        assert (posts["author"].to_numpy()[under] == who).all()
        assert not set(waiting["id"]) & set(posts.loc[posts["author"] == who, "to"])
        assert waiting["at"].is_monotonic_increasing
    profile = metrics.profile(world(), 167).clue("Échange").why.replace("\N{NO-BREAK SPACE}", " ")
    assert profile == "Messages reçus : 10 ; réponses données : 5."
    assert len(metrics.waiting_for_answer(world(), 167)) == 10 - 5


def test_what_is_worth_relaying_sells_nothing_and_comes_from_no_program() -> None:
    found = metrics.worth_relaying(world())
    said = world().posts.iloc[found["id"]]
    assert len(found) > 10
    assert set(said["nature"]) <= {"recit", "question"}
    assert not set(world().people["kind"].to_numpy()[said["author"]]) & {"automate"}
    assert found["at"].is_monotonic_decreasing
    fewer = metrics.worth_relaying(world(), about=["inclusion"])
    assert 0 < len(fewer) < len(found)
    assert fewer["text"].str.contains("nclusion").all()


def test_numbers_are_written_as_french_writes_them() -> None:
    assert number(1234.5, 1) == "1\N{NARROW NO-BREAK SPACE}234,5"
    assert percent(0.2449) == "24,5\N{NO-BREAK SPACE}%"
    assert percent(0.0001) == "moins de 0,1\N{NO-BREAK SPACE}%"
    assert count(1, "personne") == "1\N{NO-BREAK SPACE}personne"
    assert count(2, "signal", "signaux") == "2\N{NO-BREAK SPACE}signaux"
    assert [duration(seconds).replace("\N{NO-BREAK SPACE}", " ") for seconds in (40, 600, 7200, 172_800)] == [
        "40 secondes", "10 minutes", "2 heures", "2 jours",
    ]  # fmt: skip
