import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixture, lacking } from '../../test/support/need.ts';
import { isSlimimageError } from '../errors.ts';
import { certificates } from './certificates.ts';
import { checkCertificates } from './pem.ts';
import { effectInput, picture } from './testing.ts';

/** The smallest DER that has a certificate's outline: SEQUENCE { SEQUENCE {}, INTEGER n }. */
function certificate(n: number): string {
  return pem('CERTIFICATE', Uint8Array.from([0x30, 0x05, 0x30, 0x00, 0x02, 0x01, n]));
}

function pem(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;
}

test('the bundle: packaged files in byte order, local ones, then those of the configuration in theirs', () => {
  const made = certificates(
    effectInput({
      tree: {
        'usr/share/ca-certificates/mozilla/b.crt': 'b',
        'usr/share/ca-certificates/mozilla/B.crt': 'B\n',
        'usr/share/ca-certificates/mozilla/a_link.crt': { type: 'symlink', linkTarget: 'b.crt' },
        'usr/share/ca-certificates/README': 'no',
        'usr/local/share/ca-certificates/corp.crt': 'local',
      },
      settings: {
        certificates: [
          { name: 'Second CA.pem', text: certificate(2).replaceAll('\n', '\r\n') },
          { name: 'conf/first.crt', text: `# comment\n${certificate(1)}${certificate(3)}` },
        ],
      },
    }),
  );
  const links = Object.fromEntries(
    [
      ...['/usr/share/ca-certificates/mozilla/B', '/usr/share/ca-certificates/mozilla/a_link'],
      ...['/usr/share/ca-certificates/mozilla/b', '/usr/local/share/ca-certificates/corp'],
      ...['/usr/local/share/ca-certificates/Second_CA', '/usr/local/share/ca-certificates/first'],
    ].map((path) => [`etc/ssl/certs/${path.slice(path.lastIndexOf('/') + 1)}.pem`, `-> ${path}.crt`]),
  );
  assert.deepEqual(picture(made), {
    ...links,
    'usr/local/share/ca-certificates/Second_CA.crt': `file 0644 ${certificate(2)}`,
    'usr/local/share/ca-certificates/first.crt': `file 0644 # comment\n${certificate(1)}${certificate(3)}`,
    'etc/ssl/certs/ca-certificates.crt': `file 0644 B\nb\nb\nlocal\n${certificate(2)}# comment\n${certificate(1)}${certificate(3)}`,
  });
});

test('extra certificates need no package, and are added to a bundle that is there', () => {
  const settings = { certificates: [{ name: 'ca.pem', text: certificate(1) }] };
  const bundle = 'etc/ssl/certs/ca-certificates.crt';
  assert.equal(picture(certificates(effectInput({ settings })))[bundle], `file 0644 ${certificate(1)}`);
  const below = effectInput({ settings, tree: { [bundle]: 'old' } });
  assert.equal(picture(certificates(below))[bundle], `file 0644 old\n${certificate(1)}`);
  assert.deepEqual(certificates(effectInput({})), []);
});

test('files that must not be in an image are refused, without a word of their content', () => {
  const secret = pem('PRIVATE KEY', Uint8Array.from([0x30, 0x03, 1, 2, 3]));
  for (const [text, message] of [
    [secret, /private key/],
    [`${certificate(1)}${secret}`, /private key/],
    [pem('RSA PRIVATE KEY', Uint8Array.of(0)).slice(0, 40), /private key/],
    ['', /no certificate/],
    [pem('X509 CRL', Uint8Array.from([0x30, 0])), /"X509 CRL"/],
    [pem('TRUSTED CERTIFICATE', Uint8Array.from([0x30, 0])), /trusted certificate/],
    [pem('CERTIFICATE', Uint8Array.from([0x30, 0x03, 1, 2, 3])), /damaged/],
    [certificate(1).replace('MA', '!!'), /damaged/],
    [certificate(1).slice(0, 40), /ends inside/],
    [`${certificate(1)}-----END CERTIFICATE-----\n`, /out of place/],
  ] as const) {
    assert.throws(
      () => checkCertificates(text, 'ca.pem'),
      (error) =>
        isSlimimageError(error, 'SOURCE_INVALID') && message.test(error.message) && !error.message.includes('MA'),
      String(message),
    );
  }
  const twice = { certificates: [1, 2].map((n) => ({ name: `${n}/ca.pem`, text: certificate(n) })) };
  assert.throws(() => certificates(effectInput({ settings: twice })), /Two certificate files/);
});

test('any text is certificates or SOURCE_INVALID', () => {
  const piece = fc.constantFrom(
    '-----BEGIN CERTIFICATE-----\n',
    '-----END CERTIFICATE-----\n',
    'MAUw',
    'AA==\n',
    '\n',
    'MIIB',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.base64String({ maxLength: 40 })), { maxLength: 12 }), (pieces) => {
      try {
        checkCertificates(pieces.join(''), 'f');
      } catch (error) {
        assert.ok(isSlimimageError(error, 'SOURCE_INVALID'), String(error));
      }
    }),
    { numRuns: 10_000 },
  );
});

