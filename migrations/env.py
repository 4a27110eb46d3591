"""What Alembic runs: on the connection it is handed or, from its command line, on DEADLINES_DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection

from app.store.engine import create_engine
from app.store.tables import metadata


def run(connection: Connection) -> None:
    """Run the migrations inside the caller's transaction, so that they are kept together or not at all."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite cannot alter most of a table: a change rebuilds it. A rebuilt table has lost its triggers, so
        # a migration that rebuilds one creates its guards again.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("the migrations look at the database they run on; there is no offline mode")

handed = context.config.attributes.get("connection")
if handed is not None:
    run(handed)
else:
    engine = create_engine(os.environ["DEADLINES_DATABASE_URL"])
    with engine.connect().execution_options(deadlines_writes=True) as own, own.begin():
        run(own)
    engine.dispose()
