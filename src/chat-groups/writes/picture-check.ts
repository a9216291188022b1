import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { validationFailed } from '../../errors/gateway-error.js';
import type { GroupChanges } from '../model/group-changes.js';
import { pictureHostFault } from '../model/picture-url.js';
import { PictureDownload, publicInternet } from '../../pictures/picture-download.js';

/** Checks new pictures as far as `PICTURE_CHECK` says. The form of a URL is checked with the other input. */
@Injectable()
export class PictureCheck {
  readonly #download: PictureDownload;

  constructor(private readonly config: Config) {
    this.#download = new PictureDownload(publicInternet(config.pictures.proxyFor));
  }

  /** Checks where the picture would be fetched from. Throws `VALIDATION_FAILED`. Call it before anything is sent or recorded. */
  requireUrl({ profilePictureUrl }: GroupChanges): void {
    if (profilePictureUrl === undefined || this.config.pictures.check === 'off') return;
    refuse(pictureHostFault(profilePictureUrl));
  }

  /** Fetches and checks the picture, unless `PICTURE_CHECK` says otherwise. Throws `VALIDATION_FAILED`. Call it before the write is sent. */
  async requirePicture({ profilePictureUrl }: GroupChanges, maxMs: number): Promise<void> {
    if (profilePictureUrl === undefined || this.config.pictures.check !== 'fetch') return;
    refuse(await this.#download.fault(profilePictureUrl, maxMs));
  }
}

function refuse(message: string | undefined): void {
  if (message !== undefined) throw validationFailed([{ field: 'profilePictureUrl', message }]);
}
