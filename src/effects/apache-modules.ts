import { decodeUtf8 } from '../util/text.ts';
import type { DraftCause, DraftTree } from './draft-tree.ts';

const folder = '/etc/apache2';

/** What a2enmod(8), a2enconf(8) and a2ensite(8) link; modules with those that they depend on. */
export function enableApache(kind: string, name: string, draft: DraftTree, cause: DraftCause): void {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) return;
  const plain = name.replace(/\.(conf|load)$/, '');
  if (kind === 'mod') enableModule(plain, { draft, cause, seen: new Set() });
  else if (kind === 'conf' || kind === 'site') link(`${kind}s`, `${plain}.conf`, { draft, cause });
}

/** `apache2_switch_mpm prefork` of apache2-maintscript-helper. */
export function switchApacheMpm(name: string, draft: DraftTree, cause: DraftCause): void {
  for (const mpm of ['event', 'prefork', 'worker']) {
    for (const kind of ['load', 'conf']) draft.remove(`${folder}/mods-enabled/mpm_${mpm}.${kind}`);
  }
  enableApache('mod', `mpm_${name.replace(/^mpm_/, '')}`, draft, cause);
}

interface Enabling {
  readonly draft: DraftTree;
  readonly cause: DraftCause;
}

function enableModule(name: string, { draft, cause, seen }: Enabling & { readonly seen: Set<string> }): void {
  const bytes = draft.read(`etc/apache2/mods-available/${name}.load`);
  if (bytes === undefined || seen.has(name)) return;
  seen.add(name);
  const text = decodeUtf8(bytes);
  const named = (field: string) =>
    [...text.matchAll(new RegExp(`^# ${field}:[ \\t](.*)$`, 'gm'))].flatMap(([, list = '']) =>
      list.split(/\s+/).filter((other) => /^[A-Za-z0-9_.-]+$/.test(other)),
    );
  if (named('Conflicts').some((other) => draft.find(`${folder}/mods-enabled/${other}.load`) !== undefined)) return;
  for (const other of named('Depends')) enableModule(other, { draft, cause, seen });
  for (const kind of ['load', 'conf']) link('mods', `${name}.${kind}`, { draft, cause });
}

/** conf-available, mods-available, sites-available. */
function link(kinds: string, file: string, { draft, cause }: Enabling): void {
  const kind = kinds === 'confs' ? 'conf' : kinds;
  if (draft.find(`${folder}/${kind}-available/${file}`) === undefined) return;
  draft.makeLink(`${folder}/${kind}-enabled/${file}`, `../${kind}-available/${file}`, cause);
}
