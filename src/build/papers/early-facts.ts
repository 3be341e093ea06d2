import type { ImageSpec } from '../../config/spec.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { Session } from '../session.ts';
import { fileSha1s } from './file-sha1.ts';
import { readLicences } from './licences.ts';
import { type FileSources, fileSources } from './sbom-sources.ts';

/** What the papers of a platform need and its image does not, found out while the layers are written. */
export interface EarlyFacts {
  /** Found out when first asked for, once. */
  sources(): Promise<FileSources>;
  /** Begins to read what is read of a content once ever: for builds that have to make the layers too. */
  readContents(): void;
  /** When that is done. What went wrong goes wrong again for whoever needs it. */
  settled(): Promise<void>;
}

export function findEarly(
  spec: ImageSpec,
  platform: AssembledPlatform,
  session: Pick<Session, 'store' | 'pool' | 'env' | 'signal'>,
): EarlyFacts {
  let sources: Promise<FileSources> | undefined;
  let reading: Promise<unknown> | undefined;
  return {
    sources() {
      if (sources === undefined) {
        sources = fileSources(spec, platform, session);
        // It may fail before anybody waits for it.
        sources.catch(() => undefined);
      }
      return sources;
    },
    readContents() {
      // The store remembers both.
      reading ??= Promise.allSettled([readLicences(platform, session), fileSha1s(platform, session)]);
    },
    async settled() {
      await reading;
    },
  };
}
