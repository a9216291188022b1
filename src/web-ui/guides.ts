/** A page of `docs/` that the gateway serves at `/docs/<name>`. */
export interface Guide {
  readonly name: string;
  /** In lists of pages; the heading is that of the document. */
  readonly title: string;
  readonly text: string;
}

/** All guides, in groups of readers. */
export const GUIDES: readonly { readonly readers: string; readonly guides: readonly Guide[] }[] = [
  {
    readers: 'For developers',
    guides: [
      {
        name: 'frontend',
        title: 'GraphQL frontends',
        text: 'Connect urql or Apollo Client, page through lists, show errors in forms, wait for new groups.',
      },
      {
        name: 'rest',
        title: 'REST clients',
        text: 'Idempotency keys, entity tags, paging by Link, rate limits, and generated clients.',
      },
      { name: 'paging', title: 'Paging', text: 'By cursor, which misses no group, and by number.' },
      {
        name: 'writes',
        title: 'Writes',
        text: 'Retries, unknown outcomes, creating groups, and what a success means.',
      },
      {
        name: 'sandbox',
        title: 'Sandbox',
        text: 'Test a client against every failure of CAMS, on your machine or in CI.',
      },
      {
        name: 'versioning',
        title: 'Versioning',
        text: 'What may change and when, and how deprecations are announced.',
      },
    ],
  },
  {
    readers: 'For operators',
    guides: [
      {
        name: 'operations',
        title: 'Operations and runbook',
        text: 'Settings, health, metrics and logs, and what to do if something fails.',
      },
      {
        name: 'authentication',
        title: 'Authentication',
        text: 'API keys, tokens, permissions, and how to rotate keys and peppers.',
      },
      {
        name: 'coherence',
        title: 'Coherence',
        text: 'What the page cache guarantees, and how to set up its Redis.',
      },
      {
        name: 'alerts',
        title: 'Alerts',
        text: 'What each alert of Prometheus means, and what to do.',
      },
      { name: 'audit', title: 'Audit', text: 'The audit lines of every write, and the audit file.' },
      {
        name: 'performance',
        title: 'Performance',
        text: 'How the gateway compares with what you would build instead.',
      },
    ],
  },
  {
    readers: 'For contributors',
    guides: [
      {
        name: 'architecture',
        title: 'Architecture',
        text: 'How a request travels through the gateway, a glossary, and which files to edit for a change.',
      },
    ],
  },
];
