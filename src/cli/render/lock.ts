import type { LockResult } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import type { Style } from './style.ts';
import { count, formatBytes } from './units.ts';

/** What a lock holds, for a person. */
export function renderLock({ lock, changed, warnings }: LockResult, { style }: { readonly style: Style }): string {
  const platforms = lock.platforms.map(({ platform, packages }) => {
    const download = packages.reduce((sum, { size }) => sum + size, 0);
    return `${style.strong(platform)}  ${count(packages.length, 'package')}, ${formatBytes(download)} to download`;
  });
  const releases = lock.releases.map(
    ({ archive, suite, date }) =>
      `  ${[archive, suite].filter((part) => part !== '').join(' ')}${date === '' ? '' : `, ${date}`}`,
  );
  const told = warnings.map(({ message }) => `${style.warning('warning:')} ${withoutControls(message)}`);
  const outcome = changed ? style.good('written') : 'nothing has changed';
  return [...platforms, ...releases, ...told, outcome].join('\n');
}
