import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import type { ElfFacts } from './facts.ts';
import { elfSource, readElf } from './read-elf.ts';

const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];
const missing = spawnSync('readelf', ['--version']).status === 0 ? undefined : 'readelf (binutils) is not installed';

/** Real files of this machine, every n-th of each folder. */
function sample(): readonly string[] {
  const list = (folder: string, want: number): string[] => {
    const files = entries(folder).filter((path) => /\.so(\.|$)/.test(path) || !path.includes('/lib/'));
    const step = Math.max(1, Math.floor(files.length / want));
    return files.filter((_path, index) => index % step === 0).slice(0, want);
  };
  const libc = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2'];
  return [
    ...libc,
    ...libraries.flatMap((folder) => list(folder, 120)),
    ...list('/usr/bin', 120),
    ...list('/usr/sbin', 30),
  ];
}

test('agrees with readelf on real files of this machine', { skip: missing ?? false }, () => {
  let compared = 0;
  const elfs: { path: string; facts: ElfFacts }[] = [];
  for (const path of sample()) {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch {
      continue;
    }
    const facts = readElf(elfSource(bytes));
    if (facts !== undefined) elfs.push({ path, facts });
  }
  const outputs = readelf(elfs.map(({ path }) => path));
  for (const { path, facts } of elfs) {
    assert.deepEqual(comparable(facts), parseReadelf(outputs.get(path) ?? ''), path);
    compared++;
  }
  assert.ok(compared > 50, `only ${compared} files were compared`);
});

const program = ['/usr/bin/true', '/bin/true'].find((path) => existsSync(path));

test('a real program with damaged bytes gives facts or ELF_INVALID', {
  skip: program === undefined && 'no /usr/bin/true',
}, () => {
  const good = readFileSync(program ?? '');
  const bytes = Uint8Array.from(good);
  const place = fc.oneof(fc.integer({ min: 4, max: 1024 }), fc.nat(good.length - 1));
  const change = fc.tuple(place, fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 16 }), fc.option(fc.nat(good.length)), (changes, cut) => {
      for (const [at, value] of changes) bytes[at] = value;
      try {
        readElf(elfSource(bytes.subarray(0, cut ?? bytes.length)));
      } catch (error) {
        assert.ok(isSlimimageError(error, 'ELF_INVALID'), String(error));
      } finally {
        for (const [at] of changes) bytes[at] = good[at] ?? 0;
      }
    }),
    { numRuns: 10_000 },
  );
});

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => lstatSync(path).isFile());
  } catch {
    return [];
  }
}

/** readelf's output by file; one process for all of them. */
function readelf(paths: readonly string[]): ReadonlyMap<string, string> {
  const text = execFileSync('readelf', ['-W', '-h', '-l', '-d', '-V', ...paths], {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const parts = text.split(/^File: (.*)\n/m);
  const found = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) found.set(parts[index] ?? '', parts[index + 1] ?? '');
  return found;
}

function comparable(facts: ElfFacts) {
  const { interpreter, soname, needed, rpath, runpath, versionsNeeded, versionsDefined, hardening } = facts;
  const { nx, pie, relro } = hardening;
  return { interpreter, soname, needed, rpath, runpath, versionsNeeded, versionsDefined, nx, pie, relro };
}

function parseReadelf(text: string): ReturnType<typeof comparable> {
  const dynamic = (tag: string): string[] =>
    [...text.matchAll(new RegExp(`\\(${tag}\\).*\\[(.*)\\]$`, 'gm'))].map((match) => match[1] ?? '');
  const flags = (text.match(/\((?:FLAGS|FLAGS_1)\) .*$/gm) ?? []).join(' ');
  const now = /\(BIND_NOW\)|BIND_NOW|\bNOW\b/.test(flags) || /\(BIND_NOW\)/.test(text);
  const interpreter = text.match(/Requesting program interpreter: (.*)\]/)?.[1];
  const shared = /Type: +DYN/.test(text);
  return {
    interpreter,
    soname: dynamic('SONAME')[0],
    needed: dynamic('NEEDED'),
    rpath: dynamic('RPATH')[0],
    runpath: dynamic('RUNPATH')[0],
    versionsNeeded: versionsNeeded(text),
    versionsDefined: [...section(text, 'definition').matchAll(/Flags: (\S+).*Name: (\S+)$/gm)]
      .filter((match) => match[1] !== 'BASE')
      .map((match) => match[2] ?? ''),
    nx: /GNU_STACK .* RW {2}/.test(text),
    pie: shared && (/\bPIE\b/.test(flags) || (interpreter !== undefined && /\(DEBUG\)/.test(text))),
    relro: /GNU_RELRO/.test(text) ? (now ? 'full' : 'partial') : 'none',
  };
}

function versionsNeeded(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  let library = '';
  for (const line of section(text, 'needs').split('\n')) {
    library = line.match(/File: (\S+)/)?.[1] ?? library;
    if (/File: /.test(line)) found[library] ??= [];
    const version = line.match(/Name: (\S+) +Flags: (\S+)/);
    if (version !== null && version[2] !== 'WEAK') found[library]?.push(version[1] ?? '');
  }
  return found;
}

function section(text: string, name: 'definition' | 'needs'): string {
  return text.match(new RegExp(`^Version ${name} section[\\s\\S]*?(?=^Version |^\\n|(?![\\s\\S]))`, 'm'))?.[0] ?? '';
}
