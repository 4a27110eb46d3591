"""Settings, from the environment: every name begins with DEADLINES_."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator sets. Each is documented in docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="DEADLINES_", extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite:///data/deadlines.db", description="Where versions are stored: SQLite or PostgreSQL."
    )
    require_key: bool = Field(default=False, description="Close everything but health to callers without a key.")
    refresh_seconds: float = Field(1.0, gt=0, le=60, description="How often the store is asked for something new.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(default=True, description="Structured JSON logs; false writes them for a terminal.")
    two_pairs_of_eyes: bool = Field(default=False, description="Whoever wrote a draft may not publish it.")
    allowed_origins: tuple[str, ...] = Field((), description="Origins allowed by CORS; none by default.")
    rate_limit: str = Field("", description='A limit for each caller, such as "600/minute"; empty for none.')
    rate_limit_storage: str = Field("memory://", description="Where rates are counted: memory:// or redis://…")
    oidc_issuer: str = Field("", description="Issuer of bearer tokens; empty: API keys only.")
    oidc_audience: str = Field("", description="Audience that bearer tokens must name.")
    oidc_jwks_url: str = Field("", description="Where the issuer's keys are; by default found from the issuer.")
    oidc_roles_claim: str = Field("roles", description="The claim that carries the roles; dots reach inside.")
    oidc_role_scopes: dict[str, str] = Field(
        {}, description='Roles by other names, as JSON: {"Policy team": "author:swindon publish:swindon"}.'
    )
    oidc_identity_claim: str = Field("sub", description="The claim that says whose the token is, in every record.")
    open_metrics: bool = Field(default=True, description="Show /metrics to anybody; false asks for an admin key.")
    body_seconds: float = Field(
        30.0, gt=0, le=600, description="How long a body may take to arrive; for lines, how long they may pause."
    )
    drain_seconds: float = Field(
        0.0, ge=0, le=300, description="On SIGTERM, how long to go on answering while /readyz says draining."
    )
    otel_endpoint: str = Field(
        "",
        description="Where OpenTelemetry traces go, such as http://collector:4318/v1/traces. Needs the extra otel.",
    )
    otel_service_name: str = Field("practice-deadlines", description="The service's name in those traces.")
    docs_origin: str = Field("", description="The address the service is reached at, for the OpenAPI servers list.")
