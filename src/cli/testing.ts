import type { BuildResult, PlatformResult } from '../index.ts';
import * as publicApi from '../index.ts';
import type { Api, Io } from './io.ts';
import { run } from './run.ts';

/** What a command wrote and how it ended. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly api?: Partial<Api>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly signal?: AbortSignal;
}

/** Runs a command with captured output. What `api` does not replace is the real thing. */
export async function runCaptured(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const { isTTY = false, columns } = options;
  const io: Io = {
    stdout: { write: (text) => (stdout += textOf(text)), isTTY, columns },
    stderr: { write: (text) => (stderr += textOf(text)), isTTY, columns },
    env: options.env ?? {},
    cwd: options.cwd ?? '/nowhere',
    signal: options.signal ?? new AbortController().signal,
  };
  const status = await run(argv, io, { ...publicApi, ...options.api });
  return { status, stdout, stderr };
}

function textOf(text: string | Uint8Array): string {
  return typeof text === 'string' ? text : new TextDecoder().decode(text);
}

export const digest = `sha256:${'ab'.repeat(32)}` as const;

/** A build of two packages, and what a test changes in it. */
export function sampleResult(changes: Partial<PlatformResult> = {}): BuildResult {
  return {
    reference: 'store:web',
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    created: 1_700_000_000,
    compression: { algorithm: 'gzip', level: 6 },
    platforms: [{ ...samplePlatform, ...changes }],
    outputs: [{ target: 'store:web', bytes: 5_400_000, note: undefined }],
    papers: [],
    signatures: [],
    warnings: [{ message: '3 files have no owner', hint: undefined }],
    timings: [
      { phase: 'download', milliseconds: 1200 },
      { phase: 'convert', milliseconds: 300 },
    ],
  };
}

const samplePlatform: PlatformResult = {
  platform: 'linux/amd64',
  manifest: digest,
  config: digest,
  layers: [
    {
      digest,
      diffId: digest,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      size: 14_200_000,
      compressedSize: 5_400_000,
      inherited: false,
      what: { packages: ['libc6', 'nginx'], files: { own: 2, generated: 9 } },
    },
  ],
  packages: [
    {
      name: 'libc6',
      version: '2.41-12',
      architecture: 'amd64',
      source: { name: 'glibc', version: '2.41-12' },
      archive: 'debian',
      suite: 'trixie',
      requested: false,
      installedBytes: 12_800_000,
      files: 300,
    },
    {
      name: 'nginx',
      version: '1.26.3-3',
      architecture: 'amd64',
      source: { name: 'nginx', version: '1.26.3-3' },
      archive: 'debian',
      suite: 'trixie',
      requested: true,
      installedBytes: 1_400_000,
      files: 20,
    },
  ],
  files: { count: 2, bytes: 1500 },
  omitted: [{ reason: 'documentation', count: 12, bytes: 250_000 }],
  leftOut: [],
  scripts: [
    {
      package: 'login',
      script: 'postinst',
      verdict: 'covered',
      lines: [
        {
          line: 12,
          text: 'chmod 600 /var/log/faillog',
          certainty: 'runs',
          verdict: 'covered',
          because: 'script files',
          paths: ['/var/log/faillog'],
        },
      ],
    },
  ],
  stripped: [{ package: 'login', path: '/usr/bin/su', mode: 0o4755, capability: undefined }],
  pruning: { cuts: [], kept: [] },
  check: { checked: { elf: 120, scripts: 4, links: 80 }, warnings: [{ type: 'library', count: 2 }], allowed: 0 },
  notes: [{ type: 'replaced', path: 'usr/bin/x', winner: 'nginx', loser: 'libc6' }],
  releases: [],
};
