import { Site } from '../servers/site.js';

/** Anything but an answer to what was asked. */
export const EXIT_FAILED = 2;

/** Lends a site to `act`; when that is done, or a signal comes, the site ends with all that stands on it. */
export async function onSite<T>(act: (site: Site) => Promise<T>): Promise<T> {
  const site = await Site.open();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // A second time it is meant: children are killed on the way out.
      process.once(signal, () => process.exit(EXIT_FAILED));
      void site.close().finally(() => process.exit(EXIT_FAILED));
    });
  }
  try {
    return await act(site);
  } finally {
    await site.close();
  }
}
