import type { ImageSpec } from '../../config/spec.ts';
import { type Digest, digestOf } from '../../util/digest.ts';
import { canonicalJson } from '../../util/json.ts';
import { paperImage, paperKey, paperPath } from './configured-places.ts';

/**
 * sha256 of a configuration, defaults filled in, as canonical JSON: the same in every folder and with every mirror. Where archives are asked is
 * no part of it, and neither is anything that a secret could be in.
 */
export function configurationDigest(spec: ImageSpec): Digest {
  return digestOf(canonicalJson(withoutPlaces(spec)));
}

function withoutPlaces(spec: ImageSpec): object {
  const { directory: _folder, file: _file, mirrors: _mirrors, snapshot: _snapshot, isNamed, ...said } = spec;
  return {
    ...said,
    name: isNamed === false ? undefined : spec.name,
    archives: spec.archives.map(({ urls: _urls, signedBy, ...archive }) => ({
      ...archive,
      signedBy: signedBy.map((key) => paperKey(key, spec)),
    })),
    packages: spec.packages.map((entry) => (entry.startsWith('/') ? paperPath(entry, spec) : entry)),
    on: spec.on === undefined ? undefined : paperImage(spec.on, spec),
    files: spec.files.map(({ source, image, ...setting }) => ({
      ...setting,
      image: image === undefined ? undefined : paperImage(image, spec),
      source: image === undefined ? paperPath(source, spec) : source,
    })),
    certificates: spec.certificates.map((file) => paperPath(file, spec)),
  };
}
