# One image for `gateway run`, `serve`, `work` and every other command. Its data lives in /data.

FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock requirements-dev.lock ./
RUN python -m venv /opt/tamnat \
 && /opt/tamnat/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
# The builder comes from the same lock as the developers', pinned and with hashes; it stays behind in this stage.
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-dev.lock
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY templates templates
COPY voice_prompts voice_prompts
RUN /opt/build/bin/python -m hatchling build -t wheel -d /dist \
 && /opt/tamnat/bin/pip install --no-cache-dir --no-deps --no-index /dist/*.whl \
 && rm -rf /opt/tamnat/lib/python3.11/site-packages/pip /opt/tamnat/lib/python3.11/site-packages/setuptools

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home tamnat && install -d -o tamnat -g tamnat /data
COPY --from=build /opt/tamnat /opt/tamnat
ENV PATH="/opt/tamnat/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    GATEWAY_DATABASE_URL=sqlite:////data/gateway.db \
    GATEWAY_AUDIO_DIR=/data/audio
USER tamnat
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["gateway"]
# Inside a container 127.0.0.1 is nobody's; compose.yaml publishes the port on the host's own 127.0.0.1 only.
CMD ["run", "--host", "0.0.0.0", "--port", "8000", "--sample"]
