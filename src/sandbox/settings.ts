/** How a sandbox listens and behaves. Declared here so that the sandbox does not depend on the gateway. */
export interface SandboxSettings {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Whether to pick a free port if `port` is in use. */
  readonly fallbackToFreePort: boolean;
  /** How long a new group is not listed, ms. */
  readonly unlistedMs: number;
  /** How long it is then listed as `CREATING`, ms. */
  readonly creatingMs: number;
  /** How far lists lag behind the current state, ms. */
  readonly listLagMs: number;
  /** Calls per second before it throttles. `null` disables throttling. */
  readonly qps: number | null;
  readonly limits?: Partial<SandboxLimits>;
}

/** Limits that the upstream enforces. Lengths are in code points after trimming. */
export interface SandboxLimits {
  readonly groupsPerNumber: number;
  readonly membersPerGroup: number;
  readonly subjectLength: number;
  readonly descriptionLength: number;
  /** Maximum `Page.Size`. The real one is undocumented: larger values are rejected; `short-page` simulates a clamp. */
  readonly pageSize: number;
}

/** Meta's limits as documented by the vendor. */
const DEFAULT_LIMITS: SandboxLimits = {
  groupsPerNumber: 10_000,
  membersPerGroup: 8,
  subjectLength: 128,
  descriptionLength: 2_048,
  pageSize: 1_000,
};

/** The settings that can change while the sandbox runs. */
export interface Behaviour {
  unlistedMs: number;
  creatingMs: number;
  listLagMs: number;
  qps: number | null;
  /** How far the clock by which it judges and dates messages is ahead of the real one, ms. May be negative. */
  clockOffsetMs: number;
  limits: SandboxLimits;
}

/** Returns the initial behaviour of a sandbox, which a reset restores. */
export function behaviourOf(settings: SandboxSettings): Behaviour {
  const { unlistedMs, creatingMs, listLagMs, qps, limits } = settings;
  return {
    unlistedMs,
    creatingMs,
    listLagMs,
    qps,
    clockOffsetMs: 0,
    limits: { ...DEFAULT_LIMITS, ...limits },
  };
}
