"""Settings from environment variables, each with the prefix DEADLINES_."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of an operator. docs/operations.md lists each with its default."""

    model_config = SettingsConfigDict(env_prefix="DEADLINES_", extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite:///data/deadlines.db", description="Where versions are stored: SQLite or PostgreSQL."
    )
    require_key: bool = Field(
        default=False,
        description="Require a key for everything except the health checks and the files of pages (style, script).",
    )
    refresh_seconds: float = Field(
        1.0, gt=0, le=60, description="Seconds between two checks for newly published versions."
    )
    stale_seconds: float = Field(
        30.0, gt=0, le=3600, description="Seconds without a successful check after which /readyz says degraded."
    )
    store_seconds: float = Field(
        5.0, gt=0, le=60, description="Seconds that the database may take to answer a query, or to give a lock."
    )
    compiled_versions: int = Field(
        256,
        ge=16,
        le=100_000,
        description="Versions of profiles and calendars that a worker keeps compiled, 0.3 to 0.8 MiB each; those that "
        "nobody wanted for longest give way, and are compiled again when somebody does, in 15 ms.",
    )
    service_role: str = Field(
        "",
        pattern=r"^([a-z_][a-z0-9_]*)?$",
        description="With PostgreSQL: the role that the service connects as; `load` grants it what it needs.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(default=True, description="Structured JSON logs; false writes them for a terminal.")
    two_pairs_of_eyes: bool = Field(
        default=False, description="Require a second person for each publication, withdrawal and change of a calendar."
    )
    allowed_origins: tuple[str, ...] = Field((), description="Origins allowed by CORS; none by default.")
    mcp: bool = Field(default=False, description="Serve assistants at /mcp. Needs the extra mcp.")
    mcp_hosts: tuple[str, ...] = Field(
        (), description='Names by which /mcp may be called, besides localhost: ["deadlines.example.gov.uk"].'
    )
    rate_limit: str = Field("", description='A limit for each caller, such as "600/minute"; empty for none.')
    rate_limit_storage: str = Field("memory://", description="Where requests are counted: memory:// or redis://…")
    oidc_issuer: str = Field("", description="Issuer of bearer tokens; empty for API keys only.")
    oidc_audience: str = Field("", description="Audience that bearer tokens must name.")
    oidc_jwks_url: str = Field("", description="URL of the issuer's keys; by default discovered from the issuer.")
    oidc_roles_claim: str = Field("roles", description="The claim with the roles; dots lead into nested claims.")
    oidc_role_scopes: dict[str, str] = Field(
        {}, description='Scopes of roles with other names, as JSON: {"Policy team": "author:swindon publish:swindon"}.'
    )
    oidc_identity_claim: str = Field("sub", description="The claim that identifies the caller in the audit trail.")
    open_metrics: bool = Field(default=True, description="Serve /metrics to anyone; false requires an admin key.")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Serve /metrics at this port, and no longer at the public one; 0 for none."
    )
    body_seconds: float = Field(
        30.0, gt=0, le=600, description="Seconds that a body may take to arrive; for lines, that they may pause."
    )
    import_mib: int = Field(
        200, ge=1, le=2048, description="The most that one import of a return may have, all its files together, in MiB."
    )
    drain_seconds: float = Field(
        0.0, ge=0, le=300, description="On SIGTERM, seconds to go on answering while /readyz says draining."
    )
    otel_endpoint: str = Field(
        "",
        description="Where OpenTelemetry traces go, such as http://collector:4318/v1/traces. Needs the extra otel.",
    )
    otel_service_name: str = Field("practice-deadlines", description="The service's name in those traces.")
    bank_holidays_url: str = Field(
        "https://www.gov.uk/bank-holidays.json",
        pattern=r"^(https?://\S+)?$",
        description="Where `calendars update` and `verify` fetch the government's list; empty: nowhere.",
    )
    bank_holidays_seconds: float = Field(
        10.0, gt=0, le=60, description="Seconds that the list may take to arrive, from first to last."
    )
    docs_origin: str = Field("", description="The service's public URL, for the servers list of the OpenAPI document.")
