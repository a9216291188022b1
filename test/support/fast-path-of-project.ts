/**
 * Whether gateways of a test use the fast path: as the jest project says (see jest.config.js), else as the environment
 * does, so that any test can be run both ways.
 */
export const FAST_PATH: string =
  (globalThis as { TEST_FAST_PATH?: string }).TEST_FAST_PATH ?? process.env['FAST_PATH'] ?? 'on';
