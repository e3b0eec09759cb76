"""The small world: the same on every platform, near what was published, and made of nobody."""

import hashlib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import igraph
import numpy as np
import pandas as pd
import pytest

from reseau_kit.network.synthetic import LEARNER, NOW, PARAMETERS, SmallWorld, synthetic, synthetic_contacts

#: Of synthetic(1, 300), whatever the platform. A change of the generator changes every lesson that shows the world.
DIGEST = "46fe9311808e5a6e559a91e81d9c545e49a7096d39390e767b67275d809370a6"


@cache
def world(size: int = 300, seed: int = 1) -> SmallWorld:
    return synthetic(seed, size)


def digest(small: SmallWorld) -> str:
    """One number for all that a world holds, whatever pandas calls its types."""
    total = hashlib.sha256()
    for table in (small.people, small.links, small.posts, small.lists):
        for name in table:
            total.update(f"\x1e{name}".encode())
            for value in table[name].tolist():
                told = int(value.timestamp()) if isinstance(value, pd.Timestamp) else value
                total.update(f"\x1f{told}".encode())
    return total.hexdigest()


def only_people(small: SmallWorld) -> np.ndarray:
    """Which accounts have a person or a collective behind them."""
    return np.asarray(small.people["kind"].isin(["personne", "collectif"]))


def share_mutual(links: pd.DataFrame, size: int) -> float:
    """Share of linked pairs that follow each other."""
    there = links["source"].to_numpy() * size + links["target"].to_numpy()
    back = links["target"].to_numpy() * size + links["source"].to_numpy()
    mutual = np.isin(there, back).sum() / 2
    return float(mutual / (len(there) - mutual))


def test_the_same_seed_gives_the_committed_world() -> None:
    assert digest(world()) == DIGEST


def test_the_order_of_sets_and_hashes_changes_nothing() -> None:
    """Python's own hash differs from one run to the next: the world does not."""
    code = "import test_network_synthetic as t; print(t.digest(t.world(60)))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "tests:."}, check=True,
            capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert told == {digest(world(60)) + "\n"}


def test_another_seed_gives_another_world() -> None:
    assert digest(world(60, 2)) != digest(world(60))


def test_a_world_has_as_many_accounts_as_asked_and_the_learner_is_the_first() -> None:
    small = world()
    assert list(small.people["id"]) == list(range(300))
    assert small.people["kind"][LEARNER] == "personne"
    assert small.people["known"].sum() >= 3


def test_too_small_a_world_is_refused_in_french() -> None:
    with pytest.raises(ValueError, match="au moins 60 comptes"):
        synthetic(1, 12)


def test_every_parameter_says_its_source_or_that_it_is_an_assumption() -> None:
    for name, parameter in PARAMETERS.items():
        cited = any(year in parameter.source for year in ("2010", "2012", "2017", "2019"))
        assert cited or parameter.source.startswith("assumption"), name


def test_every_draw_stands_in_the_table_with_what_it_rests_on() -> None:
    """Each purpose of the code, once, with a year or the word « assumption »; and none that the code has not."""
    root = Path(__file__).parents[1]
    code = (root / "reseau_kit/network/synthetic.py").read_text(encoding="utf-8")
    drawn = set(re.findall(r'draws\.(?:bits|below|share|quantiles)\(\s*"([^"]+)"', code))
    text = (root / "docs/network.md").read_text(encoding="utf-8").partition("## What explores")[0]
    table = re.findall(r"^\| (.+?) \| .+ \| (.+) \|$", text, re.MULTILINE)
    rests_on = {names: why for names, why in table if "assumption" in why or re.search(r"\b20[012]\d\b", why)}
    listed = ", ".join(rests_on)
    assert len(drawn) > 50
    for purpose in sorted(drawn, key=len, reverse=True):
        assert re.search(rf"(?:^|, ){re.escape(purpose)}(?:, |$)", listed), purpose
        listed = re.sub(rf"(^|, ){re.escape(purpose)}(?=, |$)", "", listed, count=1)
    assert not listed.strip(", "), listed


@pytest.mark.parametrize("size", [300, 3000])
def test_reciprocity_is_near_the_published_values(size: int) -> None:
    small = world(size)
    people = only_people(small)
    links = small.links[people[small.links["source"]] & people[small.links["target"]]]
    assert share_mutual(links, size) == pytest.approx(PARAMETERS["reciprocity"].value, abs=0.07)
    circle = small.people["circle"].to_numpy()
    near = links[circle[links["source"]] == circle[links["target"]]]
    assert share_mutual(near, size) == pytest.approx(PARAMETERS["reciprocity_in_circle"].value, abs=0.07)


