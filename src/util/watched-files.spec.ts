import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WatchedFiles } from './watched-files.js';

const INTERVAL_MS = 500;

describe('watched files', () => {
  let folder: string;
  let file: string;
  let watched: WatchedFiles;
  let changes: number;

  beforeEach(() => {
    jest.useFakeTimers();
    folder = mkdtempSync(join(tmpdir(), 'watched-'));
    file = join(folder, 'file');
    changes = 0;
    // Like a reader that reads the file again after each change.
    watched = new WatchedFiles(INTERVAL_MS, () => {
      changes += 1;
      watched.aboutToRead(file);
    });
    writeFileSync(file, 'one');
    watched.aboutToRead(file);
    watched.start();
  });
  afterEach(() => {
    watched.close();
    jest.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  const intervals = (count: number): void => {
    jest.advanceTimersByTime(count * INTERVAL_MS);
  };

  it('report nothing while nothing changes', () => {
    intervals(10);
    expect(changes).toBe(0);
  });

  it('report a change once', () => {
    writeFileSync(file, 'one and two');
    intervals(10);
    expect(changes).toBe(1);
  });

  it('wait until a file that is being written stops changing', () => {
    for (let length = 4; length < 10; length++) {
      writeFileSync(file, 'x'.repeat(length));
      intervals(1);
    }
    expect(changes).toBe(0);
    intervals(1);
    expect(changes).toBe(1);
  });

  it('report a change made before the first poll', () => {
    watched.close();
    writeFileSync(file, 'between reading and watching');
    watched.start();
    intervals(2);
    expect(changes).toBe(1);
  });

  it('report nothing after they are closed', () => {
    watched.close();
    writeFileSync(file, 'too late');
    intervals(10);
    expect(changes).toBe(0);
  });
});
