import { Run } from '../servers/run.js';

/** The run failed, so there is no result. */
export const EXIT_FAILED = 2;

/**
 * Opens a run for `act`. Closes it, with everything it started, when `act` is done or a signal arrives. `against` is
 * the folder of another build.
 */
export async function withRun<T>(act: (run: Run) => Promise<T>, against?: string): Promise<T> {
  const run = await Run.open(against);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // A second signal exits at once; the exit handler kills the children.
      process.once(signal, () => process.exit(EXIT_FAILED));
      void run.close().finally(() => process.exit(EXIT_FAILED));
    });
  }
  try {
    return await act(run);
  } finally {
    await run.close();
  }
}
