import { type Support, supportOf } from '../distro/end-of-life.ts';
import { type OsRelease, parseOsRelease } from '../distro/os-release.ts';
import { decodeUtf8 } from '../util/text.ts';
import type { ImageView } from '../view/types.ts';

/** Which release of which distribution an image says it is (os-release(5)). */
export interface Distribution extends OsRelease {
  /** `Debian GNU/Linux 13 (trixie)` */
  readonly title: string | undefined;
  /** Undefined where nothing is known of the release. */
  readonly support: Support | undefined;
}

/** The same on another day: its support may have ended since. */
export function onDay(distribution: Distribution, today: string): Distribution {
  return { ...distribution, support: supportOf(distribution, today) };
}

/** @param today `YYYY-MM-DD` */
export function readDistribution(view: Pick<ImageView, 'text'>, today: string): Distribution | undefined {
  const bytes = view.text('etc/os-release') ?? view.text('usr/lib/os-release');
  if (bytes === undefined) return undefined;
  const release = parseOsRelease(bytes);
  const line = decodeUtf8(bytes)
    .split('\n')
    .findLast((one) => one.startsWith('PRETTY_NAME='));
  const title = line
    ?.slice('PRETTY_NAME='.length)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  return { ...release, title: title === '' ? undefined : title, support: supportOf(release, today) };
}
