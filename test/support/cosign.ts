import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchDebs } from '../../src/archive/fetch-debs.ts';
import { locatePreset, readHostSources } from '../../src/archive/mirrors.ts';
import { openArchives } from '../../src/archive/open-archives.ts';
import { findPreset } from '../../src/archive/presets.ts';
import { isSlimimageError } from '../../src/errors.ts';
import { hostPlatform } from '../../src/image/host-platform.ts';
import { createHttpClient } from '../../src/net/client.ts';
import { debianOfPlatform } from '../../src/oci/debian-architecture.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { lackingArchive } from './builder.ts';
import { lacking } from './need.ts';
import { projectRoot } from './source-code.ts';

/** Debian's cosign, which this machine need not have: 3.x of sid, 2.x of trixie. */
export interface Cosign {
  /** Version of the package. */
  readonly version: string;
  /**
   * Runs it in a home of its own, so that no trust root of this machine counts.
   * @param options.home its HOME and working folder
   */
  run(argv: readonly string[], options: { readonly home: string; readonly password?: string }): Promise<CosignRun>;
}

export interface CosignRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Unpacked once for each version. */
const cache = join(projectRoot, '.cache/cosign');

/** The program out of the suite's .deb, verified as for a build; or why there is none. */
export async function fetchCosign(suite: 'sid' | 'trixie'): Promise<Cosign | string> {
  const lacks = lackingArchive || lacking({ commands: ['dpkg-deb'] });
  if (lacks !== false) return lacks;
  try {
    return await unpack(suite);
  } catch (error) {
    if (isSlimimageError(error)) return `cosign of ${suite}: ${error.message}`;
    throw error;
  }
}

async function unpack(suite: string): Promise<Cosign> {
  const env = process.env;
  const architecture = debianOfPlatform(hostPlatform());
  const located = locatePreset(findPreset(`debian/${suite}`), architecture, {
    env,
    hostSources: await readHostSources(),
  });
  // A mirror that stands still is no reason to go without the test.
  const [main] = located.map((archive) => ({ ...archive, suites: [suite], checkValidUntil: false }));
  if (main === undefined) throw new Error(`debian/${suite} has no archive`);
  const store = await LocalStore.open(join(cache, 'store'));
  const http = createHttpClient({ env });
  try {
    const opened = await openArchives([main], { architecture, store, http, now: Date.now });
    const [record] = opened.universe.candidates('cosign');
    if (record === undefined) throw new Error(`debian/${suite} has no cosign`);
    const [deb] = await fetchDebs([record], { store, http, archives: [main] });
    if (deb === undefined) throw new Error('no .deb');
    const folder = join(cache, record.sha256);
    await unpackOnce(deb.file, folder);
    return {
      version: record.version,
      run: (argv, options) => run(join(folder, 'usr/bin/cosign'), { argv, ...options }),
    };
  } finally {
    await http.close();
    await store.close();
  }
}

async function unpackOnce(deb: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'unpacking-'));
  execFileSync('dpkg-deb', ['-x', deb, fresh]);
  // Somebody else may have been faster: theirs is the same.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
}

interface Run {
  readonly argv: readonly string[];
  readonly home: string;
  readonly password?: string;
}

function run(program: string, { argv, home, password = '' }: Run): Promise<CosignRun> {
  const env = { HOME: home, TUF_ROOT: join(home, 'tuf'), COSIGN_PASSWORD: password };
  return new Promise((resolve) => {
    execFile(program, argv, { cwd: home, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr });
    });
  });
}
