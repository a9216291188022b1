import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: '../../../openapi.json',
  // Node runs the TypeScript as it is, so the imports must name files.
  output: { path: 'generated', module: { extension: '.ts' } },
});
