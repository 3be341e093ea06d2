import { sha256Hex } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import type { BillOfMaterials } from './types.ts';

/** No format takes a name that is empty. */
export function imageName({ name }: BillOfMaterials): string {
  return name.trim() || 'image';
}

/**
 * A document's UUID of RFC 9562 version 8. It is made from all that the document says, because a random one would be another on each
 * build, and two documents of one image that differ may not share it (SPDX 2.3, 6.5); and from the format and the tool's version, because
 * another writer may write it otherwise.
 */
export function documentUuid(bom: BillOfMaterials, format: string): string {
  const hex = sha256Hex(`slimimage ${bom.toolVersion}\n${format}\n${billHash(bom)}\n`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

const hashes = new WeakMap<BillOfMaterials, string>();

/** A bill has thousands of files, and documents ask several times. */
function billHash(bom: BillOfMaterials): string {
  const known = hashes.get(bom);
  if (known !== undefined) return known;
  const hash = sha256Hex(canonicalJson(bom));
  hashes.set(bom, hash);
  return hash;
}

/**
 * What SPDX identifiers of a document begin with, in the form that SPDX 2.3, 6.5 recommends (NAME-UUID). The address need not
 * answer; spdx.org keeps this folder for those without a site of their own.
 */
export function documentNamespace(bom: BillOfMaterials, format: string): string {
  return `https://spdx.org/spdxdocs/slimimage-${encodeURIComponent(imageName(bom))}-${documentUuid(bom, format)}`;
}

/** A part of an SPDX identifier: letters, digits, `.` and `-`; everything else as `X`, its code point in hexadecimal, `X`. */
export function idPart(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]|X/gu, (character) => `X${(character.codePointAt(0) ?? 0).toString(16)}X`);
}

/** `2026-01-02T03:04:05Z`: all three formats write seconds. */
export function timestamp({ created }: BillOfMaterials): string {
  return new Date(created * 1000).toISOString().replace('.000Z', 'Z');
}
