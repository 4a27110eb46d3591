# The base is pinned by tag to a Python and a Debian release, so that a rebuild brings their security fixes. Where
# builds must be repeatable to the byte, pin the digest too: FROM python:3.11-slim-bookworm@sha256:...
# `make image` runs these steps without Docker, in CI as well: keep to ENV, WORKDIR, COPY and RUN in the build stage.
FROM python:3.11-slim-bookworm AS build
ENV SRC=/src BUILD=/opt/build VENV=/opt/practice-deadlines DATA=/data PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR $SRC
COPY requirements requirements
RUN python -m venv $BUILD && $BUILD/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements/build.lock
RUN python -m venv $VENV && $VENV/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
RUN $BUILD/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir dist .
RUN $VENV/bin/pip install --no-deps --no-index dist/*.whl && $VENV/bin/pip check && $VENV/bin/pip uninstall --yes pip setuptools
# A database that is loaded: the image answers as it is. On another database, run `deadlines load` first.
RUN mkdir $DATA && cd $DATA && DEADLINES_DATABASE_URL=sqlite:///$DATA/deadlines.db $VENV/bin/deadlines load

FROM python:3.11-slim-bookworm
ENV PATH=/opt/practice-deadlines/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEADLINES_DATABASE_URL=sqlite:////data/deadlines.db HOST=0.0.0.0 PORT=8000
COPY --from=build /opt/practice-deadlines /opt/practice-deadlines
COPY --from=build --chown=10001:10001 /data /data
WORKDIR /data
USER 10001:10001
# PORT changes it, as platforms that assign a port expect; HOST the address.
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["deadlines"]
CMD ["serve"]
