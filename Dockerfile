# The product for a server; PostgreSQL and Redis are given by DATABASE_URL and REDIS_URL.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
RUN useradd --system --create-home --home-dir /home/porfse porfse \
    && install --directory --owner=porfse /app/var /app/var/media

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY . .
USER porfse
# The addresses and the secret are read, not used, while the files are collected.
RUN SECRET_KEY=build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    python -m django collectstatic --no-input --settings porfse.settings

EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", \
     "porfse.wsgi:application"]
