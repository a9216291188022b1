/** A wait that can be called off. */
export interface Timer {
  readonly over: Promise<void>;
  readonly cancel: () => void;
}

export function startTimer(ms: number): Timer {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = setTimeout(resolve, ms);
  return { over: promise, cancel: () => clearTimeout(handle) };
}
