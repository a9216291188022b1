import type { Step } from '../broken-build.js';

export const STEPS: Readonly<Record<string, Step>> = {
  sent: {
    what: 'send a write without recording that first',
    file: 'idempotency/write-recorder.js',
    from: /async sending\(facts\) \{/,
    to: 'async sending(facts) { this.#sentAtMs = performance.now(); return;',
  },
};
