/**
 * Returns what `create` returns, an error without a stack. Collecting one takes up to a third of the time of a refusal, and
 * nobody sees it: of a fault of the gateway, the log has the stack of its cause.
 */
export function withoutStack<T extends Error>(create: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return create();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