def test_clustering_is_near_the_published_values() -> None:
    """Of 3,000 accounts; in a world of 300 everybody is near, and it is higher."""
    small = world(3000)
    graph = igraph.Graph(3000, small.links[["source", "target"]].to_numpy().tolist()).simplify()
    graph = graph.subgraph(np.flatnonzero(only_people(small)).tolist())
    assert graph.transitivity_avglocal_undirected() == pytest.approx(PARAMETERS["clustering"].value, abs=0.05)


def test_activity_has_the_published_tail() -> None:
    small = world(3000)
    posts = np.sort(small.people["posts_30d"].to_numpy()[only_people(small)])[::-1]
    tenth = posts[: len(posts) // 10]
    share = PARAMETERS["share_of_posts_by_top_tenth"].value
    assert tenth.sum() / posts.sum() == pytest.approx(share, abs=0.07)
    assert np.median(posts) == PARAMETERS["median_posts_a_month"].value
    assert np.median(tenth) == pytest.approx(PARAMETERS["median_posts_a_month_of_top_tenth"].value, rel=0.2)


def test_half_of_relays_come_within_an_hour() -> None:
    posts = world(3000).posts
    relays = posts[posts["kind"] == "relais"]
    delay = relays["at"].to_numpy() - posts["at"].to_numpy()[relays["to"]]
    share = float((delay < np.timedelta64(1, "h")).mean())
    assert share == pytest.approx(PARAMETERS["relays_within_an_hour"].value, abs=0.05)


def test_a_bought_audience_is_empty_accounts() -> None:
    small = world()
    empty = set(small.people.loc[small.people["kind"] == "coquille", "id"])
    buyers = small.people[small.people["bought"] > 0]
    assert len(buyers) >= 2
    for buyer in buyers.itertuples():
        followers = set(small.links.loc[small.links["target"] == buyer.id, "source"])
        assert len(followers & empty) >= buyer.bought
    assert not set(small.posts["author"]) & empty


def test_a_robot_publishes_much_and_answers_nobody() -> None:
    small = world()
    robots = small.people[small.people["kind"] == "automate"]
    assert len(robots) == 30
    assert robots["posts_30d"].min() >= 200
    said = small.posts[small.posts["author"].isin(robots["id"])]
    assert set(said["kind"]) == {"publication", "relais"}
    assert not said["credit"].any()


def test_nothing_is_answered_before_it_is_said() -> None:
    posts = world().posts
    assert posts["at"].is_monotonic_increasing
    assert posts["at"].max() < pd.Timestamp(NOW, unit="s", tz="UTC")
    answers = posts[posts["to"] >= 0]
    assert (answers["to"] < answers["id"]).all()
    assert set(posts["kind"][answers.loc[answers["kind"] == "relais", "to"]]) == {"publication"}


def test_links_and_lists_point_at_accounts_and_at_no_one_twice() -> None:
    small = world()
    assert not small.links.duplicated().any()
    assert (small.links["source"] != small.links["target"]).all()
    assert not small.lists.duplicated().any()
    for ids in (small.links["source"], small.links["target"], small.lists["owner"], small.lists["member"]):
        assert ids.between(0, 299).all()


def test_texts_are_whole_sentences() -> None:
    small = world()
    told = [*small.people["bio"], *small.people["name"], *small.posts["text"]]
    assert not [text for text in told if "{" in text or " :" in text or "'" in text]
    assert not [text for text in small.people["name"] if " de A" in text or " de O" in text]
    assert not small.people["handle"].duplicated().any()


def test_contacts_of_one_person_have_about_seven_links_each_and_some_none() -> None:
    people, links = synthetic_contacts(1, 2000)
    assert len(people) == 2000
    assert (links["source"] < links["target"]).all()
    assert not links.duplicated().any()
    degree = np.bincount(np.append(links["source"], links["target"]), minlength=2000)
    assert degree.mean() == pytest.approx(7, abs=1)
    assert 20 <= (degree == 0).sum() <= 100
    group = people["group"].to_numpy()
    inside = group[links["source"]] == group[links["target"]]
    assert inside.mean() == pytest.approx(0.8, abs=0.04)
