import { supportOf } from '../distro/end-of-life.ts';
import { parseOsRelease } from '../distro/os-release.ts';
import type { AuditScene, RawFinding } from './scene.ts';

/** How long the distribution of the image gets security updates. */
export function* distribution({ view, today }: AuditScene): Generator<RawFinding> {
  const path = ['etc/os-release', 'usr/lib/os-release'].find((name) => view.text(name) !== undefined);
  const bytes = path === undefined ? undefined : view.text(path);
  if (path === undefined || bytes === undefined) return;
  const support = supportOf(parseOsRelease(bytes), today);
  if (support === undefined || support.status === 'supported') return;
  const place = { path: `/${path}`, layer: view.rootfs.resolve(path)?.layer };
  const { release, until, extended } = support;
  if (support.status === 'extended') {
    const message = `${release} got its last security updates for all on ${until}; ${extended?.by} ends on ${extended?.until}`;
    yield { rule: 'end-of-life', level: 'warning', message, ...place };
  } else {
    const last = extended?.until ?? until;
    yield { rule: 'end-of-life', message: `${release} gets no security updates since ${last}`, ...place };
  }
}
