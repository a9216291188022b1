import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Media {
  readonly schema?: object;
}
interface Response {
  /** Of a response in `components.responses`, which has everything else. */
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}
type PathItem = Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>;
interface Document {
  readonly components: {
    readonly responses: Readonly<Record<string, Response>>;
    readonly schemas: Readonly<Record<string, { properties?: object; additionalProperties?: boolean }>>;
  };
  readonly paths: Readonly<Record<string, PathItem>>;
}

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as Document;
// Reject fields that no schema declares, in nested objects and lists too.
for (const schema of Object.values(document.components.schemas))
  if (schema.properties) schema.additionalProperties = false;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi.json');

const routes = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
}));
const validators = new Map<string, ValidateFunction>();

/** Throws if `openapi.json` does not declare this response: its status, content type and every field. */
export function assertDeclared(
  method: string,
  path: string,
  status: number,
  type: string | null,
  body: unknown,
): void {
  const route = routes.find(({ pattern }) => pattern.test(path.split('?', 1)[0] ?? ''))?.path;
  const responses =
    route === undefined ? undefined : document.paths[route]?.[method.toLowerCase()]?.responses;
  // Nothing is declared for unknown routes and methods. The tests that request them check the response themselves.
  if (route === undefined || responses === undefined) return;
  // A URL or headers of that length are refused for any route, and no valid call needs them.
  if (status === 414 || status === 431) return;
  const declared = responses[String(status)];
  const shared = declared?.$ref?.split('/').at(-1);
  const response = shared === undefined ? declared : document.components.responses[shared];
  const call = `${method} ${route} → ${status}`;
  if (!response) throw new Error(`${call} is not declared`);
  const media = Object.keys(response.content ?? {});
  if (media.length === 0) {
    if (body !== undefined) throw new Error(`${call} has a body, but none is declared`);
    return;
  }
  const found = media.find((candidate) => type?.startsWith(candidate));
  if (found === undefined) throw new Error(`${call} has content type ${type}, expected ${media.join(', ')}`);
  const owner =
    shared === undefined
      ? ['paths', route, method.toLowerCase(), 'responses', String(status)]
      : ['components', 'responses', shared];
  const pointer = [...owner, 'content', found, 'schema']
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .join('/');
  const validate = validators.get(pointer) ?? compile(pointer);
  if (!validate(body))
    throw new Error(`${call}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body, null, 2)}`);
}

function compile(pointer: string): ValidateFunction {
  const validate = ajv.compile({ $ref: `openapi.json#/${pointer}` });
  validators.set(pointer, validate);
  return validate;
}
