import msgspec
from hypothesis import given
from hypothesis import strategies as st

from serving.registers import merged
from torwart.entities import AccountSize, Sender, VerificationStatus

maybe = st.none() | st.text(max_size=5)
times = st.none() | st.integers(0, 2**50)
profiles = st.builds(
    Sender,
    id=st.just("biz"),
    display_name=maybe,
    verification_status=st.none() | st.sampled_from(VerificationStatus),
    verified_at_us=times,
    account_size=st.none() | st.sampled_from(AccountSize),
    created_at_us=times,
    website=maybe,
    portfolio_id=maybe,
    updated_at_us=times,
)


@given(profiles, profiles)
def test_what_the_caller_gave_wins_and_what_it_left_out_is_filled(given_: Sender, stored: Sender) -> None:
    expected = msgspec.structs.asdict(stored)
    expected.update({name: value for name, value in msgspec.structs.asdict(given_).items() if value is not None})
    assert merged(given_, stored) == Sender(**expected)
    assert merged(given_, None) == given_
