import type { Claim, ClaimId, ImageVerification } from './types.ts';

/** What was asked for by giving a lock or a key has to be proven; all else must not fail. */
export function isVerified(
  claims: readonly Claim[],
  { isLocked, isKeyed }: { readonly isLocked: boolean; readonly isKeyed: boolean },
): boolean {
  const demanded = new Set<ClaimId>([
    ...(isLocked ? (['locked-packages', 'locked-files'] as const) : []),
    ...(isKeyed ? (['image-signature'] as const) : []),
  ]);
  if (isLocked && !claims.some(({ id, status }) => id === 'locked-files' && status === 'proven')) return false;
  return claims.every(({ id, status }) => status === 'proven' || (status === 'unproven' && !demanded.has(id)));
}

/** The claims that speak of more than the image says of itself: proven for each platform that was looked into. */
export function provenBy(claims: readonly Claim[]): ImageVerification['against'] {
  const isProven = (id: ClaimId) => {
    const own = claims.filter((claim) => claim.id === id);
    return own.length > 0 && own.every(({ status }) => status === 'proven');
  };
  return [
    ...(isProven('locked-files') ? (['lock'] as const) : []),
    ...(isProven('image-signature') ? (['key'] as const) : []),
  ];
}
