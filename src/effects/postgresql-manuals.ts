import type { AlternativeCall } from './alternative-calls.ts';
import type { EffectTree } from './types.ts';

/**
 * The call of update-alternatives that `configure_client_version VERSION` and `configure_version VERSION` of
 * postgresql-common's maintscripts-functions make: all manual pages of a version go along with psql's.
 */
export function postgresqlManuals(words: readonly string[], tree: EffectTree): AlternativeCall | undefined {
  const [command = '', version = ''] = words;
  if (!/^configure(_client)?_version$/.test(command) || !/^[0-9]+(\.[0-9]+)?$/.test(version)) return undefined;
  const folder = `usr/share/postgresql/${version}/man`;
  const manuals = [...tree.below(folder)].flatMap((path) => {
    const [, section, name] = /^(man[1-9])\/([^/]+\.[1-9](?:\.gz)?)$/.exec(path.slice(folder.length + 1)) ?? [];
    return section === undefined || name === undefined
      ? []
      : [{ name, link: `/usr/share/man/${section}/${name}`, path: `/${path}` }];
  });
  const first = manuals.find(({ name }) => name === 'psql.1.gz');
  if (first === undefined) return undefined;
  const slaves = manuals.filter((manual) => manual !== first);
  const priority = Number(/^[89]/.test(version) ? version.replace(/\D/g, '') : `${version}0`);
  return { action: 'install', ...first, priority, slaves };
}
