# docker build --tag flowrun . && docker run --rm --volume "$PWD:/workflows" flowrun validate specs/close.yaml
# docker build --build-arg EXTRAS=[temporal] --tag flowrun-worker .      with what a worker on Temporal takes
FROM python:3.13-slim AS build
ARG EXTRAS=""
COPY pyproject.toml README.md LICENSE /source/
COPY flowrun /source/flowrun
RUN python -m venv /opt/flowrun \
    && /opt/flowrun/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check "/source${EXTRAS}" \
    && /opt/flowrun/bin/python -m compileall -q -j 0 /opt/flowrun/lib

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home flowrun && install --directory --owner flowrun /workflows
COPY --from=build /opt/flowrun /opt/flowrun
ENV PATH=/opt/flowrun/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /workflows
ENTRYPOINT ["flowrun"]
CMD ["--help"]
