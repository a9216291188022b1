import { assertDeclared } from './declared-answers.js';
import type { Answer, RequestOptions, TestGateway } from './gateway.js';

/**
 * Calls a gateway over HTTP with this API key. Throws if `openapi.json` does not declare a REST response, unless the
 * gateway is of another release (`declared: false`).
 */
export function gatewayClient(
  url: string,
  ownKey: string,
  { declared = true } = {},
): Pick<TestGateway, 'rest' | 'graphql'> {
  const rest = async (path: string, options: RequestOptions = {}): Promise<Answer> => {
    const answer = await ask(url + path, ownKey, options);
    const { status, headers, body } = answer;
    if (declared) assertDeclared(options.method ?? 'GET', path, status, headers.get('content-type'), body);
    return answer;
  };
  return {
    rest,
    graphql: (query, variables = {}, options = {}) =>
      rest('/graphql', { method: 'POST', body: { query, variables }, ...options }),
  };
}

async function ask(
  url: string,
  ownKey: string,
  { key = ownKey, method = 'GET', body, headers = {} }: RequestOptions,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    body: json ? JSON.parse(text) : undefined,
    text,
  };
}
