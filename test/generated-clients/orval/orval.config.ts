import { defineConfig } from 'orval';

export default defineConfig({
  gateway: {
    input: '../../../openapi.json',
    output: {
      target: 'generated/gateway.ts',
      client: 'fetch',
      mode: 'single',
      clean: true,
      baseUrl: { runtime: "process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:3000'" },
      // By default, Orval inserts path parameters as they are.
      urlEncodeParameters: true,
    },
  },
});
