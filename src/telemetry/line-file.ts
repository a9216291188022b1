import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

interface OpenFile {
  readonly handle: FileHandle;
  readonly dev: bigint;
  readonly ino: bigint;
}

const NEWLINE = 0x0a;
/** Accessible only to the gateway's user. An existing file keeps its permissions. */
const MODE = 0o600;

/**
 * A file to append lines to. Log rotation may rename or remove it at any time; the next lines then go to a new file of
 * that name. Appends must not overlap within a process; several processes may share the file.
 */
export class LineFile {
  #file: OpenFile | undefined;
  /** Whether the file ends with an incomplete line, after a crash or on a full disk. */
  #torn = false;

  constructor(private readonly path: string) {}

  /** Resolves when the lines, each with its newline, are on disk. After an error it is unknown how many of them are. */
  async append(lines: string): Promise<void> {
    try {
      const handle = await this.#current();
      await handle.appendFile(this.#torn ? `\n${lines}` : lines);
      await handle.sync();
      this.#torn = false;
    } catch (error) {
      // After a failed sync, the next sync of this handle may succeed without writing the data. Use a new handle.
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #current(): Promise<FileHandle> {
    const there = await stat(this.path, { bigint: true }).catch(unlessMissing);
    const file = this.#file;
    if (file && there && file.ino === there.ino && file.dev === there.dev) return file.handle;
    await this.close();
    const handle = await open(this.path, 'a+', MODE);
    try {
      const { dev, ino, size } = await handle.stat({ bigint: true });
      this.#torn = size > 0n && (await lastByte(handle, size)) !== NEWLINE;
      if (there === undefined) await syncFolder(dirname(this.path));
      this.#file = { handle, dev, ino };
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}

async function lastByte(handle: FileHandle, size: bigint): Promise<number | undefined> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1n });
  return buffer[0];
}

/** Syncs the folder: the entry of a new file is part of its folder and is not covered by the file's own sync. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
