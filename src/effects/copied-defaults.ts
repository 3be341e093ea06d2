import { generatedDirectory, generatedFile } from './entries.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

/**
 * /etc/nsswitch.conf as libc-bin's postinst copies it, for every image with libc6: without it glibc asks DNS before
 * /etc/hosts.
 */
export function nameServiceSwitch({ tree, donors, settings, packages }: EffectInput): readonly GeneratedEntry[] {
  const path = 'etc/nsswitch.conf';
  const source = 'usr/share/libc-bin/nsswitch.conf';
  const content = donors.get('libc-bin')?.read(source) ?? tree.read(source);
  const libc = packages.some(({ name }) => name === 'libc6');
  if (!libc || content === undefined || tree.get(path) !== undefined) return [];
  const because = `a copy of /${source} of libc-bin, as its postinst makes it`;
  return [generatedFile(path, content, { rule: 'name service switch', because, created: settings.created })];
}

/**
 * The files that base-files' postinst copies for people who log in: profile and root's dot files where there is a
 * shell to read them, the message of the day where there is a program that shows it.
 */
export function loginFiles({ tree, settings }: EffectInput): readonly GeneratedEntry[] {
  const shell = has(tree, ['usr/bin/sh', 'bin/sh', 'usr/bin/bash', 'bin/bash']);
  const login = has(tree, ['usr/bin/login', 'bin/login', 'usr/sbin/sshd']);
  const copies = [
    ...(shell ? [['profile', 'etc/profile'] as const, ['dot.profile', 'root/.profile'] as const] : []),
    ...(has(tree, ['usr/bin/bash', 'bin/bash']) ? [['dot.bashrc', 'root/.bashrc'] as const] : []),
    ...(login ? [['motd', 'etc/motd'] as const] : []),
  ];
  return copies.flatMap(([name, path]) => {
    const content = tree.read(`usr/share/base-files/${name}`);
    if (content === undefined || tree.get(path) !== undefined) return [];
    const because = `a copy of /usr/share/base-files/${name}, as the postinst of base-files makes it`;
    return [generatedFile(path, content, { rule: 'login files', because, created: settings.created })];
  });
}

/**
 * The defaults of pg_createcluster, which postgresql-common's postinst copies: its template says of TLS what debconf answers
 * by itself. Then the folders that pg_updatedicts makes; dictionaries are converted by whoever needs them.
 */
export function postgresqlFiles({ tree, packages, settings }: EffectInput): readonly GeneratedEntry[] {
  if (!packages.some(({ name }) => name === 'postgresql-common')) return [];
  const because = 'as the postinst of postgresql-common makes it';
  const options = { rule: 'script files', because, created: settings.created } as const;
  const path = 'etc/postgresql-common/createcluster.conf';
  const content = tree.read('usr/share/postgresql-common/createcluster.conf');
  const folders = has(tree, ['usr/sbin/pg_updatedicts']) ? ['var/cache/postgresql', 'var/cache/postgresql/dicts'] : [];
  return [
    ...folders.filter((folder) => !has(tree, [folder])).map((folder) => generatedDirectory(folder, options)),
    ...(content === undefined || has(tree, [path]) ? [] : [generatedFile(path, content, options)]),
  ];
}

function has(tree: EffectInput['tree'], paths: readonly string[]): boolean {
  return paths.some((path) => tree.get(path) !== undefined);
}
