"""Where things stand on the report form, in points from the top left of an A4 page; drawn and read by it."""

from dataclasses import dataclass

PAGE_WIDTH = 595.28
PAGE_HEIGHT = 841.89
MARGIN_LEFT = 48.0
MARGIN_RIGHT = 547.0
VALUE_LEFT = 196.0
TOP = 56.0
BOTTOM = 780.0
FOOTER_TOP = 800.0
CELL_PADDING = 4.0


@dataclass(frozen=True)
class Column:
    """A table column from `left` to `right`; numbers stand at its right edge."""

    field: str
    left: float
    right: float
    right_aligned: bool = False


NUMBER = Column("number", 48.0, 68.0)

ROW_TABLE = (
    NUMBER,
    Column("person_or_role", 68.0, 160.0),
    Column("task", 160.0, 272.0),
    Column("work_date_from", 272.0, 328.0),
    Column("work_date_to", 328.0, 384.0),
    Column("hours", 384.0, 426.0, right_aligned=True),
    Column("hourly_rate", 426.0, 486.0, right_aligned=True),
    Column("amount", 486.0, 547.0, right_aligned=True),
)

OTHER_TABLE = (
    NUMBER,
    Column("cost_kind", 68.0, 200.0),
    Column("receipt", 200.0, 470.0),
    Column("amount", 470.0, 547.0, right_aligned=True),
)
