/** What the audit finds in an image of the real Docker engine, held against find, getcap and readelf. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findCommand } from '../../tools/system-packages.ts';
import { type ReadElf, readElves } from '../support/look-elf.ts';
import type { LookImage } from '../support/look-recipes.ts';
import { type LookScene, lackingLookScene, startLookScene } from '../support/look-scene.ts';
import { lacking } from '../support/need.ts';

interface Report {
  readonly findings: readonly {
    readonly rule: string;
    readonly level: string;
    readonly path?: string;
    readonly message: string;
  }[];
  readonly omitted: readonly { readonly rule: string; readonly count: number }[];
}

/** Errors and warnings in images of Debian's own packages: what nobody planted there is a false alarm. */
const expected: Readonly<Partial<Record<LookImage, readonly string[]>>> = {
  base: ['root-user'],
  python: [],
  // A package of the npm registry ships the token of a service.
  node: ['secret-in-file /shop/node_modules/debug/.coveralls.yml', 'root-user'],
  java: ['root-user'],
};
const planted = [
  'deleted-package ',
  'file-capabilities /srv/app/bin/port',
  'setgid-file /srv/app/bin/group',
  'setuid-file /srv/app/bin/root',
  'world-writable-file /srv/open/all',
  'world-writable-folder /srv/open',
];

const skip = lackingLookScene || lacking({ commands: ['getcap', 'readelf', 'find'] });

describe('the audit of an image of the real Docker engine', { skip }, () => {
  let scene: LookScene;
  let report: Report;
  let root: string;
  before(async () => {
    scene = await startLookScene(['layers', ...Object.keys(expected)] as readonly LookImage[]);
    report = await audit('layers');
    root = await scene.unpacked('layers');
  });
  after(() => scene?.[Symbol.asyncDispose]());

  const audit = (image: LookImage) => scene.ask<Report>(['audit', '--date', '2026-01-01', scene.place(image)]);

  for (const [image, findings] of Object.entries(expected)) {
    test(`${image}: nothing but its infos, and ${findings.join(', ') || 'no more'}`, async () => {
      const told = (await audit(image as LookImage)).findings.filter(({ level }) => level !== 'info');
      assert.deepEqual(
        told.map(({ rule, path }) => (path === undefined ? rule : `${rule} ${path}`)),
        findings,
      );
    });
  }

  test('layers: each fault that its Dockerfile plants, and no more', () => {
    const told = report.findings
      .filter(({ level }) => level !== 'info')
      .map(({ rule, path }) => `${rule} ${path ?? ''}`);
    assert.deepEqual(told.toSorted(), planted);
  });

  const questions: readonly (readonly [rule: string, expression: readonly string[]])[] = [
    ['setuid-file', ['-type', 'f', '-perm', '-4000', '-perm', '/111']],
    ['setgid-file', ['-type', 'f', '-perm', '-2010']],
    ['world-writable-file', ['-type', 'f', '-perm', '-0002']],
    ['world-writable-folder', ['-type', 'd', '-perm', '-0002', '!', '-perm', '-1000']],
  ];
  for (const [rule, expression] of questions) {
    test(`${rule} equals find ${expression.join(' ')}`, () => {
      assert.deepEqual(found(rule), files(find(expression)));
      assert.ok(found(rule).length > 0);
    });
  }

  test('device-node equals find -type b -o -type c', () => {
    // Containers have these devices of the engine, whatever the image has.
    const devices = find(['-type', 'c', '-o', '-type', 'b']).filter((path) => path !== '/dev/console');
    assert.deepEqual(
      found('device-node').filter((path) => path !== inode('/dev/console')),
      files(devices),
    );
    assert.ok(devices.includes('/srv/null'));
  });

  test('file-capabilities equals getcap -r', () => {
    const output = execFileSync(findCommand('getcap') ?? 'getcap', ['-r', root], { encoding: 'utf8' });
    const theirs = output
      .trim()
      .split('\n')
      .map((line) => line.slice(root.length));
    const ours = report.findings.filter(({ rule }) => rule === 'file-capabilities');
    assert.deepEqual(ours.map(({ path, message }) => `${path} ${message.split(' has ')[1]}`).sort(), theirs.sort());
    assert.deepEqual(theirs, ['/srv/app/bin/port cap_net_bind_service=ep']);
  });

  test('what programs and libraries lack equals what readelf shows', () => {
    const elves = readElves(
      root,
      find(['-type', 'f']).map((path) => path.slice(1)),
    );
    assert.ok(elves.length > 500, String(elves.length));
    const usesC = ({ needed }: ReadElf) => needed.some((name) => name.startsWith('libc.so'));
    const rules: Readonly<Record<string, (elf: ReadElf) => boolean>> = {
      'elf-no-nx': ({ nx }) => !nx,
      'elf-no-relro': ({ relro }) => !relro,
      'elf-no-pie': ({ type }) => type === 'EXEC',
      'elf-no-canary': (elf) => usesC(elf) && !elf.canary,
    };
    for (const [rule, lacks] of Object.entries(rules)) {
      const theirs = files(elves.filter(lacks).map(({ path }) => `/${path}`));
      const ours = found(rule);
      const omitted = report.omitted.reduce((sum, one) => sum + (one.rule === rule ? one.count : 0), 0);
      assert.deepEqual(ours.filter((file) => !theirs.includes(file)).map(nameOf), [], `${rule}: ours alone`);
      assert.equal(
        ours.length + omitted,
        theirs.length,
        `${rule}: ${theirs
          .filter((file) => !ours.includes(file))
          .map(nameOf)
          .join(' ')}`,
      );
    }
  });

  function find(expression: readonly string[]): readonly string[] {
    return execFileSync('find', [root, '(', ...expression, ')', '-printf', '/%P\\0'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
      .split('\0')
      .filter((path) => path !== '');
  }

  /** A finding is about a file, whatever names it has. */
  function found(rule: string): readonly string[] {
    return files(report.findings.flatMap((finding) => (finding.rule === rule ? [finding.path ?? ''] : [])));
  }

  function files(paths: readonly string[]): readonly string[] {
    return [...new Set(paths.map(inode))].sort();
  }

  function inode(path: string): string {
    return String(lstatSync(join(root, path)).ino);
  }

  function nameOf(file: string): string {
    return find(['-inum', file]).join(' = ');
  }
});
