const CR = 13;

/** Splits a stream of the Redis protocol (RESP2) into whole messages. */
export class RespFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Adds a chunk and returns the messages that are now complete, unchanged. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    let start = 0;
    for (;;) {
      const end = endOf(this.#rest, start);
      if (end === undefined) break;
      frames.push(this.#rest.subarray(start, end));
      start = end;
    }
    this.#rest = this.#rest.subarray(start);
    return frames;
  }
}

/** Returns the words of a command. */
export function wordsOf(frame: Buffer): string[] {
  const words: string[] = [];
  let place = (lineEnd(frame, 0) ?? 0) + 2;
  while (place < frame.length) {
    const end = lineEnd(frame, place) ?? frame.length;
    const length = Number(frame.toString('latin1', place + 1, end));
    words.push(frame.toString('utf8', end + 2, end + 2 + length));
    place = end + 2 + length + 2;
  }
  return words;
}

/** Returns where the message starting at `start` ends; `undefined` while it is incomplete. */
function endOf(buffer: Buffer, start: number): number | undefined {
  const end = lineEnd(buffer, start);
  if (end === undefined) return undefined;
  const type = String.fromCharCode(buffer[start] ?? 0);
  const count = Number(buffer.toString('latin1', start + 1, end));
  if (type === '$') {
    const bulkEnd = count < 0 ? end + 2 : end + 2 + count + 2;
    return bulkEnd <= buffer.length ? bulkEnd : undefined;
  }
  let place: number | undefined = end + 2;
  if (type === '*')
    for (let item = 0; item < count && place !== undefined; item++) place = endOf(buffer, place);
  return place;
}

function lineEnd(buffer: Buffer, start: number): number | undefined {
  const end = buffer.indexOf(CR, start);
  return end < 0 || end + 1 >= buffer.length ? undefined : end;
}
