"""One typed settings object, read once in `main()` from the environment (`COOP_…`) and an optional `.env`."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.limits import Limits

DEFAULT_SECRETS = frozenset({"guest", "minioadmin", "postgres", "password", "secret", "changeme", "coop"})


class SettingsInvalid(RuntimeError):
    """The settings cannot be used as they are."""

    code = "SETTINGS_INVALID"


class Settings(BaseSettings):
    """Where the parts find each other. Without `broker_url` everything runs embedded below `home`."""

    model_config = SettingsConfigDict(
        env_prefix="COOP_", env_nested_delimiter="__", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Path = Field(Path(".coop"), description="Folder of the embedded database and object store.")
    demo: bool = Field(
        False, description="Allows a movable clock and the well-known passwords of test servers."
    )
    clock: str = Field("system", description="`system`, or `file:PATH` holding an instant (demo only).")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of PostgreSQL; without it SQLite below `home`."
    )
    broker_url: SecretStr | None = Field(
        None, description="AMQP URL of RabbitMQ; without it events stay in the process."
    )
    s3_endpoint: str | None = Field(None, description="URL of MinIO/S3; without it a folder below `home`.")
    s3_access_key: SecretStr | None = Field(None, description="Access key of the object store.")
    s3_secret_key: SecretStr | None = Field(None, description="Secret key of the object store.")
    s3_bucket: str = Field("coop-claims", description="Bucket of the object store.")
    s3_region: str = Field("us-east-1", description="Region sent to the object store.")
    rulepacks: Path | None = Field(
        None, description="Folder of rule packs; without it those that ship with the product."
    )
    host: str = Field("127.0.0.1", description="Address that HTTP listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that HTTP listens on; 0 takes a free one.")
    ops_port: int = Field(
        0, ge=0, le=65535, description="Port of /healthz, /readyz and /metrics of a worker; 0 is off."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(True, description="JSON lines; false prints for people.")
    outsider_queues: str = Field(
        "", description="Opt-in queues, comma separated: coop.reviews, coop.payments."
    )
    link_secret: SecretStr | None = Field(
        None,
        min_length=32,
        description="Signs short-lived links to page pictures; without it one is drawn and kept in the database.",
    )
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _safe(self) -> "Settings":
        if self.demo:
            return self
        if self.clock != "system":
            raise SettingsInvalid("COOP_CLOCK may name a file only with COOP_DEMO=1")
        for name, secret in self._secrets().items():
            if secret in DEFAULT_SECRETS:
                raise SettingsInvalid(
                    f"{name} holds a well-known default; set your own secret (or COOP_DEMO=1 for a trial)"
                )
        return self

    def _secrets(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in ("database_url", "broker_url"):
            url: SecretStr | None = getattr(self, name)
            if url is not None:
                found[f"COOP_{name.upper()}"] = urlsplit(url.get_secret_value()).password or ""
        for name in ("s3_access_key", "s3_secret_key"):
            key: SecretStr | None = getattr(self, name)
            if key is not None:
                found[f"COOP_{name.upper()}"] = key.get_secret_value()
        return found

    @property
    def embedded(self) -> bool:
        """True when events stay in this process."""
        return self.broker_url is None

    def database_address(self) -> str:
        """The SQLAlchemy URL that is used."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.resolve() / 'coop.sqlite3'}"

    def redacted(self) -> dict[str, Any]:
        """All settings as JSON values, with every secret replaced."""
        shown: dict[str, Any] = self.model_dump(mode="json")
        for name in ("database_url", "broker_url"):
            secret: SecretStr | None = getattr(self, name)
            shown[name] = None if secret is None else redact_url(secret.get_secret_value())
        return shown


def redact_url(url: str) -> str:
    """Return `url` with its password replaced."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    where = parts.hostname or ""
    if parts.port is not None:
        where = f"{where}:{parts.port}"
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{where}"))
