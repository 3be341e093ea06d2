import { resolve } from 'node:path';
import { writeFileAtomically } from '../../image/atomic-output.ts';
import { parseLocation } from '../../oci/location.ts';
import { paperTypes } from '../../oci/papers.ts';
import type { LocalStore } from '../../store/local-store.ts';
import type { MadePaper } from './types.ts';

/** `web.tar.gz` is an image of the name `web`: what packed it is not part of the name. */
const packing = /\.(?:tar|tar\.(?:gz|zst|xz|bz2)|tgz|tzst|txz)$/i;

/**
 * Where the papers of an image go that is written as a file: `web.spdx.json` beside `web.tar`; with several platforms
 * `web.linux-amd64.spdx.json`. Undefined for places that are no file.
 */
export function besideFile(target: string, paper: Pick<MadePaper, 'kind' | 'platform'>): string | undefined {
  const location = parseLocation(target);
  if (!('file' in location)) return undefined;
  const platform = paper.platform === undefined ? '' : `.${paper.platform.replaceAll('/', '-')}`;
  return `${location.file.replace(packing, '')}${platform}.${paperTypes[paper.kind].suffix}`;
}
