/** How a sandbox listens and behaves. The sandbox declares this itself, so that it depends on nothing of the gateway. */
export interface SandboxSettings {
  readonly host: string;
  /** 0 stands for a free port. */
  readonly port: number;
  /** Take a free port where `port` is in use. */
  readonly fallbackToFreePort: boolean;
  /** A new group is not listed for that long. */
  readonly unlistedMs: number;
  /** Then it is listed as `CREATING` for that long. */
  readonly creatingMs: number;
  /** Lists show the state of that long ago. */
  readonly listLagMs: number;
  /** Calls a second before it throttles; `null`: never. */
  readonly qps: number | null;
  readonly limits?: Partial<SandboxLimits>;
}

/** What the upstream refuses to exceed. Lengths count code points after trimming. */
export interface SandboxLimits {
  readonly groupsPerNumber: number;
  readonly membersPerGroup: number;
  readonly subjectLength: number;
  readonly descriptionLength: number;
  /** Nobody documented the largest `Page.Size`; a larger one is rejected here, and `short-page` plays a clamp. */
  readonly pageSize: number;
}

/** Meta's limits as the vendor states them. */
const DEFAULT_LIMITS: SandboxLimits = {
  groupsPerNumber: 10_000,
  membersPerGroup: 8,
  subjectLength: 128,
  descriptionLength: 2_048,
  pageSize: 1_000,
};

/** The part of the settings that can change while the sandbox runs. */
export interface Behaviour {
  unlistedMs: number;
  creatingMs: number;
  listLagMs: number;
  qps: number | null;
  limits: SandboxLimits;
}

/** The behaviour that a sandbox starts with, and that a reset brings back. */
export function behaviourOf(settings: SandboxSettings): Behaviour {
  const { unlistedMs, creatingMs, listLagMs, qps, limits } = settings;
  return { unlistedMs, creatingMs, listLagMs, qps, limits: { ...DEFAULT_LIMITS, ...limits } };
}
