"""Whether the lines read from an invoice are all of its lines, and read right: only then may their sum accuse.

An e-invoice lists its lines. On a page, rows can be missed, columns mistaken, and discounts stand between the last
row and the total; so each row must prove itself, and the rows must reach down to the total without a gap.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from schemas.facts import Box, Fact, Method, Row
from schemas.money import exponent
from services.validator.core.values import as_money, as_number, sure

GAP_TO_TOTAL_ROW_HEIGHTS_MAX = 4.5
PITCH_RATIO_MAX = 1.9
ROUNDED_OFF = Decimal("1.5")


def is_whole_table(rows: Sequence[Row], total: Fact, currency: str) -> bool:
    """Whether the rows can be held against the total."""
    nets = [net for row in rows if (net := row.get("net")) is not None]
    if not rows or len(nets) != len(rows) or not all(sure(net) for net in nets):
        return False
    if all(net.method is Method.XML for net in nets):
        return True
    return all(_proves_itself(row, currency) for row in rows) and _reaches(nets, total)


def _proves_itself(row: Row, currency: str) -> bool:
    """Quantity times price is the amount of the row: so it is the amount, and no discount hides in it."""
    quantity, price, net = as_number(row.get("quantity")), as_number(row.get("unit_price")), row.get("net")
    stated = as_money(net, currency)
    if quantity is None or price is None or stated is None:
        return False
    product = (quantity * price).scaleb(exponent(currency))
    return abs(product - stated.amount_minor) < ROUNDED_OFF


def _reaches(nets: Sequence[Fact], total: Fact) -> bool:
    """Rows at an even pitch on the page of the total, the last one close above it."""
    places = [net.box for net in nets if net.box is not None and net.page == total.page]
    if len(places) != len(nets) or total.box is None:
        return False
    ordered: list[Box] = sorted(places, key=lambda box: box[1])
    pitches = [below[1] - above[1] for above, below in pairwise(ordered)]
    if pitches and max(pitches) > PITCH_RATIO_MAX * min(pitches):
        return False
    last = ordered[-1]
    gap = total.box[1] - last[1]
    return 0 < gap <= GAP_TO_TOTAL_ROW_HEIGHTS_MAX * (last[3] - last[1])
