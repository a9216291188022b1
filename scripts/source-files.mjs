// Reads the TypeScript files of a checkout, for the scripts that measure one.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/**
 * The files of a folder, sorted, as paths relative to `root`; none if there is no such folder.
 * @param {string} root
 * @param {string} folder
 * @param {RegExp} pattern
 */
export function filesIn(root, folder, pattern = /\.ts$/) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules/'))
    .toSorted();
}

/** @param {string} path */
export function isSpec(path) {
  return path.endsWith('.spec.ts');
}

/** @param {string} root @param {string} path */
export function textOf(root, path) {
  return readFileSync(join(root, path), 'utf8');
}

/** A file's syntax tree. */
export function parse(root, path) {
  return ts.createSourceFile(path, textOf(root, path), ts.ScriptTarget.Latest, true);
}

/** Lines of a file, as `wc -l` counts them. */
export function linesOf(root, path) {
  return textOf(root, path).split('\n').length - 1;
}
