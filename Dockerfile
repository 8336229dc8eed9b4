# One image for web, worker, beat and the one-off commands; docker-compose.yml shows how they go together.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
RUN useradd --create-home --uid 1000 club && install -d -o club /data
COPY --from=build /venv /venv
WORKDIR /club
COPY . .
# The addresses are not used: collecting files asks neither the database nor the broker, but settings want them named.
RUN SECRET_KEY=build DATABASE_URL=postgres://club_app@/club DATABASE_OWNER_URL=postgres://club_owner@/club \
    REDIS_URL=redis://localhost STATIC_HASHED=true HTTPS_ONLY=true python manage.py collectstatic --noinput -v 0
USER club
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", \
     "--workers-lifetime", "6h", "--respawn-failed-workers", "config.wsgi:application"]
