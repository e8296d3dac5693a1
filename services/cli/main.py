"""The `coop` command: one subcommand each, loaded only when it is called."""

import sys
from typing import NoReturn

from cyclopts import App, CycloptsError
from pydantic import ValidationError

from services.cli.output import Unusable, end_unusable

app = App(
    name="coop",
    help="Co-op claims: takes claim bundles, reads and checks them, and keeps the money right.",
    version_flags=["--version"],
)
_COMMANDS = {
    "demo": (
        "services.cli.demo:demo",
        "The whole job on the bundled samples: verdicts, payouts, a balanced ledger.",
    ),
    "serve": ("services.cli.serve:serve", "Everything live in one process, with sample claims and keys."),
    "work": (
        "services.cli.work:work",
        "One worker against the configured RabbitMQ, object store and PostgreSQL.",
    ),
    "check": ("services.cli.check:check", "Check a bundle before it is sent; stores nothing."),
    "read": ("services.cli.read:read", "Read documents: kind, values with their places, findings."),
    "submit": ("services.cli.submit:submit", "Upload a bundle."),
    "simulate": (
        "services.cli.simulate:simulate",
        "What-if: commands on a simulated clock in a fresh ledger.",
    ),
    "verify": ("services.cli.operate:verify", "Check every invariant of ledger, decisions and objects."),
    "explain": (
        "services.cli.explain:explain",
        "Why was this paid: from a payment down to claims, pages, rules and earnings.",
    ),
    "events": ("services.cli.operate:events", "The ledger's event stream, from any position."),
    "migrate": ("services.cli.operate:migrate_tables", "Bring tables and bucket up to date."),
    "config": ("services.cli.operate:config", "Print all settings, secrets left out."),
    "keys": ("services.cli.keys:app", "Issue, list and revoke API keys."),
    "rules": ("services.cli.rules:app", "Rule packs: list, show, run their cases."),
    "dead": ("services.cli.dead:app", "Events that could not be handled: list, show, retry, discard."),
    "schema": ("services.cli.schema:app", "The published contracts as JSON Schema."),
}
for _name, (_place, _help) in _COMMANDS.items():
    app.command(_place, name=_name, help=_help)


def main(tokens: list[str] | None = None) -> NoReturn:
    """Run one command; exit 0 fine, 1 the answer is no, 2 wrong use or unreadable input."""
    given = sys.argv[1:] if tokens is None else tokens
    as_json = "--json" in given
    try:
        app(given, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        end_unusable("USAGE", f"{_one_line(error)}; see coop --help", as_json=as_json)
    except Unusable as error:
        end_unusable(error.code, error.detail, as_json=as_json)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        end_unusable(
            "SETTINGS_INVALID", f"{'.'.join(map(str, first['loc']))}: {first['msg']}", as_json=as_json
        )
    except (ValueError, LookupError, RuntimeError, OSError) as error:
        code = getattr(error, "code", None)
        if not isinstance(code, str):
            raise
        end_unusable(code, str(error), as_json=as_json)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(0)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
