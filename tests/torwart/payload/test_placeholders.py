from torwart.payload import MAX_TEXT
from torwart.payload.draft import Draft
from torwart.payload.placeholders import examples_of, fill, first_text


def test_a_given_value_comes_before_an_example_and_an_example_before_nothing() -> None:
    draft = Draft("template")
    text = fill(draft, "{{1}} {{ 2 }} {{name}} {1} {{}} {{a b}}", {"1": "one"}, {"1": "x", "2": "two"})
    assert text == "one two {{name}} {1} {{}} {{a b}}"
    assert draft.flags == ["example_used", "placeholder_unfilled"]


def test_a_value_is_not_filled_again() -> None:
    assert fill(Draft("template"), "{{1}}{{2}}", {"1": "{{2}}", "2": "b"}, {}) == "{{2}}b"


def test_the_result_is_bounded_by_the_cap_and_one_value() -> None:
    draft = Draft("template")
    value = "x" * 5_000
    assert len(fill(draft, "{{1}}" * 10_000, {"1": value}, {})) <= MAX_TEXT + len(value)
    assert draft.flags == ["truncated"]


def test_examples_of_any_shape() -> None:
    assert examples_of({"example": {"body_text": [["a", "b"], ["c"]]}}, "body") == {"1": "a", "2": "b"}
    assert examples_of({"example": {"body_text": ["a", 5, "b"]}}, "body") == {"1": "a", "3": "b"}
    assert examples_of({"example": {"header_text": "a"}}, "header") == {"1": "a"}
    oddities: list[object] = [
        None,
        5,
        [],
        {},
        {"body_text": None},
        {"body_text": [[[]]]},
        {"body_text_named_params": [5, {}]},
    ]
    for odd in oddities:
        assert examples_of({"example": odd}, "body") == {}


def test_first_text() -> None:
    assert [first_text(value) for value in ("a", ["b", "c"], [], [1], None, 7)] == ["a", "b", "", "", "", ""]
