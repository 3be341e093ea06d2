import { packageRecord } from '../../src/distro/debian/record.ts';
import { debianVersions } from '../../src/distro/debian/version.ts';
import type { PackageRecord, Universe } from '../../src/distro/types.ts';
import { parseStanza } from '../../src/formats/deb822/stanza.ts';
import { resolve } from '../../src/solver/resolve.ts';
import type { PackageRequest, SolverAnswer, SolverPolicy } from '../../src/solver/types.ts';

/**
 * Packages from lines like `nginx 1.22; Depends: libc6 (>= 2), httpd | tiny; Conflicts: apache2; Suite: trixie`.
 * Fields are those of a control file; Suite and Pin (apt's priority, 500 unless told) say where it comes from.
 */
export function packages(...lines: readonly string[]): readonly PackageRecord[] {
  return lines.map((line) => {
    const [head = '', ...fields] = line.split(';').map((part) => part.trim());
    const [name, version = '1'] = head.split(' ');
    const text = [`Package: ${name}`, `Version: ${version}`, 'Architecture: amd64', ...fields].join('\n');
    const stanza = parseStanza(text);
    const origin = {
      archive: 'debian',
      suite: stanza.get('Suite') ?? 'stable',
      component: 'main',
      path: `${name}_${version}.deb`,
      priority: Number(stanza.get('Pin') ?? 500),
    };
    return packageRecord(stanza, origin, { architecture: 'amd64' });
  });
}

export function universeOf(records: readonly PackageRecord[]): Universe {
  return {
    architecture: 'amd64',
    candidates: (name) => records.filter((record) => record.name === name),
    providers: (name) => records.filter((record) => record.provides.some((provided) => provided.name === name)),
    essentials: () => records.filter(({ essential }) => essential).map(({ name }) => name),
    names: () => new Set(records.map((record) => record.name)),
  };
}

/** `name=version`, `name/suite`, `name:architecture`, `name-`, blanks between. */
export function requests(text: string): readonly PackageRequest[] {
  return text.split(' ').map((word) => {
    const match = /^([a-z0-9.+-]+?)(?::([a-z0-9]+))?(?:=([^/]+))?(?:\/(.+))?(-)?$/.exec(word);
    const [, name = '', architecture, version, suite, exclude] = match ?? [];
    return { text: word, name, architecture, version, suite, exclude: exclude !== undefined };
  });
}

export { debianVersions };

export const fullPolicy: SolverPolicy = { dependencies: 'full', recommends: false };

export function ask(
  records: readonly PackageRecord[],
  request: string,
  policy: Partial<SolverPolicy> = {},
): SolverAnswer {
  return resolve(universeOf(records), requests(request), {
    policy: { ...fullPolicy, ...policy },
    versions: debianVersions,
  });
}
