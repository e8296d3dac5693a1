"""The named reasons for which a document is not read."""

REASONS = frozenset(
    {
        "corrupt",
        "crashed",
        "dtd_forbidden",
        "empty",
        "encrypted",
        "resource_limit",
        "timeout",
        "too_deep",
        "too_many_pixels",
        "unsupported_type",
        "wrong_type",
    }
)


class Refused(Exception):
    """The document is not read. `reason` is one of REASONS and stable; `detail` is for people and the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.code = reason
        self.reason = reason
        self.detail = detail
