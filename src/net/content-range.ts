import type { ResponseHeaders } from './transport.ts';

export interface ContentRange {
  /** First and last byte, both included. */
  readonly first: number;
  readonly last: number;
  /** Bytes of the whole, undefined for `*`. */
  readonly total: number | undefined;
}

/** `Content-Range: bytes FIRST-LAST/TOTAL` (RFC 9110, 14.4); undefined for anything else or impossible. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const parts = /^\s*bytes\s+([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15}|\*)\s*$/i.exec(value ?? '');
  if (parts === null) return undefined;
  const first = Number(parts[1]);
  const last = Number(parts[2]);
  const total = parts[3] === '*' ? undefined : Number(parts[3]);
  if (last < first || (total !== undefined && last >= total)) return undefined;
  return { first, last, total };
}

/** Content-Length in bytes; undefined where it is missing or nonsense. */
export function contentLength(headers: ResponseHeaders): number | undefined {
  const value = headers['content-length'];
  return value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
}

/**
 * What an If-Range may carry (RFC 9110, 13.1.5): a strong ETag, else a Last-Modified that is strong because the answer
 * was made at least a second later (8.8.2.2).
 */
export function strongValidator(headers: ResponseHeaders): string | undefined {
  const etag = headers['etag'];
  if (etag !== undefined) return /^"[^"]*"$/.test(etag) ? etag : undefined;
  const modified = headers['last-modified'];
  const age = Date.parse(headers['date'] ?? '') - Date.parse(modified ?? '');
  return age >= 1000 ? modified : undefined;
}
