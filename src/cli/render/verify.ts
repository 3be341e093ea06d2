import type { Claim, ClaimDetail, ImageVerification } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { count } from './units.ts';

/** Lines of details of one claim without --verbose. */
const shown = 5;

const words = { proven: 'proven  ', failed: 'FAILED  ', unproven: 'unproven' } as const;

/** What is proven of an image, what failed, what is not proven, and by what. */
export function renderVerify(report: ImageVerification, { verbose }: { readonly verbose: boolean }): string {
  const { image, digest, claims } = report;
  const of = digest === undefined ? image : `${image} (${digest})`;
  const numbers = (['proven', 'failed', 'unproven'] as const).map(
    (status) => `${claims.filter((claim) => claim.status === status).length} ${status}`,
  );
  const platforms = new Set(claims.flatMap(({ platform }) => platform ?? []));
  return [
    withoutControls(of),
    ...claims.flatMap((claim) => claimLines(claim, { verbose, platforms: platforms.size })),
    `${verdict(report)}: ${count(claims.length, 'claim')}, ${numbers.join(', ')}`,
    ...(report.verified && report.against.length === 0 ? [originOf(claims)] : []),
  ].join('\n');
}

function originOf(claims: readonly Claim[]): string {
  const own = claims.filter(({ id }) => id === 'provenance-files');
  const isVouched = own.length > 0 && own.every(({ status }) => status === 'proven');
  const what = isVouched
    ? "The archive's keys vouch for the contents of packaged files, and nothing outside of the image for the rest"
    : 'Nothing outside of the image vouches for the contents of all of its files';
  return `${what}: --key proves who made it, --lock what it was made of.`;
}

function verdict({ verified, against, claims }: ImageVerification): string {
  if (!verified) return 'NOT verified';
  if (against.length === 0) return `${wholeness(claims)}, origin unproven`;
  return `verified by ${against.map((one) => `the ${one}`).join(' and ')}`;
}

/** Bare trees and forms without digests have nothing that could be found damaged. */
function wholeness(claims: readonly Claim[]): string {
  if (claims.every(({ status }) => status !== 'proven')) return 'nothing proven, nothing failed';
  return claims.some(({ id, status }) => (id === 'blobs' || id === 'layers') && status === 'proven')
    ? 'whole'
    : 'nothing failed';
}

function claimLines(
  one: Claim,
  { verbose, platforms }: { readonly verbose: boolean; readonly platforms: number },
): readonly string[] {
  const { status, claim, platform, counts, by, reason, details } = one;
  const where = platform !== undefined && platforms > 1 ? ` (${platform})` : '';
  const held = counts.proven + counts.failed + counts.unproven;
  const of = status === 'proven' ? String(counts.proven) : `${counts.proven} of ${held}`;
  const told = verbose ? details : details.filter((detail) => detail.status !== 'note');
  const first = verbose ? told : told.slice(0, shown);
  const notes = verbose ? [] : details.filter((detail) => detail.status === 'note');
  const repeated = details.some(({ message }) => message === reason);
  return [
    `${words[status]} ${claim}${where}${held === 0 ? '' : `: ${of}`}`,
    ...(status !== 'proven' && reason !== undefined && !repeated ? [`           ${withoutControls(reason)}`] : []),
    ...first.map(detailLine),
    ...(told.length > first.length ? [`           and ${told.length - first.length} more (--verbose lists them)`] : []),
    ...notes.slice(0, 1).map(detailLine),
    ...(notes.length > 1 ? [`           and ${count(notes.length - 1, 'more note')} (--verbose lists them)`] : []),
    ...(verbose ? [`           by ${withoutControls(by)}`] : []),
  ];
}

function detailLine({ status, about, message }: ClaimDetail): string {
  const mark = status === 'failed' ? '!' : status === 'unproven' ? '?' : '-';
  return withoutControls(`         ${mark} ${about}: ${message}`);
}