test('links: one for each file, numbered among those with one subject, in the order of their names', () => {
  const named = (text: string, n: number) => {
    const value = Buffer.from(text);
    const set = Buffer.from([0x30, 7 + value.length, 0x06, 3, 0x55, 4, 3, 0x0c, value.length, ...value]);
    const subject = Buffer.from([0x30, set.length + 2, 0x31, set.length, ...set]);
    const empty = [0x30, 0];
    const signed = Buffer.from([0x02, 1, n, ...empty, ...subject, ...empty, ...subject]);
    return pem('CERTIFICATE', Buffer.from([0x30, signed.length + 4, 0x30, signed.length, ...signed, ...empty]));
  };
  const made = certificates(
    effectInput({
      tree: {
        'usr/share/ca-certificates/mozilla/b.crt': named('Root', 1),
        'usr/share/ca-certificates/mozilla/a (x), y.crt': named('root ', 2),
        'usr/share/ca-certificates/mozilla/c.crt': named('Root', 1),
        'usr/share/ca-certificates/mozilla/two.crt': named('Two', 1) + named('Two', 2),
        'usr/share/ca-certificates/mozilla/out.crt': named('Out', 1),
        'etc/ca-certificates.conf': 'mozilla/b.crt\n!mozilla/out.crt\n',
      },
      packages: [{ name: 'ca-certificates' }],
    }),
  );
  const links = made.flatMap(({ path, linkTarget }) =>
    linkTarget === undefined ? [] : [`${basename(path)} ${linkTarget}`],
  );
  const hash = links.at(-1)?.slice(0, 8);
  assert.deepEqual(links, [
    'a_=x=__y.pem /usr/share/ca-certificates/mozilla/a (x), y.crt',
    'b.pem /usr/share/ca-certificates/mozilla/b.crt',
    'c.pem /usr/share/ca-certificates/mozilla/c.crt',
    'two.pem /usr/share/ca-certificates/mozilla/two.crt',
    `${hash}.0 a_=x=__y.pem`,
    `${hash}.1 b.pem`,
  ]);
});

const measured = ['measured-postinst-effects/etc.ca-certificates.conf'];
test('the list of trusted files is that of a real installation', { skip: lacking({ fixtures: measured }) }, () => {
  const text = readFileSync(fixture(...measured), 'utf8');
  const names = text.split('\n').filter((line) => /^[^#]/.test(line));
  assert.ok(names.length > 100);
  const tree = Object.fromEntries(
    names.toReversed().map((name) => [`usr/share/ca-certificates/${name}`, certificate(1)]),
  );
  const made = certificates(effectInput({ tree, packages: [{ name: 'ca-certificates' }] }));
  assert.equal(picture(made)['etc/ca-certificates.conf'], `file 0644 ${text}`);
});

const installed = '/usr/share/ca-certificates';
const tool = '/usr/sbin/update-ca-certificates';
const missing = existsSync(installed) && existsSync(tool) ? undefined : 'ca-certificates is not installed';

test('real certificates give the bundle of update-ca-certificates, byte for byte', { skip: missing ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-ca-'));
  try {
    const tree = Object.fromEntries(
      readdirSync(installed, { recursive: true, encoding: 'utf8' })
        .map((path) => join(installed, path))
        .filter((path) => statSync(path).isFile())
        .map((path) => [relative('/', path), readFileSync(path, 'utf8')]),
    );
    for (const name of ['certs', 'local', 'hooks']) mkdirSync(join(folder, name));
    const names = Object.keys(tree).map((path) => relative('usr/share/ca-certificates', path));
    // As the postinst of ca-certificates writes it on a first installation.
    writeFileSync(join(folder, 'conf'), `# chosen\n${names.toSorted().join('\n')}\n`);
    const run = spawnSync(
      tool,
      ['--certsconf', join(folder, 'conf'), '--localcertsdir', join(folder, 'local')].concat([
        '--etccertsdir',
        join(folder, 'certs'),
        '--hooksdir',
        join(folder, 'hooks'),
      ]),
      { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } },
    );
    assert.equal(run.status, 0, String(run.stderr));
    const made = certificates(effectInput({ tree, packages: [{ name: 'ca-certificates' }] }));
    const bundle = made.find(({ path }) => path.endsWith('/ca-certificates.crt'));
    assert.deepEqual(Buffer.from(bundle?.content ?? []), readFileSync(join(folder, 'certs/ca-certificates.crt')));
    const links = made.flatMap(({ path, linkTarget }) =>
      linkTarget === undefined ? [] : [[basename(path), linkTarget]],
    );
    const real = readdirSync(join(folder, 'certs')).filter((name) => name !== 'ca-certificates.crt');
    assert.ok(links.length > 2 * 100, `${links.length} links`);
    assert.deepEqual(
      Object.fromEntries(links),
      Object.fromEntries(real.map((name) => [name, readlinkSync(join(folder, 'certs', name))])),
    );
    const listed = made.find(({ path }) => path === 'etc/ca-certificates.conf')?.content ?? Uint8Array.of();
    assert.equal(
      Buffer.from(listed)
        .toString()
        .split('\n')
        .filter((line) => /^[^#]/.test(line)).length,
      names.length,
    );
    for (const text of Object.values(tree)) checkCertificates(text, 'packaged');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
