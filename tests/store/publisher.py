"""A process that writes to the store: `python -m tests.store.publisher URL WHAT …`, one word of outcome on stdout."""

import sys

from app.services.ports import StoreError
from app.store import open_store
from tests.store.builders import NOON, packaged_calendar, packaged_profile, publish, publish_draft


def run(url: str, what: str, *words: str) -> str:
    with open_store(url) as store:
        store.state_token()
        print("ready", flush=True)  # noqa: T201 the test waits for it
        sys.stdin.readline()
        if what == "draft":
            return f"version {publish_draft(store, store.get_draft(words[0])).version}"
        if what == "package":
            report = store.load_packaged(
                [packaged_profile("york"), packaged_profile("barnet")],
                [packaged_calendar()],
                at=NOON,
                application_version="1.0.0",
            )
            return " ".join(each.outcome for each in report.outcomes)
        if what == "for-ever":
            while True:
                publish(store)
        raise SystemExit(f"what is {what}?")


if __name__ == "__main__":
    try:
        print(run(*sys.argv[1:]), flush=True)  # noqa: T201 the test reads it
    except StoreError as refusal:
        print(type(refusal).__name__, flush=True)  # noqa: T201 the test reads it
