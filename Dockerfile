FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/run.lock requirements/run.lock
RUN python -m venv /opt/coop && /opt/coop/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY . .
RUN /opt/coop/bin/pip install --no-cache-dir --no-build-isolation --no-deps .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/coop --create-home coop
COPY --from=build /opt/coop /opt/coop
ENV PATH=/opt/coop/bin:$PATH COOP_HOME=/var/lib/coop COOP_HOST=0.0.0.0 COOP_OPS_PORT=9090
USER coop
WORKDIR /var/lib/coop
ENTRYPOINT ["coop"]
CMD ["--help"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9090/healthz', timeout=2)"]
