import { type AssembledPlatform, assemblePlatform } from '../../build/assemble-platform.ts';
import { runtimeConfig } from '../../build/image.ts';
import type { LockFile } from '../../build/lock/file.ts';
import type { SessionOptions } from '../../build/session.ts';
import { openSession } from '../../build/session.ts';
import { isSlimimageError } from '../../errors.ts';
import type { LockedPlatform } from '../../lock/types.ts';
import type { RuntimeConfig } from '../../oci/documents.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { canonicalJson } from '../../util/json.ts';
import { compareStrings } from '../../util/text.ts';
import type { ImagePackages } from '../../view/packages.ts';
import { compareTree } from './compare-tree.ts';
import type { LockedSpec } from './locked-spec.ts';
import type { ReadContents } from './read-contents.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface CheckLockInput {
  readonly lock: LockFile;
  readonly locked: LockedSpec;
  readonly platform: string;
  /** Of the image. */
  readonly settings: RuntimeConfig | undefined;
  /** Of the image, RFC 3339. */
  readonly created: string | undefined;
  readonly packages: ImagePackages;
  readonly contents: ReadContents;
}

/**
 * An image of one platform held against a lock: its packages, and every path against what the locked .debs give.
 * @throws SlimimageError ABORTED, STORE
 */
export async function checkLock(input: CheckLockInput, options: SessionOptions): Promise<readonly Claim[]> {
  const { lock, platform, packages } = input;
  const found = lock.document.platforms.find((one) => one.platform === platform);
  if (found === undefined) {
    const tally = new Tally();
    tally.failed(platform, 'the lock has nothing for it');
    return [tally.claim({ id: 'locked-packages', claim: packagesClaim, by: packagesEvidence, platform })];
  }
  return [checkPackages(found, packages), ...(await checkTree(input, options))];
}

const packagesClaim = 'the packages are those of the lock, in the same versions';
const packagesEvidence = "the image's package database, held against the lock";

function checkPackages({ packages, cuts, on, platform }: LockedPlatform, found: ImagePackages): Claim {
  const tally = new Tally();
  const cut = new Set(cuts.map(({ name }) => name));
  const wanted = new Map(packages.filter(({ name }) => !cut.has(name)).map((one) => [one.name, one]));
  const there = found.packages.filter(({ ecosystem }) => ecosystem === 'deb');
  for (const { name, version, architecture } of there) {
    const one = wanted.get(name);
    wanted.delete(name);
    if (one === undefined && on === null) tally.failed(name, `${version} is in the image, and not in the lock`);
    else if (one === undefined)
      tally.unproven(name, `${version} is not in the lock: the image below (${on}) may have brought it`);
    else if (one.version !== version || one.architecture !== architecture)
      tally.failed(name, `it is ${version} (${architecture}), and ${one.version} (${one.architecture}) in the lock`);
    else tally.proven();
  }
  for (const { name, version } of wanted.values())
    tally.failed(name, `${version} is in the lock, and not in the image`);
  return tally.claim({ id: 'locked-packages', claim: packagesClaim, by: packagesEvidence, platform });
}

async function checkTree(input: CheckLockInput, options: SessionOptions): Promise<readonly Claim[]> {
  const { lock, locked, platform, contents } = input;
  const { isWhole } = locked;
  const env = { ...options.env, ...timeOf(input) };
  const session = await openSession({ ...options, env, offline: options.offline === true || locked.offline });
  try {
    const made = await assemblePlatform(locked.spec, {
      platform: parsePlatform(platform),
      session,
      lock: lock.document,
    });
    const claims = compareTree({ made, contents, isWhole, platform });
    return [...claims, checkSettings(made, input)];
  } catch (error) {
    if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
    return [
      new Tally().claim({
        id: 'locked-files',
        claim: 'files of packages are those of the locked .debs',
        by: 'the .debs, found by the sha256 of the lock',
        empty: [error.message, ...(error.hint === undefined ? [] : [error.hint])].join('; '),
        platform,
      }),
    ];
  } finally {
    await session.close();
  }
}

/**
 * A build may have been told its time (SOURCE_DATE_EPOCH): files are held against the time that the image says it has. Nothing else of them
 * follows from it.
 */
function timeOf({ created = '', locked }: CheckLockInput): Readonly<Record<string, string>> {
  const milliseconds = Date.parse(created);
  if (locked.spec.created !== undefined || !(milliseconds >= 0)) return {};
  return { SOURCE_DATE_EPOCH: String(Math.floor(milliseconds / 1000)) };
}

/** What starts, as whom, with which environment: the files prove nothing of it. */
function checkSettings(
  { base, assembled }: AssembledPlatform,
  { locked: { spec, isWhole }, settings = {}, platform }: CheckLockInput,
): Claim {
  const tally = new Tally();
  const about = { id: 'settings', claim: settingsClaim, by: settingsEvidence, platform } as const;
  if (!isWhole) return tally.claim({ ...about, empty: 'the configuration is not known: give it with --file' });
  const wanted: Readonly<Record<string, unknown>> = {
    ...runtimeConfig({ spec, user: assembled.effects.user.text, base }),
  };
  const found: Readonly<Record<string, unknown>> = { ...settings };
  for (const key of [...new Set([...Object.keys(wanted), ...Object.keys(found)])].sort(compareStrings)) {
    const [is, should] = [found[key], wanted[key]].map(shown);
    if (is === should) tally.proven();
    else tally.failed(key, `it is ${is}, not ${should}`);
  }
  return tally.claim(about);
}

const settingsClaim = 'entrypoint, environment, user and the other settings are those of the configuration';
const settingsEvidence = 'the config of the image, held against the configuration and the image below';

function shown(value: unknown): string {
  return value === undefined || value === null ? 'nothing' : canonicalJson(value);
}
