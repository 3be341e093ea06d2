import { decodeUtf8 } from '../util/text.ts';
import type { DraftCause, DraftTree } from './draft-tree.ts';

/** A module that a script enables: `php_invoke enmod 8.4 ALL curl`. */
export interface PhpModule {
  readonly version: string;
  /** `cli`, `fpm`, `apache2`, ...; `ALL`: every one that is installed. */
  readonly interface: string;
  readonly name: string;
  readonly cause: DraftCause;
}

/** Reads a call of php-maintscript-helper's php_invoke, or of phpenmod(8). */
export function readPhpCall([command, ...words]: readonly string[], cause: DraftCause): readonly PhpModule[] {
  const modules: PhpModule[] = [];
  let version = 'ALL';
  let sapi = 'ALL';
  let names: readonly string[] = [];
  if (command === 'php_invoke' && words[0] === 'enmod') {
    [, version = '', sapi = '', ...names] = words;
  } else if (command === 'phpenmod') {
    const rest = [...words];
    while (rest[0]?.startsWith('-') === true) {
      const option = rest.shift();
      if (option === '-v') version = rest.shift() ?? '';
      else if (option === '-s') sapi = rest.shift() ?? '';
    }
    names = rest.map((name) => name.replace(/\/.*/, ''));
  }
  for (const name of names) {
    if ([version, sapi, name].every((word) => /^[A-Za-z0-9_.-]+$/.test(word))) {
      modules.push({ version, interface: sapi, name, cause });
    }
  }
  return modules;
}

/**
 * The links of phpenmod(8), once every module's ini file is in its place: each module of every interface that has a
 * conf.d folder, under the priority that the file names, 20 where it names none.
 */
export function enablePhpModules(modules: readonly PhpModule[], draft: DraftTree): void {
  const interfaces = [...draft.below('usr/lib/php')].flatMap((path) => {
    const match = /^usr\/lib\/php\/([0-9.]+)\/sapi\/([a-z0-9]+)$/.exec(path);
    return match === null ? [] : [{ version: match[1] as string, name: match[2] as string }];
  });
  for (const module of modules) {
    for (const { version, name } of interfaces) {
      if (module.version !== 'ALL' && module.version !== version) continue;
      if (module.interface !== 'ALL' && module.interface !== name) continue;
      const file = `/etc/php/${version}/mods-available/${module.name}.ini`;
      const folder = `/etc/php/${version}/${name}/conf.d`;
      const bytes = draft.read(file.slice(1));
      if (bytes === undefined || draft.find(folder)?.type !== 'directory') continue;
      draft.makeLink(`${folder}/${priorityOf(decodeUtf8(bytes))}-${module.name}.ini`, file, module.cause);
    }
  }
}

function priorityOf(ini: string): string {
  return /^;\s*priority\s*=\s*([0-9]{1,4})\s*$/m.exec(ini)?.[1] ?? '20';
}
