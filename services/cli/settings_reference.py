"""The reference page of all settings, written from their own descriptions."""

from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from services.kit.config import Settings
from services.kit.limits import Limits

_INTRO = """# Settings

Read once at the start from environment variables; an empty one counts as not given. `coop config` prints what is in
force. Without `COOP_BROKER_URL` everything runs in one process (`coop serve`); with it, each part is a `coop work`.
Well-known passwords are refused unless `COOP_DEMO=1`.
"""


def settings_page(head: str) -> str:
    """Return the page: every setting, then every limit, with what each means when nothing is set."""
    lines = [head, _INTRO, "| Variable | Default | Means |", "|---|---|---|"]
    lines += [
        _row(f"COOP_{name.upper()}", field)
        for name, field in Settings.model_fields.items()
        if name != "limits"
    ]
    lines += [
        "\n## Limits\n",
        "A value that reaches one is refused, with the limit's name in the reason.\n",
        "| Variable | Default | Bounds |",
        "|---|---|---|",
    ]
    lines += [_row(f"COOP_LIMITS__{name.upper()}", field) for name, field in Limits.model_fields.items()]
    return "\n".join(lines) + "\n"


def undescribed() -> list[str]:
    """The settings and limits that say nothing of themselves."""
    models: tuple[type[BaseModel], ...] = (Settings, Limits)
    return [
        name
        for model in models
        for name, field in model.model_fields.items()
        if name != "limits" and not field.description
    ]


def _row(variable: str, field: FieldInfo) -> str:
    told = (field.description or "").replace("|", "\\|")
    return f"| `{variable}` | {_shown(field.default)} | {told} |"


def _shown(default: Any) -> str:
    if default is None or default == "":
        return ""
    if isinstance(default, SecretStr):
        return "(secret)"
    if isinstance(default, bool):
        return f"`{int(default)}`"
    return f"`{default}`"
