import type { Question } from '../../src/build/resolve.ts';
import { securityUpdate } from '../../src/build/update/security.ts';
import type { PackageRecord } from '../../src/distro/types.ts';
import type { SolverPolicy } from '../../src/solver/types.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { lockOf } from './locks.ts';
import { fullPolicy, packages, requests, universeOf } from './universe.ts';

export interface UpdateSketch {
  readonly locked: readonly string[];
  /** What the archives have now. */
  readonly archives: readonly string[];
  /** What their security suite has. */
  readonly security: readonly string[];
  readonly request?: string;
  readonly policy?: Partial<SolverPolicy>;
  /** Locked packages that are read and not installed. */
  readonly donors?: readonly string[];
}

/** A security update of packages in lines: those of the new lock, and one line for each update that is held back. */
export async function sketchUpdate(sketch: UpdateSketch) {
  const { locked, archives, security, request = 'app', policy = {}, donors = [] } = sketch;
  const universe = universeOf(records([...archives, ...security.map((line) => `${line}; Suite: trixie-security`)]));
  const fetched: string[] = [];
  const question: Question = {
    asked: {
      platform: { os: 'linux', architecture: 'amd64' },
      architecture: 'amd64',
      layout: 'merged',
      requests: requests(request),
      files: [],
      archives: [],
    },
    policy: { ...fullPolicy, ...policy },
    requestsIn: () => requests(request),
  };
  const { answer, held, gone } = await securityUpdate(universe, {
    locked: { packages: packagesOf(locked), donors: packagesOf(donors) },
    free: [],
    question,
    fetch: async (items) => {
      fetched.push(...items.map(({ name }) => name));
      return items.flatMap(({ name }) => records([...locked, ...donors]).filter((record) => record.name === name));
    },
  });
  return {
    chosen: answer.ok
      ? answer.resolution.packages.map(({ record: { name, version } }) => `${name} ${version}`)
      : answer.conflicts,
    held: held.map(({ name, version, available, by, why }) => `${name} ${version}, not ${available} (${by}): ${why}`),
    fetched,
    gone: gone.map(({ name }) => name),
  };
}

function packagesOf(lines: readonly string[]) {
  return lockOf(lines).platforms[0]?.packages ?? [];
}

/** Their sums are those that `lockOf` gives to the same name and version. */
function records(lines: readonly string[]): readonly PackageRecord[] {
  return packages(...lines.map((line) => `${line}; SHA256: ${sha256Hex(`${line.split(';')[0]} `)}`));
}
