# gatelet with what runs functions in node and python:
#   docker build -t gatelet . && docker run --rm --init -p 4566:4566 -p 4510-4559:4510-4559 gatelet
# (--init reaps what functions leave behind; the second range is WebSocket APIs' own ports.)

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin gatelet

# Of the same Debian as the build stage, for the same libc.
FROM node:22-bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/gatelet /usr/local/bin/gatelet
# A container's port is reached from outside of it.
ENV GATEWAY_LISTEN=0.0.0.0:4566
EXPOSE 4566 4510-4559
ENTRYPOINT ["gatelet"]
