// Measures how a checkout is laid out: `npm run structure [-- --root FOLDER] [--json] [--verbose] [--check]`.
// It only reads the code, so an older checkout needs no installed packages.
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { filesIn, isSpec, linesOf, parse, textOf } from './source-files.mjs';

/** Limits for `--check`. */
const LIMITS = {
  rooms: 8,
  arrows: 22,
  // 600 when the folder was created, plus some room for fixes, 12 for remembered variables, and 10 for suspended requests and infinite numbers.
  fastPathLines: 672,
  constructorDependencies: 5,
  longFiles: 0,
};
const LABELS = {
  rooms: 'rooms in src/chat-groups',
  arrows: 'arrows between them',
  sourceLines: 'lines of src, without specs',
  fastPathLines: 'lines of the fast path',
  constructorDependencies: 'constructor dependencies, at most',
  longFiles: 'files over 300 lines',
  shortFilesPercent: 'files of src under 80 lines, %',
};
const MAX_LINES = 300;
const SHORT_LINES = 80;
const ROOMS = 'src/chat-groups';
const INJECTED = new Set(['Injectable', 'Controller', 'Resolver', 'Catch']);
/**
 * The files of the fast path before it had a folder: compiled queries, memoized responses, REST lists and the Nest
 * bypass.
 */
const FAST_PATH_BEFORE = {
  'src/graphql': [
    'compilable-operation',
    'compiled-execution',
    'compiled-queries',
    'compiled-queries.module',
    'compiled-query',
    'error-races',
    'flat-selections',
    'format-result',
    'known-answers',
    'known-queries',
    'lift-literals',
    'resolved-query',
    'selected-operation',
    'without-tokens',
  ],
  'src/chat-groups': ['direct-lists', 'direct-resolvers'],
  'src/common': ['past-nest', 'send-when-there'],
};

/** Returns the relative imports of a file, type imports included, as paths of source files. */
function importsOf(root, path) {
  return ts
    .preProcessFile(textOf(root, path))
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(path), fileName.replace(/\.js$/, '.ts'))));
}

/** Returns the room of a file: the child of the rooms' folder that it is or is in. `undefined` outside that folder. */
function roomOf(path) {
  return path.startsWith(`${ROOMS}/`) ? path.slice(ROOMS.length + 1).split('/')[0] : undefined;
}

function measureRooms(root, sources) {
  const inside = sources.filter((path) => roomOf(path) !== undefined);
  const arrows = inside.flatMap((path) => {
    const from = roomOf(path);
    return importsOf(root, path)
      .map(roomOf)
      .filter((to) => to !== undefined && to !== from)
      .map((to) => `${from} → ${to}`);
  });
  return { rooms: [...new Set(inside.map(roomOf))], arrows: [...new Set(arrows)].toSorted() };
}

function fastPathFiles(root, sources) {
  if (existsSync(join(root, 'src/fast-path')))
    return sources.filter((path) => path.startsWith('src/fast-path/'));
  return sources.filter((path) =>
    FAST_PATH_BEFORE[dirname(path)]?.includes(path.slice(dirname(path).length + 1, -'.ts'.length)),
  );
}

/** Returns the classes that Nest constructs, with the number of constructor parameters, most first. */
function constructorDependencies(root, sources) {
  return sources
    .flatMap((path) => parse(root, path).statements.filter(ts.isClassDeclaration))
    .filter((node) => ts.getDecorators(node)?.some((decorator) => INJECTED.has(decoratorName(decorator))))
    .map((node) => ({
      name: node.name?.text ?? 'default',
      count: node.members.find(ts.isConstructorDeclaration)?.parameters.length ?? 0,
    }))
    .toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

function decoratorName({ expression }) {
  const callee = ts.isCallExpression(expression) ? expression.expression : expression;
  return ts.isIdentifier(callee) ? callee.text : undefined;
}

function measure(root) {
  const sources = filesIn(root, 'src').filter((path) => !isSpec(path));
  if (sources.length === 0) throw new Error(`No TypeScript files in ${join(root, 'src')}`);
  const all = [
    ...filesIn(root, 'src'),
    ...filesIn(root, 'test'),
    ...filesIn(root, 'bench'),
    ...filesIn(root, 'scripts', /\.m?[jt]s$/),
  ];
  const lines = new Map(all.map((path) => [path, linesOf(root, path)]));
  const sum = (paths) => paths.reduce((total, path) => total + lines.get(path), 0);
  const { rooms, arrows } = measureRooms(root, sources);
  const fastPath = fastPathFiles(root, sources);
  const classes = constructorDependencies(root, sources);
  const most = classes[0]?.count ?? 0;
  const longFiles = all.filter((path) => lines.get(path) > MAX_LINES);
  const short = sources.filter((path) => lines.get(path) < SHORT_LINES);
  return {
    figures: {
      rooms: rooms.length,
      arrows: arrows.length,
      sourceLines: sum(sources),
      fastPathLines: sum(fastPath),
      constructorDependencies: most,
      longFiles: longFiles.length,
      shortFilesPercent: Math.round((short.length / sources.length) * 100),
    },
    details: {
      rooms,
      arrows,
      fastPathLines: fastPath.map((path) => `${lines.get(path)} ${path}`),
      constructorDependencies: classes
        .filter(({ count }) => count === most || count > LIMITS.constructorDependencies)
        .map(({ name, count }) => `${count} ${name}`),
      longFiles: longFiles.map((path) => `${lines.get(path)} ${path}`),
    },
  };
}

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: join(import.meta.dirname, '..') },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});
const { figures, details } = measure(values.root);
const exceeded = Object.keys(LIMITS).filter((name) => figures[name] > LIMITS[name]);

/** Always printed, because they show where to start; other details only with `--verbose`. */
const ALWAYS_DETAILED = new Set(['constructorDependencies', 'longFiles']);

if (values.json) {
  console.log(JSON.stringify({ ...figures, details }, null, 2));
} else {
  for (const [name, figure] of Object.entries(figures)) {
    const limit = LIMITS[name] === undefined ? '' : `  (limit ${LIMITS[name]})`;
    console.log(`${LABELS[name].padEnd(36)}${String(figure).padStart(7)}${limit}`);
    if (!values.verbose && !ALWAYS_DETAILED.has(name)) continue;
    for (const detail of details[name] ?? []) console.log(`    ${detail}`);
  }
}
if (values.check && exceeded.length > 0) {
  console.error(`Over the limit: ${exceeded.map((name) => LABELS[name]).join('; ')}`);
  process.exitCode = 1;
}
