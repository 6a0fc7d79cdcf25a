# Grafana with the Micromegas data source. Needs the package of the platform in dist-packages/: downloaded from a release, or built with
# `npm ci && npm run package -- linux_amd64`.
#
#   docker build -f docker/grafana.Dockerfile -t grafana-micromegas .
#   docker buildx build --platform linux/amd64,linux/arm64 -f docker/grafana.Dockerfile -t registry.example.com/grafana-micromegas --push .
FROM alpine:3.22 AS package
# amd64 or arm64, set by Docker.
ARG TARGETARCH
COPY dist-packages/micromegas-micromegas-datasource-*.linux_${TARGETARCH}.zip /tmp/plugin.zip
RUN mkdir /plugins && unzip -q /tmp/plugin.zip -d /plugins

FROM grafana/grafana:12.4.2
# Not /var/lib/grafana/plugins: a volume at /var/lib/grafana would hide the plugin, or keep an old version of it.
COPY --from=package --chown=472:0 /plugins /opt/grafana-plugins
ENV GF_PATHS_PLUGINS=/opt/grafana-plugins \
    GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS=micromegas-micromegas-datasource
