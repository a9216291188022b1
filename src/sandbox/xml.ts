import { isRecord } from '../util/is-record.js';
import { parseJson } from '../util/parse-json.js';
import type { Answer } from './responses.js';

/** Returns the same response in the vendor's XML. A body that is not a JSON object, as faults send it, stays as it is. */
export function asXml(answer: Answer, action: string): Answer {
  const body = parseJson(answer.body);
  if (!isRecord(body)) return answer;
  // The product's own errors have HTTP 200 and the root of the operation.
  const root = answer.status === 200 ? `${action}Response` : 'Error';
  return {
    ...answer,
    contentType: 'text/xml;charset=utf-8',
    body: `<?xml version="1.0" encoding="UTF-8"?>${element(root, body)}`,
  };
}

/** A list becomes one element for each item, all with the name of the list. */
function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  const content = isRecord(value)
    ? Object.entries(value)
        .map(([field, inner]) => element(field, inner))
        .join('')
    : escape(String(value));
  return `<${name}>${content}</${name}>`;
}

function escape(text: string): string {
  return text.replace(/[&<>\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
