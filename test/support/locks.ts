import { inputsDigest } from '../../src/lock/inputs-digest.ts';
import type { LockDocument, LockedPackage, LockInputs } from '../../src/lock/types.ts';
import { sha256Hex } from '../../src/util/digest.ts';

export interface LockSketch {
  readonly inputs?: LockInputs | undefined;
  readonly releases?: LockDocument['releases'] | undefined;
  readonly platform?: string | undefined;
  readonly images?: LockDocument['platforms'][number]['images'] | undefined;
  readonly omitted?: LockDocument['platforms'][number]['omitted'] | undefined;
  readonly cuts?: LockDocument['platforms'][number]['cuts'] | undefined;
  readonly users?: Readonly<Record<string, number>> | undefined;
}

/**
 * A lock from lines like `curl 8.1-2; Suite: trixie-security; Size: 100; Installed: 300; Requests: curl; For: git`,
 * with Build: TEXT for another .deb of the same version.
 */
export function lockOf(lines: readonly string[], sketch: LockSketch = {}): LockDocument {
  const inputs = sketch.inputs ?? { from: 'debian/trixie', packages: ['curl'] };
  return {
    lockVersion: 1,
    configuration: { digest: inputsDigest(inputs), inputs },
    compressor: { algorithm: 'gzip', level: 6, contentFormat: 1, layerFormat: 1 },
    releases: sketch.releases ?? [releaseOf('2026-09-01T08:00:00Z')],
    platforms: [
      {
        platform: sketch.platform ?? 'linux/amd64',
        on: null,
        images: sketch.images ?? [],
        packages: lines.map(lockedPackage),
        donors: [],
        absentDonors: [],
        omitted: sketch.omitted ?? [],
        cuts: sketch.cuts ?? [],
        accounts: { users: sketch.users ?? {}, groups: {} },
      },
    ],
  };
}

export function releaseOf(date: string): LockDocument['releases'][number] {
  return {
    archive: 'debian',
    suite: 'trixie',
    codename: 'trixie',
    digest: `sha256:${sha256Hex(date)}`,
    date,
    validUntil: null,
    fingerprints: ['AB'.repeat(20)],
    indexes: [{ path: 'main/binary-amd64/Packages', size: 100, sha256: sha256Hex(`Packages of ${date}`) }],
  };
}

function lockedPackage(line: string): LockedPackage {
  const [head = '', ...rest] = line.split(';').map((part) => part.trim());
  const [name = '', version = '1'] = head.split(' ');
  const fields = new Map(rest.map((part) => [part.split(': ')[0] ?? '', part.split(': ')[1] ?? '']));
  const size = Number(fields.get('Size') ?? 1000);
  const words = (key: string) => fields.get(key)?.split(' ') ?? [];
  return {
    name,
    version,
    architecture: 'amd64',
    source: { name: fields.get('Source') ?? name, version },
    archive: 'debian',
    suite: fields.get('Suite') ?? 'trixie',
    component: 'main',
    path: `pool/main/${name.charAt(0)}/${name}/${name}_${version.replace(/^\d+:/, '')}_amd64.deb`,
    size,
    installedSize: Number(fields.get('Installed') ?? size * 3),
    sha256: sha256Hex(`${name} ${version} ${fields.get('Build') ?? ''}`),
    requests: words('Requests'),
    requestedBy: words('For'),
  };
}
