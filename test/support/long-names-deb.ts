import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * A package with what no package of Debian's main has, built by the real dpkg-deb: names of 255 bytes, paths far
 * beyond what a tar header holds, links to such paths, names that need escaping somewhere.
 * @returns path of the .deb, called `long-names`
 */
export async function buildLongNamesDeb(folder: string): Promise<string> {
  const root = join(folder, 'long-names');
  const long = ['usr/lib/long-names', 'f'.repeat(255), 'é'.repeat(120), 'g'.repeat(200)].join('/');
  const files: Readonly<Record<string, string>> = {
    'DEBIAN/control': [
      'Package: long-names',
      'Version: 1',
      'Architecture: all',
      'Maintainer: A <a@example.org>',
      'Description: names',
      '',
    ].join('\n'),
    [`${long}/file`]: 'content\n',
    [`${long}/empty`]: '',
    'usr/lib/long-names/ spaces  and\ttab': 's',
    'usr/lib/long-names/back\\slash "quote" \'single\' *?[x]': 'q',
    'usr/lib/long-names/-dash': 'd',
    // The sizes around a tar block.
    ...Object.fromEntries([511, 512, 513, 1024].map((size) => [`usr/lib/long-names/size-${size}`, 'x'.repeat(size)])),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o755 });
    await writeFile(join(root, path), content, { mode: 0o644 });
  }
  // Whatever the umask: dpkg-deb insists.
  await chmod(join(root, 'DEBIAN'), 0o755);
  await symlink(`/${long}/file`, join(root, 'usr/lib/long-names/link'));
  await symlink(`${'../'.repeat(60)}${long}`, join(root, long, 'upwards'));
  await link(join(root, long, 'file'), join(root, long, 'hard'));
  await link(join(root, long, 'file'), join(root, 'usr/lib/long-names/first-name'));
  const deb = join(folder, 'long-names.deb');
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', root, deb], { stdio: 'ignore' });
  return deb;
}
