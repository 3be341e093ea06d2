import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DoseReport {
  /** `name version` of every package that cannot be installed. */
  readonly broken: ReadonlySet<string>;
  readonly packages: number;
  readonly seconds: number;
}

/**
 * dose-debcheck over a Packages file. Packages marked Essential are not taken for installed: nor does an image have them.
 */
export function askDose(packages: string, { architecture }: { readonly architecture: string }): DoseReport {
  const started = performance.now();
  const { status, stdout, error } = spawnSync(
    'dose-debcheck',
    [
      `--deb-native-arch=${architecture}`,
      '--deb-ignore-essential',
      '--failures',
      '--explain-minimal',
      '-e',
      '--quiet',
      '-tdeb',
      packages,
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 30, env: { ...process.env, LC_ALL: 'C.UTF-8' } },
  );
  const seconds = (performance.now() - started) / 1000;
  // Status 1 says that something is broken.
  if (error !== undefined || status === null || status > 1) {
    throw new Error('dose-debcheck is missing or failed: on Debian, apt-get install dose-distcheck');
  }
  const total = /^total-packages: (\d+)$/m.exec(stdout)?.[1];
  const entries = stdout.matchAll(
    /^ -\n {2}package: (\S+)\n {2}version: (\S+)\n {2}architecture: \S+\n(?: {2}\S.*\n)*? {2}status: broken$/gm,
  );
  return {
    broken: new Set([...entries].map(([, name, version]) => `${name} ${version}`)),
    packages: Number(total),
    seconds,
  };
}

/**
 * dose-debcheck reads `Conflicts: name:any (<< 1)` as if it had no version, where apt heeds both. The same file without
 * `:any` in Conflicts and Breaks shows what hangs on that.
 */
export function askDoseWithoutAny(packages: string, options: { readonly architecture: string }): DoseReport {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-dose-'));
  try {
    const file = join(folder, 'Packages');
    const text = readFileSync(packages, 'utf8');
    writeFileSync(
      file,
      text.replace(/^(?:Conflicts|Breaks):.*$/gm, (line) => line.replaceAll(/:any(?= \()/g, '')),
    );
    return askDose(file, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
