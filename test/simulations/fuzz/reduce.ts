import type { Canaries } from './checks/canaries.js';
import { type Finding, signature } from './checks/findings.js';
import { NO_ERROR_LINES } from './checks/log-lines.js';
import { judge, NO_INTERNAL_ERROR } from './checks/response-checks.js';
import type { FuzzRequest } from './requests/draft.js';
import { isDeep } from './requests/mutate-json.js';
import { RESPONSE_MS } from './settings.js';
import type { Stage } from './stage.js';
import { Sender } from './wire/sender.js';
import type { WireRequest } from './wire/wire-request.js';

/** Requests per finding. */
const MOST_TRIES = 60;

/** Sends the requests of findings again, and removes what a finding does not need. */
export class Reducer {
  constructor(
    private readonly stage: Stage,
    private readonly canaries: Canaries,
  ) {}

  async reduce(finding: Finding): Promise<void> {
    const { request } = finding;
    if (!request || request.wire.ending !== undefined) return;
    let left = MOST_TRIES;
    const shows = async (wire: WireRequest): Promise<boolean> => {
      left -= 1;
      return left >= 0 && this.#shows(finding, { ...request, wire });
    };
    let { wire } = request;
    if (!(await shows(wire))) return;
    finding.repeatable = true;
    for (let smaller = await this.#smaller(wire, shows); smaller; smaller = await this.#smaller(wire, shows))
      wire = smaller;
    finding.request = { ...request, wire };
  }

  /** Returns the request without one of its parts, if it still shows the finding. */
  async #smaller(
    wire: WireRequest,
    shows: (wire: WireRequest) => Promise<boolean>,
  ): Promise<WireRequest | undefined> {
    for (const smaller of smallerThan(wire)) if (await shows(smaller)) return smaller;
    return undefined;
  }

  async #shows(finding: Finding, request: FuzzRequest): Promise<boolean> {
    const gateway = this.stage.gateways.find(({ name }) => name === finding.gateway);
    if (!gateway) return false;
    const outcome = await new Sender(gateway.url, RESPONSE_MS).alone(request.wire);
    if (typeof outcome === 'string')
      return finding.property === 'a response to every request' && finding.detail === outcome;
    const breaches = judge(request, outcome, this.canaries);
    // The response does not tell which error was logged.
    if (finding.property === NO_ERROR_LINES)
      return breaches.some(({ property }) => property === NO_INTERNAL_ERROR);
    return breaches.some((breach) => signature(breach) === signature(finding));
  }
}

/** Returns the request without one of its parts. */
function* smallerThan(wire: WireRequest): Generator<WireRequest> {
  for (const [index, [name]] of wire.headers.entries())
    // Without these, a request fails for other reasons.
    if (!/^(host|authorization|x-api-key)$/i.test(name))
      yield { ...wire, headers: wire.headers.toSpliced(index, 1) };
  const [path = '', query = ''] = wire.target.split('?', 2);
  const parameters = query === '' ? [] : query.split('&');
  for (const index of parameters.keys())
    yield {
      ...wire,
      target: [path, ...[parameters.toSpliced(index, 1).join('&')].filter(Boolean)].join('?'),
    };
  const { body, ...bodiless } = wire;
  if (body === undefined) return;
  yield bodiless;
  if (isDeep(body.toString())) return;
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    yield { ...wire, body: body.subarray(0, body.length / 2) };
    return;
  }
  if (typeof json !== 'object' || json === null) return;
  for (const key of Object.keys(json)) {
    const { [key]: _, ...rest } = json as Record<string, unknown>;
    yield { ...wire, body: Buffer.from(JSON.stringify(rest)) };
  }
}
