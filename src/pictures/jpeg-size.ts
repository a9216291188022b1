/** Size of a picture in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const START_OF_IMAGE = 0xd8;
/** End of the image and start of its data: the frame, which has the size, comes before them. */
const AFTER_FRAME: ReadonlySet<number> = new Set([0xd9, 0xda]);
/** Tables with codes among those of frames. */
const NOT_FRAMES: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

/**
 * Reads the size of a JPEG from its segments, without decoding it and without keeping its bytes. Its work is proportional
 * to the number of bytes, whatever they are. Source: ITU-T T.81, annex B.
 */
export class JpegSize {
  readonly #reading = readSize();
  #skip: number;
  #result: PictureSize | 'not a JPEG' | undefined;

  constructor() {
    this.#skip = this.#reading.next().value as number;
  }

  /** Reads the next bytes. Returns the size once it is known; `undefined` if more bytes are needed. */
  read(bytes: Uint8Array): PictureSize | 'not a JPEG' | undefined {
    for (let at = this.#skip; ; at += this.#skip + 1) {
      const byte = bytes[at];
      if (this.#result !== undefined) return this.#result;
      if (byte === undefined) {
        this.#skip = at - bytes.length;
        return undefined;
      }
      const step = this.#reading.next(byte);
      if (step.done === true) this.#result = step.value ?? 'not a JPEG';
      else this.#skip = step.value;
    }
  }
}

/** Yields how many bytes to skip, and is given the one after them. Returns `undefined` if they are not those of a JPEG. */
function* readSize(): Generator<number, PictureSize | undefined, number> {
  if ((yield 0) !== 0xff || (yield 0) !== START_OF_IMAGE) return undefined;
  for (let rest = 0; ;) {
    if ((yield rest) !== 0xff) return undefined;
    let marker = yield 0;
    // Any number of fill bytes may precede a marker.
    while (marker === 0xff) marker = yield 0;
    if (marker < 0xc0 || marker === START_OF_IMAGE || AFTER_FRAME.has(marker)) return undefined;
    const length = (yield 0) * 256 + (yield 0);
    if (length < 2) return undefined;
    rest = length - 2;
    if (marker > 0xcf || NOT_FRAMES.has(marker)) continue;
    // After the precision.
    const height = (yield 1) * 256 + (yield 0);
    const width = (yield 0) * 256 + (yield 0);
    // A height of 0 would follow the data.
    return width > 0 && height > 0 ? { width, height } : undefined;
  }
}
