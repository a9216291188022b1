import { createHash, createHmac, randomUUID } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';

/** A call to a sandbox that is signed by hand, so that it can be wrong in any way. */
export interface RawCall {
  readonly protocol: 'ACS3' | 'V1';
  readonly method: 'GET' | 'POST';
  /** The method to send, if it differs from the one that was signed. */
  readonly sentAs?: 'GET' | 'POST';
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Where a V1 POST has its parameters: in a form, in the query, or the operation's in a form and the rest in the query. */
  readonly place?: 'form' | 'query' | 'both';
  readonly secret?: string;
  /**
   * Changes to the protocol's own headers (ACS3) or parameters (V1) before the request is signed. `undefined` removes one.
   */
  readonly changes?: Readonly<Record<string, string | undefined>>;
  /** Changes to the same after the request was signed. */
  readonly changesAfter?: Readonly<Record<string, string | undefined>>;
  /** Time of the call, ms. */
  readonly now?: number;
}

/** A response as it arrived. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Signs and sends one call. ACS3 has its parameters in the query. */
export async function callRaw(url: string, call: RawCall): Promise<RawAnswer> {
  return call.protocol === 'ACS3' ? callAcs3(url, call) : callV1(url, call);
}

async function callAcs3(url: string, call: RawCall): Promise<RawAnswer> {
  const { method, action, parameters, secret = 'sandbox-secret', changes, changesAfter } = call;
  const query = canonical(parameters);
  const bodyHash = createHash('sha256').update('').digest('hex');
  const headers = defined({
    host: new URL(url).host,
    'x-acs-action': action,
    'x-acs-version': '2020-06-06',
    'x-acs-date': dateOf(call),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': bodyHash,
    ...changes,
  });
  const names = Object.keys(headers).toSorted();
  const signed = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const hash = createHash('sha256').update(
    [method, '/', query, signed, names.join(';'), bodyHash].join('\n'),
  );
  const signature = createHmac('sha256', secret)
    .update(`ACS3-HMAC-SHA256\n${hash.digest('hex')}`)
    .digest('hex');
  const authorization = `ACS3-HMAC-SHA256 Credential=sandbox,SignedHeaders=${names.join(';')},Signature=${signature}`;
  return send(
    `${url}/?${query}`,
    call.sentAs ?? method,
    defined({ ...headers, authorization, ...changesAfter }),
  );
}

async function callV1(url: string, call: RawCall): Promise<RawAnswer> {
  const { method, action, parameters, secret = 'sandbox-secret', changes, changesAfter } = call;
  const unsigned = defined({
    Action: action,
    Version: '2020-06-06',
    Format: 'JSON',
    AccessKeyId: 'sandbox',
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: dateOf(call),
    ...parameters,
    ...changes,
  });
  const toSign = [method, '%2F', encode(canonical(unsigned))].join('&');
  const Signature = createHmac('sha1', `${secret}&`).update(toSign).digest('base64');
  const all = defined({ ...unsigned, Signature, ...changesAfter });
  const place = method === 'GET' ? 'query' : (call.place ?? 'form');
  const inForm = (name: string): boolean => place === 'form' || (place === 'both' && name in parameters);
  const part = (isForm: boolean): string =>
    canonical(Object.fromEntries(Object.entries(all).filter(([name]) => inForm(name) === isForm)));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(`${url}/?${part(false)}`, call.sentAs ?? method, method === 'GET' ? {} : headers, part(true));
}

async function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body = '',
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    })
      .on('error', reject)
      .end(body);
  });
}

function dateOf({ now = Date.now() }: RawCall): string {
  return new Date(now).toISOString().replace(/\.\d+Z/, 'Z');
}

function canonical(parameters: Readonly<Record<string, string>>): string {
  return Object.keys(parameters)
    .toSorted()
    .map((name) => `${encode(name)}=${encode(parameters[name] ?? '')}`)
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function defined(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
}
