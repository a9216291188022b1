# syntax=docker/dockerfile:1
# Pins the base image to its content, since a tag can be moved: --build-arg NODE_DIGEST=@sha256:… (see docs/operations.md)
ARG NODE_DIGEST=
FROM node:24.21.0-bookworm-slim${NODE_DIGEST} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24.21.0-bookworm-slim${NODE_DIGEST}
ENV NODE_ENV=production HOST=0.0.0.0 MANAGEMENT_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/scripts/run.mjs ./scripts/
COPY --from=build /app/docs ./docs
# Only for the sandbox, which never starts in production.
COPY --from=build /app/config/tenants.sandbox.yaml ./config/
# The user `node`. As a number, because Kubernetes cannot tell from a name that it is not root (runAsNonRoot).
USER 1000:1000
EXPOSE 3000 3001
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.MANAGEMENT_PORT || 3001) + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "scripts/run.mjs", "start:prod"]
