// Reads the TypeScript files of a checkout, for scripts that measure it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/**
 * Returns the files of a folder, sorted, as paths relative to `root`; none if the folder does not exist.
 * @param {string} root
 * @param {string} folder
 * @param {RegExp} pattern
 */
export function filesIn(root, folder, pattern = /\.ts$/) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(?:^|\/)(?:node_modules|generated)\//.test(path))
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

/** Returns a file's syntax tree. */
export function parse(root, path) {
  return ts.createSourceFile(path, textOf(root, path), ts.ScriptTarget.Latest, true);
}

/** Returns the number of lines of a file, as counted by `wc -l`. */
export function linesOf(root, path) {
  return textOf(root, path).split('\n').length - 1;
}
