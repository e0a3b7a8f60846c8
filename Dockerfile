# One image for web, worker, clock and migrations; docker-compose.yml says which is which.
FROM python:3.13-slim AS packages
RUN python -m venv /venv
COPY requirements.txt /
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /requirements.txt

FROM python:3.13-slim
# Numbers, not names: what runs the image can see that it is not root. /files and /audit become volumes with this owner.
RUN groupadd --gid 10001 fascicle && useradd --uid 10001 --gid 10001 --no-create-home fascicle \
    && mkdir /files /audit && chown 10001:10001 /files /audit
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 FILES_DIR=/files PORT=8000
WORKDIR /app
COPY manage.py ./
COPY deploy/gunicorn.conf.py deploy/healthy.py deploy/
COPY portal portal
COPY faq faq
COPY patients patients
COPY clinicians clinicians
COPY locale locale
# The settings refuse to load without these; none of them is kept in the image.
RUN SECRET_KEY=only-for-collecting-static-files-while-building SITE_URL=http://localhost EMAIL_URL=smtp://localhost \
    DATABASE_URL=postgres://nobody@localhost/none REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput --verbosity=0 && python -m compileall -q portal faq patients clinicians
USER 10001:10001
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "portal.wsgi:application"]
