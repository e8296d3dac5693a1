"""The samples, drawn once for all tests."""

from samples.bundles import draw_for_window
from samples.generate import EXAMPLE

BUNDLES = {bundle.card.name: bundle for bundle in draw_for_window(EXAMPLE)}
