import type { OsRelease } from './os-release.ts';

/** How long a release gets security updates. Dates are `YYYY-MM-DD`: the last day. */
export interface Support {
  /** `Debian 12 (bookworm)` */
  readonly release: string;
  /** `extended`: what everybody gets has ended, and somebody else still mends some packages. */
  readonly status: 'supported' | 'extended' | 'ended';
  readonly until: string;
  readonly extended: { readonly until: string; readonly by: 'Debian LTS' | 'Ubuntu Pro' } | undefined;
}

/**
 * Whether a release still gets security updates; undefined where nothing is known of it, or no end is set (testing, unstable,
 * newer than this program).
 * @param today `YYYY-MM-DD`
 */
export function supportOf({ id, codename, version }: OsRelease, today: string): Support | undefined {
  const known = releases.find(
    (one) =>
      one.id === id &&
      (one.codename === undefined || codename === undefined
        ? version !== undefined &&
          (version === one.version || (id === 'alpine' && version.startsWith(`${one.version}.`)))
        : one.codename === codename),
  );
  if (known === undefined) return undefined;
  const { until, extendedUntil, name, codename: series } = known;
  const extended =
    extendedUntil === undefined
      ? undefined
      : ({ until: extendedUntil, by: id === 'ubuntu' ? 'Ubuntu Pro' : 'Debian LTS' } as const);
  const status = today <= until ? 'supported' : today <= (extendedUntil ?? '') ? 'extended' : 'ended';
  return { release: `${name} ${known.version}${series === undefined ? '' : ` (${series})`}`, status, until, extended };
}

export interface KnownRelease {
  readonly id: 'debian' | 'ubuntu' | 'alpine';
  readonly name: string;
  readonly version: string;
  readonly codename: string | undefined;
  readonly until: string;
  readonly extendedUntil: string | undefined;
}

/** version, codename, end, end of LTS. Source: Debian's package distro-info-data, debian.csv (`eol`, `eol-lts`). */
const debian = `
6 squeeze 2014-05-31 2016-02-29
7 wheezy 2016-04-25 2018-05-31
8 jessie 2018-06-17 2020-06-30
9 stretch 2020-07-18 2022-06-30
10 buster 2022-09-10 2024-06-30
11 bullseye 2024-08-14 2026-08-31
12 bookworm 2026-07-11 2028-06-30
13 trixie 2028-08-09 2030-06-30`;

/** version, codename, end, end of ESM. Source: distro-info-data, ubuntu.csv (`eol`, `eol-esm`). */
const ubuntu = `
12.04 precise 2017-04-28 2019-04-26
14.04 trusty 2019-04-25 2024-04-25
16.04 xenial 2021-04-30 2026-04-23
18.04 bionic 2023-05-31 2028-04-26
18.10 cosmic 2019-07-18
19.04 disco 2020-01-23
19.10 eoan 2020-07-17
20.04 focal 2025-05-29 2030-04-23
20.10 groovy 2021-07-22
21.04 hirsute 2022-01-20
21.10 impish 2022-07-14
22.04 jammy 2027-06-01 2032-04-21
22.10 kinetic 2023-07-20
23.04 lunar 2024-01-25
23.10 mantic 2024-07-11
24.04 noble 2029-05-31 2034-04-25
24.10 oracular 2025-07-10
25.04 plucky 2026-01-15
25.10 questing 2026-07-09
26.04 resolute 2031-05-29 2036-04-23`;

/** version, end. Source: https://alpinelinux.org/releases/. No name of its own, no longer support. */
const alpine = `
3.0 - 2016-05-01
3.1 - 2016-11-01
3.2 - 2017-05-01
3.3 - 2017-11-01
3.4 - 2018-05-01
3.5 - 2018-11-01
3.6 - 2019-05-01
3.7 - 2019-11-01
3.8 - 2020-05-01
3.9 - 2020-11-01
3.10 - 2021-05-01
3.11 - 2021-11-01
3.12 - 2022-05-01
3.13 - 2022-11-01
3.14 - 2023-05-01
3.15 - 2023-11-01
3.16 - 2024-05-23
3.17 - 2024-11-22
3.18 - 2025-05-09
3.19 - 2025-11-01
3.20 - 2026-04-01
3.21 - 2026-11-01
3.22 - 2027-05-01
3.23 - 2027-11-01`;

/** Every release whose end is known, oldest first. */
export const releases: readonly KnownRelease[] = [
  ...table('debian', { name: 'Debian', rows: debian }),
  ...table('ubuntu', { name: 'Ubuntu', rows: ubuntu }),
  ...table('alpine', { name: 'Alpine', rows: alpine }),
];

function table(id: KnownRelease['id'], { name, rows }: { readonly name: string; readonly rows: string }) {
  return rows
    .trim()
    .split('\n')
    .map((row): KnownRelease => {
      const [version = '', codename = '', until = '', extendedUntil] = row.split(' ');
      return { id, name, version, codename: codename === '-' ? undefined : codename, until, extendedUntil };
    });
}
