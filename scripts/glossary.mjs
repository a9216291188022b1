// Finds names that the glossary has replaced: `npm run glossary [-- --root FOLDER]`.
// Exits with 1 if there are any, or if two exported types of src share a name.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { MEMBERS, NAMES, PATHS, SETTINGS } from './glossary-words.mjs';
import { filesIn, parse, textOf } from './source-files.mjs';

/** The code that rejects old settings by name, and its test. */
const MAY_NAME_OLD_SETTINGS = new Set([
  'src/config/renamed-settings.ts',
  'src/config/renamed-settings.spec.ts',
]);

const replacements = new Map(
  Object.entries(NAMES).flatMap(([word, replacement]) =>
    spellings(word).map((spelling, index) => [
      spelling,
      { word, replacement: spellings(replacement)[index] ?? replacement },
    ]),
  ),
);

function spellings(word) {
  if (!word.includes('-')) return [word];
  const camel = word.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  return [word, camel, camel[0].toUpperCase() + camel.slice(1)];
}

/**
 * Returns the names that a file exports. In src, also its internal types and functions: a second meaning confuses
 * there, too.
 */
function namesOf(statement, path) {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    if (!exportClause) return [];
    return (ts.isNamedExports(exportClause) ? exportClause.elements : [exportClause]).map(
      ({ name }) => name.text,
    );
  }
  if (!isExported(statement) && !path.startsWith('src/')) return [];
  if (ts.isVariableStatement(statement))
    return isExported(statement)
      ? statement.declarationList.declarations.flatMap(({ name }) => boundNames(name))
      : [];
  return statement.name ? [statement.name.text] : [];
}

function boundNames(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (element.name ? boundNames(element.name) : []));
}

function isType(statement) {
  return [
    ts.isClassDeclaration,
    ts.isInterfaceDeclaration,
    ts.isTypeAliasDeclaration,
    ts.isEnumDeclaration,
  ].some((is) => is(statement));
}

function isExported({ modifiers }) {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function findingsIn(root, path) {
  const { statements } = parse(root, path);
  const names = [basename(path).split('.')[0], ...statements.flatMap((one) => namesOf(one, path))];
  const members = new Set(
    statements
      .filter((statement) => ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement))
      .flatMap(({ name, members }) => members.map((member) => [name?.text, member.name?.text]))
      .flatMap(([owner, member]) => [`${owner}.${member}`, `*.${member}`]),
  );
  return [
    ...[...new Set(names)].flatMap((name) => {
      const found = replacements.get(name);
      return found ? [{ path, word: found.word, name, replacement: found.replacement }] : [];
    }),
    ...lookUp(MEMBERS, path, (word) => members.has(word)),
    ...lookUp(PATHS, path, (word) => path.startsWith(`${word}/`) || path.split('.')[0] === word),
  ];
}

function lookUp(table, path, has) {
  return Object.entries(table)
    .filter(([word]) => has(word))
    .map(([word, replacement]) => ({ path, word, name: word, replacement }));
}

function settingsIn(root, path) {
  if (MAY_NAME_OLD_SETTINGS.has(path)) return [];
  const text = textOf(root, path);
  return lookUp(SETTINGS, path, (word) => new RegExp(`\\b${word}\\b`).test(text));
}

/** Returns names of exported types that several files of src declare. */
function sharedTypeNames(root, sources) {
  const types = sources.flatMap((path) =>
    parse(root, path)
      .statements.filter((statement) => isType(statement) && isExported(statement))
      .map(({ name }) => ({ name: name?.text, path })),
  );
  return Object.entries(Object.groupBy(types, ({ name }) => name))
    .map(([name, declared]) => ({ name, paths: [...new Set(declared.map(({ path }) => path))] }))
    .filter(({ paths }) => paths.length > 1);
}

const { values } = parseArgs({
  options: { root: { type: 'string', default: join(import.meta.dirname, '..') } },
});
const { root } = values;
const files = ['src', 'test', 'bench', 'scripts'].flatMap((folder) => filesIn(root, folder, /\.m?[jt]s$/));
const sources = filesIn(root, 'src');
const settings = existsSync(join(root, '.env.example')) ? [...sources, '.env.example'] : sources;
const findings = [
  ...files.flatMap((path) => findingsIn(root, path)),
  ...settings.flatMap((path) => settingsIn(root, path)),
];
const shared = sharedTypeNames(root, sources);

for (const { path, name, replacement } of findings) console.log(`${path}: ${name} -> ${replacement}`);
for (const { name, paths } of shared) console.log(`${paths.join(', ')}: ${name} -> one type per name`);
const found = new Set(findings.map(({ word }) => word)).size;
const words = [NAMES, MEMBERS, PATHS, SETTINGS].reduce((sum, table) => sum + Object.keys(table).length, 0);
console.log(`${found} of ${words} words found in ${files.length} files; ${shared.length} shared type names`);
if (findings.length + shared.length > 0) process.exitCode = 1;
