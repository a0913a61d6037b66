# Two images: `indexer` builds indexes and holds everything, `web` answers searches without TensorFlow.
# The base is any Debian with ca-certificates, and Python 3.11 to 3.13 with its venv module.
ARG BASE=python:3.12-slim

FROM ${BASE} AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FLASK_APP=app \
    LIKENESS_INSTANCE=/instance \
    LIKENESS_KERNELS=/kernels
RUN useradd --uid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin likeness \
    && mkdir /galleries /instance /kernels \
    && chown likeness: /instance /kernels
WORKDIR /likeness

# The packages stand in stages of their own, so that pip's traces stay out of the images and
# a change of the code installs nothing. The two secrets are optional (see docs/deployment.md).
FROM base AS web-packages
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt
RUN python3 -m venv /opt/venv
# Further packages, e.g. psycopg[binary] for PostgreSQL.
ARG EXTRAS=
COPY requirements-web.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca.crt,target=/etc/ssl/certs/ca-certificates.crt \
    pip install --no-cache-dir -r requirements-web.txt ${EXTRAS}

FROM web-packages AS indexer-packages
COPY requirements.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca.crt,target=/etc/ssl/certs/ca-certificates.crt \
    pip install --no-cache-dir -r requirements.txt

FROM base AS indexer
ENV KERAS_HOME=/instance/keras
COPY --from=indexer-packages /opt/venv /opt/venv
COPY . .
RUN python3 -m compileall -q .
USER likeness
# Kept by a volume, which begins with the image's content: they are opened only where they could
# also be written, and a processor of another kind than this one's has them compiled anew.
RUN NUMBA_CACHE_DIR=$LIKENESS_KERNELS python3 -m indexer.indexes.kernels
VOLUME ["/galleries", "/instance", "/kernels"]
ENTRYPOINT ["flask"]
CMD ["index", "--help"]

FROM base AS web
COPY --from=web-packages /opt/venv /opt/venv
COPY . .
RUN python3 -m compileall -q .
USER likeness
# Kept by a volume, which begins with the image's content: they are opened only where they could
# also be written, and a processor of another kind than this one's has them compiled anew.
RUN NUMBA_CACHE_DIR=$LIKENESS_KERNELS python3 -m indexer.indexes.kernels
VOLUME ["/galleries", "/instance", "/kernels"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python3", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000"]
