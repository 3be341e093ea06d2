import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dpkgMetadata, statusStanza } from './dpkg-metadata.ts';
import { effectInput, picture } from './testing.ts';

const a = 'a'.repeat(32);
const b = 'b'.repeat(32);

test('a stanza with Status and Conffiles, and the sums of the files that are there', () => {
  const control = `Package: nginx
Version: 1.26-1
Architecture: amd64
Essential: yes
Maintainer: M <m@example.org>
Description: web server
 long
 .
 text
Homepage: https://example.org
`;
  const made = dpkgMetadata(
    effectInput({
      packages: [
        {
          name: 'nginx',
          control,
          conffiles: ['/etc/nginx.conf', '/etc/left-out.conf'],
          files: [
            { path: 'usr/sbin/nginx', md5: a },
            { path: 'etc/nginx.conf', md5: b },
            { path: 'usr/lib/x', md5: b },
          ],
        },
      ],
    }),
  );
  assert.deepEqual(picture(made), {
    'var/lib/dpkg/status.d/nginx': `file 0644 Package: nginx
Essential: yes
Status: install ok installed
Version: 1.26-1
Architecture: amd64
Maintainer: M <m@example.org>
Conffiles:
 /etc/nginx.conf ${b}
Description: web server
 long
 .
 text
Homepage: https://example.org
`,
    'var/lib/dpkg/status.d/nginx.md5sums': `file 0644 ${b}  usr/lib/x\n${a}  usr/sbin/nginx\n`,
  });
});

test('two architectures of a package have a name each', () => {
  const libc = { name: 'libc6', control: 'Package: libc6\n' };
  const made = dpkgMetadata(effectInput({ packages: [libc, { ...libc, architecture: 'i386' }] }));
  assert.deepEqual(
    made.map(({ path }) => path.slice('var/lib/dpkg/status.d/'.length)),
    ['libc6:amd64', 'libc6:amd64.md5sums', 'libc6:i386', 'libc6:i386.md5sums'],
  );
});

const status = '/var/lib/dpkg/status';

test("stanzas are byte for byte dpkg's own", { skip: existsSync(status) ? false : 'no dpkg status file' }, () => {
  let compared = 0;
  for (const text of readFileSync(status, 'utf8').split('\n\n')) {
    const stanza = `${text.trim()}\n`;
    // Leftovers of upgrades (obsolete files, a half-removed state) are nothing that a first installation has.
    if (
      !/^Status: install ok installed$/m.test(stanza) ||
      /^ \/.* obsolete| newconffile|^Config-Version:/m.test(stanza)
    )
      continue;
    const conffiles = [...stanza.matchAll(/^ (\/\S+) ([0-9a-f]{32})$/gm)];
    const control = stanza.replace(/^Status: .*\n/m, '').replace(/^Conffiles:\n( .*\n)+/m, '');
    const files = conffiles.map((match) => ({ path: match[1]?.slice(1) ?? '', md5: match[2] ?? '' }));
    assert.equal(statusStanza({ control, conffiles: files.map(({ path }) => `/${path}`), files }), stanza);
    compared++;
  }
  assert.ok(compared > 10, `only ${compared} stanzas were compared`);
});
