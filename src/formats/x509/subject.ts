import { limits } from '../../limits.ts';
import { type DerElement, derChildren, derElement } from './der.ts';

/**
 * The DER of the subject of an X.509 certificate (RFC 5280, 4.1); undefined for bytes that are none. Nothing else of it
 * is read, no signature is checked.
 */
export function certificateSubject(der: Uint8Array): Uint8Array | undefined {
  if (der.length > limits.certificateBytes) return undefined;
  const certificate = sequence(der, derElement(der, 0, der.length));
  if (certificate === undefined) return undefined;
  const signed = sequence(der, certificate[0]);
  if (signed === undefined) return undefined;
  // version [0] is left out of certificates of version 1.
  const [, , issuer, , subject] = signed[0]?.tag === 0xa0 ? signed.slice(1) : signed;
  if (issuer?.tag !== 0x30 || subject?.tag !== 0x30) return undefined;
  return der.subarray(subject.at, subject.end);
}

function sequence(der: Uint8Array, element: DerElement | undefined): readonly DerElement[] | undefined {
  return element?.tag === 0x30 ? derChildren(der, element) : undefined;
}
