# The backend of the Micromegas data source as a sidecar. Needs the package of the platform in dist-packages/: downloaded from a
# release, or built with `npm ci && npm run package -- linux_amd64`.
#
#   docker build -f docker/proxy.Dockerfile -t micromegas-proxy .
FROM alpine:3.22 AS package
# amd64 or arm64, set by Docker.
ARG TARGETARCH
COPY dist-packages/micromegas-micromegas-datasource-*.linux_${TARGETARCH}.zip /tmp/plugin.zip
WORKDIR /tmp/micromegas-micromegas-datasource
# Without the frontend, the launcher and the other runtime.
RUN unzip -q /tmp/plugin.zip -d /tmp && \
    rm -r runtime/glibc && \
    mv "runtime/musl/bin/node_linux_${TARGETARCH}" runtime/musl/bin/node && \
    mkdir /plugin && \
    mv runtime proxy.cjs sql-parser.cjs sql-parser.wasm LICENSE THIRD_PARTY_LICENSES.txt sbom.cdx.json /plugin/

FROM alpine:3.22
COPY --from=package /plugin /plugin
RUN mkdir /run/micromegas && chown 472:0 /run/micromegas
# Grafana's user and group. No other user may open the socket, because secrets pass through it.
USER 472:0
ENV PATH=/plugin/runtime/musl/bin:$PATH \
    GF_PLUGIN_PROXY_LISTEN=unix:/run/micromegas/proxy.sock
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --start-interval=1s \
    CMD ["node", "/plugin/proxy.cjs", "--check"]
# The option reduces memory. The launcher of the plugin sets it too.
ENTRYPOINT ["node", "--max-semi-space-size=8", "/plugin/proxy.cjs"]
