import { SlimimageError } from '../errors.ts';
import { decodeUtf8 } from '../util/text.ts';
import { type AccountRequest, isAccountField, isAccountName, nologin } from './account-requests.ts';
import { splitFields } from './config-fields.ts';
import { dropIns } from './folder-files.ts';
import type { EffectTree } from './types.ts';

/** Folders of sysusers.d(5), the first one wins where two have a file of the same name. */
const folders = ['etc/sysusers.d', 'usr/local/lib/sysusers.d', 'usr/lib/sysusers.d'];

/** The requests of every sysusers.d file of the image, files in the order of their names. */
export function sysusersRequests(tree: EffectTree): readonly AccountRequest[] {
  return dropIns(tree, folders).flatMap((path) => {
    const bytes = tree.read(path);
    return bytes === undefined ? [] : parseSysusers(decodeUtf8(bytes), `/${path}`);
  });
}

/**
 * sysusers.d(5): `u`, `u!`, `g`, `m` lines; `r` (a range for automatic ids) says nothing here, since ids come from a
 * table or the name. An id that is a path (`/usr/bin/x`: "as that file's owner") counts as automatic.
 * @throws SlimimageError ACCOUNT_INVALID for lines that systemd would refuse, and for specifiers (`%b`), which depend
 * on the host.
 */
export function parseSysusers(text: string, source: string): readonly AccountRequest[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const where = `${source}:${index + 1}`;
    const fields = splitFields(trimmed);
    if (fields === undefined) throw invalid(where, 'has a quote that is not closed');
    return parseLine(
      fields.map((field) => specifiers(field, where)),
      where,
    );
  });
}

function parseLine(fields: readonly string[], where: string): readonly AccountRequest[] {
  const [type = '', name = '', id = '-', comment = '-', home = '-', shell = '-'] = fields;
  if (fields.length > 6) throw invalid(where, 'has more than six fields');
  if (type !== 'r' && !isAccountName(name)) throw invalid(where, `has the name "${name}"`);
  if (![comment, home, shell].every(isAccountField)) throw invalid(where, 'has a colon in its comment, home or shell');
  switch (type) {
    case 'u':
    case 'u!': {
      const [uid, group] = splitId(id, where);
      return [
        {
          type: 'user',
          name,
          uid,
          group,
          comment: orElse(comment, ''),
          home: orElse(home, '/'),
          shell: orElse(shell, uid === 0 ? '/bin/sh' : nologin),
          source: where,
        },
      ];
    }
    case 'g':
      return [{ type: 'group', name, gid: splitId(id, where)[0], source: where }];
    case 'm':
      if (!isAccountName(id)) throw invalid(where, `has the group "${id}"`);
      return [{ type: 'member', user: name, group: id, creates: true, source: where }];
    case 'r':
      return [];
    default:
      throw invalid(where, `has the type "${type}"`);
  }
}

/** `-`, `N`, `N:GROUP`, `-:GROUP`, `/path`: the uid, and the primary group by name or id. */
function splitId(text: string, where: string): readonly [number | undefined, string | number | undefined] {
  if (text === '-' || text === '' || text.startsWith('/')) return [undefined, undefined];
  const match = /^(-|[0-9]{1,9})(?::([0-9]{1,9}|[A-Za-z_][A-Za-z0-9_.-]{0,31}))?$/.exec(text);
  if (match === null) throw invalid(where, `has the id "${text}"`);
  const group = match[2];
  return [
    match[1] === '-' ? undefined : Number(match[1]),
    group === undefined || !/^[0-9]+$/.test(group) ? group : Number(group),
  ];
}

function orElse(field: string, fallback: string): string {
  return field === '-' || field === '' ? fallback : field;
}

/** `%%` is a per cent sign; any other specifier names something of the host. */
function specifiers(field: string, where: string): string {
  return field.replace(/%(.?)/g, (specifier, letter: string) => {
    if (letter === '%') return '%';
    throw invalid(where, `uses the specifier ${specifier}`);
  });
}

function invalid(where: string, problem: string): SlimimageError {
  return new SlimimageError({
    code: 'ACCOUNT_INVALID',
    message: `The system account at ${where} ${problem}`,
    hint: 'Leave the file out with `exclude:` and name the account in `accounts:`',
  });
}
