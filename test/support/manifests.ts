import { spawnSync } from 'node:child_process';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A class of the packages `kubernetes-models`. */
type Model = new (manifest: Manifest) => { validate(): void };

/** Renders a folder as `kubectl apply -k` does. Needs no cluster. */
export function renderManifests(folder: string): Manifest[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`kubectl kustomize ${folder} failed: ${stderr}`);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

/** Returns what the API server would reject: values that its schemas do not allow, and fields that they do not have. */
export async function faultsOf(manifests: readonly Manifest[]): Promise<string[]> {
  const invalid = await Promise.all(manifests.map(invalidValues));
  return [...invalid.flat(), ...unknownFields(manifests)];
}

async function invalidValues(manifest: Manifest): Promise<string[]> {
  const models = (await import(moduleOf(manifest))) as Record<string, Model>;
  const ModelOfKind = models[manifest.kind];
  if (ModelOfKind === undefined) throw new Error(`${moduleOf(manifest)} has no ${manifest.kind}.`);
  try {
    new ModelOfKind(manifest).validate();
    return [];
  } catch (error) {
    return [`${manifest.kind}: ${(error as Error).message}`];
  }
}

/** The schemas allow unknown fields. The types do not: the compiler checks the manifests as object literals. */
function unknownFields(manifests: readonly Manifest[]): string[] {
  const file = new URL('manifests-as-literals.ts', import.meta.url).pathname;
  const text = manifests
    .map((one, index) => {
      const type = `import('${moduleOf(one)}').I${one.kind}`;
      return `export const manifest${index}: ${type} = ${JSON.stringify(one, null, 2)};`;
    })
    .join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = (name) => name === file || disk.fileExists(name);
  host.getSourceFile = (name, version) =>
    name === file ? ts.createSourceFile(name, text, version) : disk.getSourceFile(name, version);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText, start = 0 }) => {
    const line = text.slice(text.lastIndexOf('\n', start) + 1, text.indexOf('\n', start)).trim();
    return `${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** The packages have a folder for each version of an API. */
function moduleOf({ apiVersion, kind }: Manifest): string {
  const name = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  return `${name}/${apiVersion}/${kind}`;
}
