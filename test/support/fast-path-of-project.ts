/**
 * Whether test gateways use the fast path: the value of the jest project (see jest.config.js), or else of the
 * environment, so that any test can run both ways.
 */
export const FAST_PATH: string =
  (globalThis as { TEST_FAST_PATH?: string }).TEST_FAST_PATH ?? process.env['FAST_PATH'] ?? 'on';
