import { SlimimageError } from '../../errors.ts';
import type { VersionOperator, VersionOrder } from '../types.ts';
import { holds } from '../version-operator.ts';

export interface DebianVersion {
  readonly epoch: number;
  readonly upstream: string;
  /** Without the hyphen; '' for a native version. */
  readonly revision: string;
}

/**
 * dpkg's order (Debian Policy, chapter 5.6.12): negative, zero or positive. Total over every string: what is no number
 * before the first colon is no epoch but part of the upstream version.
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = split(a);
  const right = split(b);
  return (
    compareDigits(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

export const debianVersions: VersionOrder = { compare: compareVersions };

/** @throws SlimimageError VERSION_INVALID where `text` breaks Debian Policy, chapter 5.6.12. */
export function parseVersion(text: string): DebianVersion {
  const { epoch, upstream, revision } = split(text);
  const hasEpoch = /^\d+:/.test(text);
  const wellFormed =
    epoch.length <= 9 &&
    (hasEpoch ? upstreamAfterEpoch : upstreamAlone).test(upstream) &&
    (revision === '' ? !text.endsWith('-') : revisionAlone.test(revision));
  if (wellFormed) return { epoch: Number(epoch), upstream, revision };
  throw new SlimimageError({
    code: 'VERSION_INVALID',
    message: `"${text.slice(0, 100)}" is no Debian version`,
    hint: 'A version is written [epoch:]upstream[-revision], without blanks.',
  });
}

/** Does `version` stand in the relation `operator` to `bound`? */
export function satisfiesVersion(version: string, relation: { operator: VersionOperator; version: string }): boolean {
  return holds(relation.operator, compareVersions(version, relation.version));
}

/** dpkg accepts an upstream part that begins with a letter (with a warning), so it is accepted here. */
const upstreamAlone = /^[0-9A-Za-z][0-9A-Za-z.+~-]*$/;
const upstreamAfterEpoch = /^[0-9A-Za-z][0-9A-Za-z.+~:-]*$/;
const revisionAlone = /^[0-9A-Za-z+.~]+$/;

function split(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const hasEpoch = colon > 0 && isDigits(version, colon);
  const rest = hasEpoch ? version.slice(colon + 1) : version;
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: hasEpoch ? version.slice(0, colon) : '0',
    upstream: hyphen === -1 ? rest : rest.slice(0, hyphen),
    revision: hyphen === -1 ? '' : rest.slice(hyphen + 1),
  };
}

function isDigits(text: string, end: number): boolean {
  for (let at = 0; at < end; at++) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

/** dpkg's verrevcmp: a run of non-digits by `weight`, then a run of digits by value, and again. */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a.charCodeAt(i))) || (j < b.length && !isDigit(b.charCodeAt(j)))) {
      const order = weight(a, i) - weight(b, j);
      if (order !== 0) return order;
      i++;
      j++;
    }
    const digitsA = digitsEnd(a, i);
    const digitsB = digitsEnd(b, j);
    const order = compareDigits(a.slice(i, digitsA), b.slice(j, digitsB));
    if (order !== 0) return order;
    i = digitsA;
    j = digitsB;
  }
  return 0;
}

/** `~` before the end, the end (or a digit) before letters, letters before everything else. */
function weight(text: string, at: number): number {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  if (isDigit(code)) return 0;
  if (code === tilde) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}

const tilde = 126;

/** Numbers of any length: versions hold dates and hashes that no machine number holds. */
function compareDigits(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && a.charCodeAt(i) === 48) i++;
  while (j < b.length && b.charCodeAt(j) === 48) j++;
  if (a.length - i !== b.length - j) return a.length - i - (b.length - j);
  for (; i < a.length; i++, j++) {
    const order = a.charCodeAt(i) - b.charCodeAt(j);
    if (order !== 0) return order;
  }
  return 0;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
