from typing import Any

import pytest

from torwart.entities import Action, Cause
from torwart.policy import Ruling
from training.templates import Library
from training.world.acts import Order
from training.world.rates import Rates, RatesError, changed
from training.world.reaction import Reaction
from training.world.world import World

REFUSED = Ruling(Action.BLOCK, Cause.MODEL)
BANNED = Ruling(Action.BLOCK, Cause.ENFORCEMENT, "sender_restricted")
BLOCKED = Ruling(Action.BLOCK, Cause.RECIPIENT)
PASSED = Ruling(Action.ALLOW, Cause.MODEL)
NOW = 1_767_571_200_000_000


@pytest.fixture
def planned(rates: Rates, library: Library) -> tuple[Reaction, Order]:
    """A gang's reaction, and the first message that it plans."""
    world = World(rates, library, part="judge", days=10, recipients=200, seed=1)
    gang = next(operator for operator in world.operators if operator.strategy.name == "copycat")
    orders = [act for day in range(10) for act in gang.plan(day) if isinstance(act, Order)]
    return Reaction(gang), orders[0]


def revised(reaction: Reaction, order: Order, now: int = NOW) -> tuple[Any, Any]:
    return reaction.revise(order, now)


def test_nothing_changes_while_messages_get_through(planned: tuple[Reaction, Order]) -> None:
    reaction, order = planned
    for ruling in (REFUSED, REFUSED, PASSED, BLOCKED, BLOCKED, BLOCKED, BLOCKED):
        reaction.learn(order, ruling)
    assert revised(reaction, order) == (order, None)


def test_a_refused_text_is_replaced_by_one_that_was_not(planned: tuple[Reaction, Order]) -> None:
    reaction, order = planned
    for _ in range(3):
        reaction.learn(order, REFUSED)
    new, opened = revised(reaction, order)
    assert opened is None
    assert new.account is order.account
    assert new.script.template != order.script.template
    assert new.script.campaign_id != order.script.campaign_id
    assert new.script.sender_kind == order.script.sender_kind
    assert revised(reaction, order)[0].script == new.script


def test_there_is_always_something_left_to_try(planned: tuple[Reaction, Order]) -> None:
    reaction, order = planned
    for _ in range(100):
        current, _ = revised(reaction, order)
        reaction.learn(current, REFUSED)
        reaction.learn(current, PASSED)
    assert revised(reaction, order)[0] is not None


def test_a_banned_account_is_replaced_until_the_days_budget_is_spent(
    planned: tuple[Reaction, Order], rates: Rates
) -> None:
    reaction, order = planned
    seen = {order.account.id}
    for _ in range(rates.spam.reaction.accounts_a_day):
        current, _ = revised(reaction, order)
        reaction.learn(current, BANNED)
        current, opened = revised(reaction, order)
        assert opened.body.sender.id == current.account.id not in seen
        seen.add(current.account.id)
    reaction.learn(current, BANNED)
    assert revised(reaction, order) == (None, None)
    assert revised(reaction, order, NOW + 86_400_000_000)[0] is not None


def test_a_message_is_tried_again_at_most_once(planned: tuple[Reaction, Order]) -> None:
    reaction, order = planned
    seconds = [reaction.second_try(order, NOW) for _ in range(50)]
    again = [second for second in seconds if second is not None]
    assert 10 < len(again) < 40
    assert all(second.again and second.at_us > NOW for second in again)
    assert reaction.second_try(again[0], NOW) is None


def test_rates_can_be_changed_by_name(rates: Rates) -> None:
    assert changed(rates, {"spam.messages": 0.1}).spam.messages == 0.1
    assert changed(rates, {}) == rates
    for wrong in ("spam.massages", "nothing", "spam"):
        with pytest.raises(RatesError, match="no number"):
            changed(rates, {wrong: 1.0})
