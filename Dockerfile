# The processor, and every other command of `metricland`.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app

# Apart from the code, so that a change of the code installs nothing anew.
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock

COPY streams streams
COPY agents agents
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && python -m streams.compiled.build && apt-get purge -y --auto-remove gcc libc6-dev && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 metricland
USER 10001

EXPOSE 6066
ENTRYPOINT ["python", "-m", "agents"]
CMD ["worker"]
