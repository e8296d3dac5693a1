"""One trace from the request to the last event."""

from hypothesis import given
from hypothesis import strategies as st

from services.kit import tracing
from tests.events import withdrawn

HEX = "0123456789abcdef"
traces = st.text(HEX, min_size=32, max_size=32).filter(lambda text: set(text) != {"0"})
spans = st.text(HEX, min_size=16, max_size=16).filter(lambda text: set(text) != {"0"})


@given(traces, spans, st.sampled_from(("00", "01")))
def test_a_hop_stays_in_its_trace_under_a_span_of_its_own(trace: str, span: str, flags: str) -> None:
    version, kept, fresh, sampled = tracing.next_hop(f"00-{trace}-{span}-{flags}").split("-")
    assert (version, kept, sampled) == ("00", trace, flags)
    assert fresh != span


@given(st.one_of(st.none(), st.text(max_size=80), st.just(f"00-{'0' * 32}-{'1' * 16}-01")))
def test_a_missing_or_malformed_header_begins_a_new_trace(header: str | None) -> None:
    version, trace, span, flags = tracing.next_hop(header).split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
    assert set(trace) != {"0"}


def test_an_event_belongs_to_the_trace_in_which_it_was_made_and_to_none_outside() -> None:
    before = withdrawn("a")
    with tracing.hop(None) as traceparent:
        inside = withdrawn("a")
    assert (before.traceparent, inside.traceparent) == (None, traceparent)
    assert inside.id == before.id
    assert tracing.current() is None
