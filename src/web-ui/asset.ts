import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const gzipped = promisify(gzip);

/** One encoding of an asset, with its own strong ETag. */
export interface AssetBody {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly encoding?: 'gzip';
}

interface LoadedAsset {
  readonly plain: AssetBody;
  readonly gzip: AssetBody;
}

/**
 * A file that pages refer to. Its path contains a version or digest, so that browsers may cache it forever.
 * The content is loaded and compressed on first use rather than at startup: the largest file is 5 MB.
 */
export class Asset {
  private loading: Promise<LoadedAsset> | undefined;

  constructor(
    readonly path: string,
    readonly contentType: string,
    private readonly load: () => Promise<string | Buffer>,
  ) {}

  /** Returns an asset with this text. The `*` in `path` is replaced with its digest. */
  static ofText(path: string, contentType: string, text: string): Asset {
    return new Asset(path.replace('*', digest(text).slice(0, 12)), contentType, () => Promise.resolve(text));
  }

  async body(acceptEncoding: string | undefined): Promise<AssetBody> {
    this.loading ??= this.read().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    const loaded = await this.loading;
    return acceptsGzip(acceptEncoding) ? loaded.gzip : loaded.plain;
  }

  private async read(): Promise<LoadedAsset> {
    const bytes = Buffer.from(await this.load());
    const tag = digest(bytes).slice(0, 32);
    return {
      plain: { bytes, etag: `"${tag}"` },
      gzip: { bytes: await gzipped(bytes), etag: `"${tag}-gzip"`, encoding: 'gzip' },
    };
  }
}

function digest(content: string | Buffer): string {
  return hash('sha256', content);
}

function acceptsGzip(header = ''): boolean {
  const [, quality] = /(?:^|,)\s*gzip\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/i.exec(header) ?? [undefined, '0'];
  return Number(quality ?? 1) > 0;
}
