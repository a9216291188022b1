import { expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from './config.js';

it.each([
  ['CACHE_STALE_MS', 'CACHE_STALE_WHILE_REVALIDATE_MS'],
  ['CACHE_ERROR_MS', 'CACHE_STALE_IF_ERROR_MS'],
])('rejects the old setting name %s and reports the new name %s', (oldName, newName) => {
  expect(() => loadConfig({ [oldName]: '1000' })).toThrow(
    new ConfigError([`${oldName} was renamed: set ${newName} instead`]),
  );
  expect(() => loadConfig({ [newName]: '1000' })).not.toThrow();
});
