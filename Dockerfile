# klingbot for amd64 and arm64. `docker compose up -d` builds and starts it, as compose.yaml says.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS builder
WORKDIR /source
COPY .ci/install-image .ci/requirements.txt .ci/
COPY pyproject.toml requirements.txt README.md LICENSE ./
COPY bot bot/
COPY adapters adapters/
RUN .ci/install-image /opt/klingbot

FROM python:${PYTHON}-slim
RUN groupadd --gid 10001 klingbot \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin klingbot \
    && install --directory --owner klingbot --group klingbot --mode 0700 /data
COPY --from=builder /opt/klingbot /opt/klingbot
ENV PATH=/opt/klingbot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KLINGBOT_DATA=/data \
    KLINGBOT_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["klingbot", "health"]
ENTRYPOINT ["klingbot"]
CMD ["run"]
