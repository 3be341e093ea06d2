/** A private apt: own sources, lists, cache and an empty dpkg status. Nothing of the host's configuration counts. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveSpec } from '../../../src/archive/types.ts';
import { projectRoot } from '../../support/source-code.ts';
import type { Answer } from './types.ts';

export interface AptRoot {
  readonly folder: string;
  /** Environment that makes libapt use this root and no other. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface AptRootOptions {
  readonly architecture: string;
  /** Folder of what `updateLists` fetches; several roots may share it. */
  readonly lists: string;
  /** Folder of what libapt makes of the lists; roots with the same sources may share it. */
  readonly cache: string;
  /** Of `APT::Install-Recommends`. */
  readonly recommends?: boolean;
  /** Text of apt_preferences(5). */
  readonly preferences?: string;
}

/** @param folder made where it is missing; what is there is written anew. */
export async function makeAptRoot(
  folder: string,
  specs: readonly ArchiveSpec[],
  options: AptRootOptions,
): Promise<AptRoot> {
  const { architecture, lists, cache, recommends = false, preferences = '' } = options;
  for (const part of ['state', 'etc']) await mkdir(join(folder, part), { recursive: true });
  await mkdir(join(cache, 'archives/partial'), { recursive: true });
  await mkdir(join(lists, 'partial'), { recursive: true });
  const keyring = join(folder, 'etc/keys.asc');
  await writeFile(keyring, await readKeys());
  await writeFile(join(folder, 'etc/sources.list'), sourcesOf(specs, { keyring, architecture }));
  await writeFile(join(folder, 'etc/preferences'), preferences);
  await writeFile(join(folder, 'state/status'), '');
  const config = join(folder, 'apt.conf');
  const settings: Readonly<Record<string, string>> = {
    'APT::Architecture': architecture,
    'APT::Install-Recommends': String(recommends),
    'APT::Solver': 'internal',
    'APT::Sandbox::User': '',
    'APT::Get::List-Cleanup': 'false',
    'Acquire::Languages': 'none',
    'Debug::NoLocking': 'true',
    'Dir::Etc': join(folder, 'etc'),
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::parts': '/dev/null',
    'Dir::Etc::sourcelist': join(folder, 'etc/sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': join(folder, 'etc/preferences'),
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'state/status'),
    'Dir::State::extended_states': join(folder, 'state/extended_states'),
    'Dir::State::lists': lists,
    'Dir::Cache': cache,
    'Dir::Log': folder,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(config, `${lines.join('')}APT::Architectures { "${architecture}"; };\n`);
  return { folder, env: { PATH: process.env['PATH'], APT_CONFIG: config, LC_ALL: 'C.UTF-8' } };
}

/** `apt-get update`. Its words name the mirror's host: they are not passed on. */
export async function updateLists(root: AptRoot): Promise<void> {
  const { status } = await run('apt-get', ['-qq', '-o', 'APT::Update::Error-Mode=any', 'update'], root);
  if (status !== 0) throw new Error('apt-get update failed in the private root');
}

/** What `apt-get install --simulate` would install. */
export async function simulate(packages: readonly string[], root: AptRoot): Promise<Answer> {
  const { status, output, errors } = await run('apt-get', ['-qq', 'install', '--simulate', ...packages], root);
  if (status !== 0 && refusal.test(errors)) return { refused: 'apt-get' };
  // A cache that another apt-get writes at the moment, a full disk, ...: no word on the request.
  if (status !== 0) throw new Error(`apt-get install --simulate ${packages.join(' ')} failed: ${errors}`);
  const lines = output.matchAll(/^Inst (\S+) \((\S+) .*\[(\S+)\]/gm);
  return { install: [...lines].map(([, name, version, machine]) => `${name}=${version}:${machine}`) };
}

const refusal =
  /^E: (?:Unable to (?:correct problems|locate package)|(?:Version|Release) .* was not found|Package .* has no installation candidate|Error, pkgProblemResolver)/m;

/** Hexadecimal sha256 of every InRelease in the lists: what the archives were when apt fetched them. */
export async function releaseDigests(lists: string): Promise<ReadonlySet<string>> {
  const names = (await readdir(lists)).filter((name) => name.endsWith('_InRelease'));
  const texts = await Promise.all(names.map((name) => readFile(join(lists, name))));
  return new Set(texts.map((bytes) => createHash('sha256').update(bytes).digest('hex')));
}

export async function run(command: string, args: readonly string[], { env }: Pick<AptRoot, 'env'>, input = '') {
  const child = spawn(command, args, { env, stdio: 'pipe' });
  const exited = new Promise<number>((settle, fail) => {
    child.on('error', fail);
    child.on('close', (code) => settle(code ?? 1));
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8')) output += text;
  return { status: await exited, output, errors };
}

function sourcesOf(
  specs: readonly ArchiveSpec[],
  { keyring, architecture }: { readonly keyring: string; readonly architecture: string },
): string {
  return specs
    .flatMap(({ urls: [url], suites, components }) =>
      suites.map(
        (suite) => `deb [signed-by=${keyring} arch=${architecture}] ${url} ${suite} ${components.join(' ')}\n`,
      ),
    )
    .join('');
}

async function readKeys(): Promise<string> {
  const folder = join(projectRoot, 'keys/debian');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.asc')).sort();
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}
