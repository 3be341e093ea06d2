/** Whether a verified Release is the one that was asked for, and whether it is of today. */
import { SlimimageError } from '../errors.ts';
import type { Release } from './release.ts';

export interface ReleasePolicy {
  readonly now: Date;
  /** The past state that was asked for. */
  readonly asOf?: Date | undefined;
  /** The suite or codename that was asked for; undefined for a flat archive. */
  readonly suite: string | undefined;
  /** Off for snapshots and locks, which are old by intention. */
  readonly checkValidUntil: boolean;
  /** `debian bookworm-security`, for messages. */
  readonly name: string;
}

/** How far an archive's clock may be ahead of ours. apt's Acquire::Max-FutureTime is 10 seconds; containers drift more. */
const futureSeconds = 300;

/** @throws SlimimageError RELEASE_EXPIRED, RELEASE_NOT_YET_VALID, RELEASE_INVALID */
export function checkRelease(release: Release, policy: ReleasePolicy): void {
  const { name, suite } = policy;
  if (suite !== undefined && !answersTo(release, suite)) {
    const says = [release.suite, release.codename].filter((word) => word !== '').join(', ') || 'nothing';
    throw new SlimimageError({
      code: 'RELEASE_INVALID',
      message: `The Release of ${name} is another suite's: it says ${says} where ${suite} was asked for`,
      hint: 'the mirror is wrong, or the suite was renamed: ask for it by the name that the Release carries',
    });
  }
  const now = Math.floor(policy.now.getTime() / 1000);
  if (release.date !== undefined && release.date > now + futureSeconds) {
    throw new SlimimageError({
      code: 'RELEASE_NOT_YET_VALID',
      message: `The Release of ${name} is dated ${isoTime(release.date)}, but it is ${isoTime(now)} here`,
      hint: 'set the clock of this machine',
    });
  }
  const asOf = policy.asOf && Math.floor(policy.asOf.getTime() / 1000);
  if (asOf !== undefined && release.date !== undefined && release.date > asOf + futureSeconds) {
    throw new SlimimageError({
      code: 'RELEASE_INVALID',
      message: `The Release of ${name} is of ${isoTime(release.date)}, but the state of ${isoTime(asOf)} was asked for`,
      hint: 'the snapshot archive does not keep that state, or its URL is wrong: snapshot:',
    });
  }
  if (policy.checkValidUntil && release.validUntil !== undefined && release.validUntil <= now) {
    throw new SlimimageError({
      code: 'RELEASE_EXPIRED',
      message: `The Release of ${name} expired at ${isoTime(release.validUntil)}; it is ${isoTime(now)} here`,
      hint: 'the mirror is stale (try another), or the clock of this machine is wrong; for a snapshot set check-valid-until: false',
    });
  }
}

/** Seconds since the epoch as ISO 8601 UTC. */
export function isoTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/**
 * A Release answers to its Suite and its Codename; a Release that states neither answers to all. Debian's old security
 * suites (`buster/updates`) answer by their first part. Ubuntu's `noble-updates` has the codename `noble`: it does not
 * answer for `noble` itself.
 */
function answersTo(release: Release, asked: string): boolean {
  const { suite, codename } = release;
  if (suite === '' && codename === '') return true;
  const name = asked.split('/')[0] ?? '';
  if (name === '') return false;
  if (name === suite) return true;
  return name === codename && !suite.startsWith(`${codename}-`);
}
