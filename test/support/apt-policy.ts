/** A private apt over a few stanzas: own sources, lists and an empty dpkg status. Nothing of the host's counts. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pin } from '../../src/solver/types.ts';

export interface SmallSuite {
  /** Folder of dists/, and what the sources name. */
  readonly suite: string;
  /** Fields of its Release. */
  readonly fields: Readonly<Record<string, string>>;
  /** Text of Packages by component. */
  readonly components: Readonly<Record<string, string>>;
}

export interface PrivateApt extends Disposable {
  /** `CANDIDATE; VERSION PRIORITY, ...` of a package, as `apt-cache policy` has it. */
  policy(name: string, pins: readonly Pin[]): string;
  /** Sorted `name version` of what would be installed, `no` where apt refuses. */
  install(request: string, pins: readonly Pin[]): string;
}

export function makeApt(suites: readonly SmallSuite[]): PrivateApt {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-apt-'));
  for (const suite of suites) writeSuite(join(folder, 'archive'), suite);
  const lists = suites.map(
    ({ suite, components }) =>
      `deb [trusted=yes] copy:${folder}/archive ${suite} ${Object.keys(components).join(' ')}\n`,
  );
  for (const part of ['etc', 'state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'etc/sources.list'), lists.join(''));
  writeFileSync(join(folder, 'state/status'), '');
  writeFileSync(join(folder, 'apt.conf'), settingsOf(folder));
  const env = { PATH: process.env['PATH'], APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C.UTF-8' };
  execFileSync('apt-get', ['-qq', 'update'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const run = (command: string, args: readonly string[], pins: readonly Pin[]) => {
    writeFileSync(join(folder, 'etc/preferences'), preferencesOf(pins));
    return spawnSync(command, args, { env, encoding: 'utf8' });
  };
  return {
    policy(name, pins) {
      const { stdout } = run('apt-cache', ['policy', name], pins);
      const candidate = /^ {2}Candidate: (\S+)$/m.exec(stdout)?.[1];
      const versions = [...stdout.matchAll(/^ {5}(\S+) (-?\d+)$/gm)].map(
        ([, version, priority]) => `${version} ${priority}`,
      );
      return `${candidate}; ${versions.join(', ')}`;
    },
    install(request, pins) {
      const args = ['-qq', 'install', '--simulate', '--no-install-recommends', ...request.split(' ')];
      const { status, stdout } = run('apt-get', args, pins);
      if (status !== 0) return 'no';
      return [...stdout.matchAll(/^Inst (\S+) \((\S+) /gm)]
        .map(([, name, version]) => `${name} ${version}`)
        .sort()
        .join(', ');
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Pins as text of apt_preferences(5). */
export function preferencesOf(pins: readonly Pin[]): string {
  const records = pins.map(({ packages, match, priority }) => {
    const pin = match.type === 'version' ? `version ${match.glob}` : `release ${match.name ?? fieldsOf(match)}`;
    const number = priority === -32_768 ? 'never' : priority;
    return `Package: ${packages.join(' ') || '*'}\nPin: ${pin}\nPin-Priority: ${number}\n`;
  });
  return records.join('\n');
}

function fieldsOf(match: Extract<Pin['match'], { type: 'release' }>): string {
  const letters = { a: 'suite', n: 'codename', v: 'version', o: 'origin', l: 'label', c: 'component' } as const;
  return Object.entries(letters)
    .flatMap(([letter, field]) => (match[field] === undefined ? [] : [`${letter}=${match[field]}`]))
    .join(',');
}

function writeSuite(archive: string, { suite, fields, components }: SmallSuite): void {
  const sums = Object.entries(components).map(([component, text]) => {
    const path = `${component}/binary-amd64/Packages`;
    mkdirSync(join(archive, 'dists', suite, component, 'binary-amd64'), { recursive: true });
    writeFileSync(join(archive, 'dists', suite, path), text);
    return ` ${createHash('sha256').update(text).digest('hex')} ${text.length} ${path}`;
  });
  const head = { ...fields, Components: Object.keys(components).join(' '), Architectures: 'amd64' };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  const text = [...lines, 'Date: Sat, 01 Nov 2025 00:00:00 UTC', 'SHA256:', ...sums, ''].join('\n');
  writeFileSync(join(archive, 'dists', suite, 'Release'), text);
}

function settingsOf(folder: string): string {
  const settings = {
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': '',
    'APT::Solver': 'internal',
    'Acquire::Languages': 'none',
    'Debug::NoLocking': 'true',
    'Dir::Etc': `${folder}/etc`,
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::parts': '/dev/null',
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State': `${folder}/state`,
    'Dir::State::status': `${folder}/state/status`,
    'Dir::Cache': `${folder}/cache`,
    'Dir::Log': folder,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  return `${lines.join('')}APT::Architectures { "amd64"; };\n`;
}
