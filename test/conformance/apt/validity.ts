import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AptProcess } from './apt-process.ts';
import { type AptRoot, run } from './apt-root.ts';

/**
 * Whether a set of packages can be installed together and needs nothing else: as `dose-debcheck` judges it on the
 * stanzas of the set alone, and whether they are the versions that apt's policy prefers.
 * @param chosen `name=version:architecture`
 * @returns what is wrong with it; undefined: nothing
 */
export async function faultOf(
  chosen: readonly string[],
  options: {
    readonly root: AptRoot;
    readonly apt: AptProcess;
    readonly architecture: string;
    readonly anyVersion: boolean;
  },
): Promise<string | undefined> {
  const { root, apt, architecture, anyVersion } = options;
  const versions = chosen.map(partsOf);
  if (!anyVersion) {
    const candidates = await apt.candidates(versions.map(({ name }) => name));
    const other = versions.find(({ name, version }) => candidates[name] !== version);
    if (other !== undefined) return `${other.name} ${other.version} is not apt's candidate ${candidates[other.name]}`;
  }
  const shown = await run('apt-cache', ['show', ...versions.map(({ name, version }) => `${name}=${version}`)], root);
  const stanzas = new Set(
    shown.output
      .split('\n\n')
      .map((stanza) => stanza.trim())
      .filter((stanza) => stanza !== ''),
  );
  const all = [
    'Package: the-whole-set',
    'Version: 1',
    `Architecture: ${architecture}`,
    `Depends: ${versions.map(({ name, version }) => `${name} (= ${version})`).join(', ')}`,
  ];
  const file = join(root.folder, 'chosen-packages');
  await writeFile(file, `${[...stanzas, all.join('\n')].join('\n\n')}\n`);
  const args = [
    '--deb-native-arch',
    architecture,
    '--checkonly',
    `the-whole-set:${architecture}`,
    '--failures',
    '--explain',
    file,
  ];
  const judged = await run('dose-debcheck', args, root);
  return judged.status === 0 ? undefined : `dose-debcheck: ${judged.output.replaceAll(/\s+/g, ' ').slice(0, 600)}`;
}

function partsOf(text: string) {
  const [, name = '', version = ''] = /^([^=]+)=(.+):[^:]+$/.exec(text) ?? [];
  return { name, version };
}
