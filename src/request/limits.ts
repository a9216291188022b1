/** Limits that `RATE_LIMITED` can be about, by name. The first ones are those of the tenants file. */
export const LIMITS = [
  'requestsPerMinute',
  'concurrentRequests',
  'deletesPerHour',
  'stateRecords',
  'failedCredentials',
  'pipelinedRequests',
] as const;
export type LimitName = (typeof LIMITS)[number];
