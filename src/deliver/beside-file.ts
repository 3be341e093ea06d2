import { parseLocation } from '../oci/location.ts';
import { type PaperKind, paperTypes } from '../oci/papers.ts';

/** `web.tar.gz` is an image of the name `web`: what packed it is not part of the name. */
const packing = /\.(?:tar(?:\.(?:gz|zst|xz|bz2))?|tgz|tzst|txz)$/i;

/**
 * Where a paper of an image goes that is written as a file: `web.spdx.json` beside `web.tar`, with `platform`
 * `web.linux-amd64.spdx.json`. As the target is written, relative or not; undefined for places that are no file.
 */
export function besideFile(
  target: string,
  { kind, platform }: { readonly kind: PaperKind; readonly platform?: string | undefined },
): string | undefined {
  const location = parseLocation(target);
  if (!('file' in location)) return undefined;
  const middle = platform === undefined ? '' : `.${platform.replaceAll('/', '-')}`;
  return `${location.file.replace(packing, '')}${middle}.${paperTypes[kind].suffix}`;
}
