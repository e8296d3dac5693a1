"""From a payment back to the earnings it used: first in, first out; a clawback returns last in, first out (R-70)."""


class Trace:
    """Which earning paid for which use. Feed earnings and uses in the order in which they were booked."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self.used: dict[str, dict[str, int]] = {}
        self.returned: dict[str, int] = {}

    def earn(self, earning: str, amount: int) -> None:
        """A new earning; a negative one takes back from the newest that are still open."""
        self._open[earning] = max(amount, 0)
        owed = max(-amount, 0)
        for earlier in reversed(list(self._open)):
            taken = min(owed, self._open[earlier])
            self._open[earlier] -= taken
            owed -= taken

    def use(self, name: str, amount: int) -> None:
        """Take `amount` from the oldest open earnings."""
        parts = self.used.setdefault(name, {})
        for earning, left in self._open.items():
            taken = min(amount, left)
            if taken > 0:
                self._open[earning] -= taken
                parts[earning] = parts.get(earning, 0) + taken
                amount -= taken

    def give_back(self, name: str, amount: int) -> None:
        """Return `amount` of a use to the earnings it used last."""
        parts = self.used.get(name, {})
        for earning in reversed(list(parts)):
            back = min(amount, parts[earning])
            parts[earning] -= back
            self._open[earning] += back
            amount -= back
            if back:
                self.returned[earning] = self.returned.get(earning, 0) + back
        self.used[name] = {earning: part for earning, part in parts.items() if part}

    @property
    def open(self) -> dict[str, int]:
        """What is left of each earning, where anything is."""
        return {earning: left for earning, left in self._open.items() if left}
