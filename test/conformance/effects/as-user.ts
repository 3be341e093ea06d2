import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage, flagsToSpec, type ImageSpec, isSlimimageError, loadConfig } from '../../../src/index.ts';
import { projectRoot } from '../../support/source-code.ts';
import type { SlimimageOptions } from './slimimage-side.ts';
import type { PackageSet } from './types.ts';

/** How a set builds where nothing but its packages is asked for, or as the catalogue has it. */
export interface UserBuild {
  readonly set: string;
  readonly outcome: 'built' | 'refused by the check' | 'stopped by a script' | 'failed';
  readonly packages: number;
  readonly cuts: number;
  /** What stopped it, `CODE: message`; else the warnings. */
  readonly messages: readonly string[];
}

/** Builds the set with every default, into one layer that is not compressed; the store keeps it under the name of the set. */
export async function buildAsUser(
  set: PackageSet,
  { mirrors, store, work, now }: SlimimageOptions,
): Promise<UserBuild> {
  const tar = join(work, `${set.name}-user.tar`);
  const spec: ImageSpec = {
    ...(set.kind === 'catalogue'
      ? await loadConfig(`catalog/${set.name}`, { cwd: projectRoot })
      : flagsToSpec({ from: 'debian/trixie', package: set.packages }, { cwd: work })),
    name: set.name,
    platforms: ['linux/amd64'],
    // Neither takes part in what is refused, and both take time.
    compression: { algorithm: 'none', level: 0 },
    layers: { type: 'single' },
    mirrors: Object.fromEntries(Object.entries(mirrors).map(([archive, url]) => [archive, [url]])),
  };
  const env = { ...process.env, SOURCE_DATE_EPOCH: undefined };
  try {
    const options = { store, env, now: () => now, outputs: [`tar:${tar}`], sboms: [], provenance: false };
    const result = await buildImage(spec, options);
    const count = (of: (platform: (typeof result.platforms)[number]) => readonly unknown[]) =>
      result.platforms.reduce((sum, platform) => sum + of(platform).length, 0);
    return {
      set: set.name,
      outcome: 'built',
      packages: count(({ packages }) => packages),
      cuts: count(({ pruning }) => pruning.cuts),
      messages: result.warnings.map(({ message }) => message),
    };
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
    const outcome = outcomes[error.code] ?? 'failed';
    return { set: set.name, outcome, packages: 0, cuts: 0, messages: [`${error.code}: ${error.message}`] };
  } finally {
    await rm(tar, { force: true });
  }
}

const outcomes: Readonly<Record<string, UserBuild['outcome']>> = {
  IMAGE_BROKEN: 'refused by the check',
  SCRIPT_NOT_REPRODUCED: 'stopped by a script',
};

/** A line a set that says anything, then the sums. */
export function userLines(builds: readonly UserBuild[]): readonly string[] {
  const told = builds.filter(({ outcome, messages }) => outcome !== 'built' || messages.length > 0);
  return [
    ...told.flatMap(({ set, outcome, messages }) => [
      `${set}: ${outcome}${outcome === 'built' ? `, ${messages.length} warnings` : ''}`,
      ...messages.map((message) => `  ${message.split('\n').join('\n  ')}`),
    ]),
    '',
    ...(['catalogue', 'drawn'] as const).map((kind) => sumLine(kind, builds)),
  ];
}

function sumLine(kind: PackageSet['kind'], builds: readonly UserBuild[]): string {
  const own = builds.filter(({ set }) => set.startsWith('drawn-') === (kind === 'drawn'));
  const have = (outcome: UserBuild['outcome']) => own.filter((one) => one.outcome === outcome).length;
  const warned = own.filter(({ outcome, messages }) => outcome === 'built' && messages.length > 0).length;
  return `${kind}: ${have('built')} of ${own.length} built (${warned} with warnings), ${have('refused by the check')} refused by the check, ${have('stopped by a script')} stopped by a script, ${have('failed')} failed`;
}
