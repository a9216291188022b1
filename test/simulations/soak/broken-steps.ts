import type { Step } from '../broken-build.js';

/** What `--leak` makes the gateways keep. */
export const LEAKS: Readonly<Record<string, Step>> = {
  requests: {
    what: 'keep the context of every request',
    file: 'telemetry/request-log.js',
    from: /write\(\{ context(.*?)\}\) \{/,
    to: 'write({ context$1}) { (globalThis.leaked ??= []).push(context);',
  },
  timers: {
    what: 'start a timer for every request and never stop it',
    file: 'telemetry/request-log.js',
    from: /write\(\{ context(.*?)\}\) \{/,
    to: 'write({ context$1}) { setInterval(() => context, 86_400_000);',
  },
  descriptors: {
    what: 'open a file for every fifth request and never close it',
    file: 'telemetry/request-log.js',
    from: /write\(\{ context(.*?)\}\) \{/,
    to: "write({ context$1}) { if ((globalThis.counted = (globalThis.counted ?? 0) + 1) % 5 === 0) process.getBuiltinModule('node:fs').openSync('/dev/null');",
  },
};
