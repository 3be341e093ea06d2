import { SlimimageError } from '../errors.ts';
import { type Digest, isDigest } from '../util/digest.ts';
import {
  formatReference,
  hideLogin,
  isTag,
  namesRegistry,
  parseReference,
  type Reference,
  splitTag,
} from './reference.ts';

/** Where an image is or goes: an IMAGE or TARGET of the command line. Paths are as written (relative to the caller). */
export type ImageLocation =
  | { readonly type: 'store'; readonly name: string; readonly tag: string; readonly digest?: Digest | undefined }
  | { readonly type: 'oci'; readonly directory: string; readonly tag?: string | undefined }
  | { readonly type: 'oci-archive'; readonly file: string; readonly tag?: string | undefined }
  | { readonly type: 'docker-archive'; readonly file: string; readonly reference?: Reference | undefined }
  | { readonly type: 'docker-daemon'; readonly reference: Reference }
  | { readonly type: 'registry'; readonly reference: Reference }
  | { readonly type: 'dir'; readonly directory: string }
  | { readonly type: 'tar'; readonly file: string };

export const locationTypes = [
  'store',
  'oci',
  'oci-archive',
  'docker-archive',
  'docker-daemon',
  'docker',
  'dir',
  'tar',
] as const;

/**
 * Reads `store:NAME[:TAG][@DIGEST]`, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:REF]`, `docker-daemon:REF`,
 * `docker://HOST/REPO:TAG`, `dir:ROOTFS`, `tar:FILE`; a bare reference is a registry's. As in skopeo, a path ends at its
 * first colon (containers-transports(5)).
 *
 * @throws SlimimageError REFERENCE_INVALID
 */
export function parseLocation(text: string): ImageLocation {
  const colon = text.indexOf(':');
  const type = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  switch (type) {
    case 'store':
      return parseStoreName(rest);
    case 'oci': {
      const [directory, tag] = splitPath(text, rest);
      return { type, directory, ...(tag === undefined ? {} : { tag: checkLayoutTag(text, tag) }) };
    }
    case 'oci-archive': {
      const [file, tag] = splitPath(text, rest);
      return { type, file, ...(tag === undefined ? {} : { tag: checkLayoutTag(text, tag) }) };
    }
    case 'docker-archive': {
      const [file, reference] = splitPath(text, rest);
      return { type, file, ...(reference === undefined ? {} : { reference: parseReference(reference) }) };
    }
    case 'docker-daemon':
      return { type, reference: parseReference(rest) };
    case 'docker':
      if (!rest.startsWith('//')) throw invalid(text, 'a registry is written docker://HOST/REPOSITORY:TAG');
      checkRepository(rest.slice(2));
      return { type: 'registry', reference: parseReference(rest.slice(2)) };
    case 'dir':
      return { type, directory: checkPath(text, rest) };
    case 'tar':
      return { type, file: checkPath(text, rest) };
    default:
      return { type: 'registry', reference: parseReference(text) };
  }
}

/**
 * As parseLocation, of a place that is written to: a name that says no registry is refused there. Docker's default is a public one, and a
 * slip (`web` for `store:web`, a forgotten host) must not make an image public.
 *
 * @throws SlimimageError REFERENCE_INVALID, OUTPUT_INVALID
 */
export function parseDestination(text: string): ImageLocation {
  const location = parseLocation(text);
  const name = text.startsWith('docker://') ? text.slice('docker://'.length) : text;
  if (location.type !== 'registry' || namesRegistry(name)) return location;
  const { repository } = location.reference;
  const folder = repository.slice(repository.lastIndexOf('/') + 1);
  throw new SlimimageError({
    code: 'OUTPUT_INVALID',
    message: `"${text.slice(0, 200)}" says no registry to write to`,
    hint: `Write docker://HOST/${name}, store:${name} or oci:./${folder}. Docker Hub's is docker://${formatReference(location.reference)}.`,
  });
}

/** The text that `parseLocation` reads. */
export function formatLocation(location: ImageLocation): string {
  switch (location.type) {
    case 'store': {
      const digest = location.digest === undefined ? '' : `@${location.digest}`;
      return `store:${location.name}:${location.tag}${digest}`;
    }
    case 'oci':
      return `oci:${location.directory}${location.tag === undefined ? '' : `:${location.tag}`}`;
    case 'oci-archive':
      return `oci-archive:${location.file}${location.tag === undefined ? '' : `:${location.tag}`}`;
    case 'docker-archive': {
      const { reference } = location;
      return `docker-archive:${location.file}${reference === undefined ? '' : `:${formatReference(reference)}`}`;
    }
    case 'docker-daemon':
      return `docker-daemon:${formatReference(location.reference)}`;
    case 'registry':
      return `docker://${formatReference(location.reference)}`;
    case 'dir':
      return `dir:${location.directory}`;
    case 'tar':
      return `tar:${location.file}`;
  }
}

/**
 * Reads the NAME[:TAG][@DIGEST] of the local store. Names are freer than a registry's (capitals are fine), the tag is
 * `latest` where none is written.
 *
 * @throws SlimimageError REFERENCE_INVALID
 */
export function parseStoreName(text: string): ImageLocation & { readonly type: 'store' } {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) throw invalid(`store:${text}`, 'after "@" comes a sha256 digest');
  const { name, tag = 'latest' } = splitTag(at < 0 ? text : text.slice(0, at));
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.:/+-]{0,254}$/.test(name) || !isTag(tag)) {
    throw invalid(`store:${text}`, 'a store name is NAME[:TAG] of letters, digits, ".", "_", "-", "/"');
  }
  return { type: 'store', name, tag, ...(digest === undefined ? {} : { digest }) };
}

/** Docker takes `docker://HOST:PORT` for an image HOST of Docker Hub with a number as its tag. Who writes it has forgotten something. */
function checkRepository(name: string): void {
  if (!/^(?:localhost|[^/:@[\]]*\.[^/:@[\]]*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?\/?$/i.test(name)) return;
  const place = `docker://${name.replace(/\/$/, '').slice(0, 200)}`;
  throw new SlimimageError({
    code: 'REFERENCE_INVALID',
    message: `"${place}" names a host and no repository`,
    hint: `Write ${place}/NAME.`,
  });
}

function splitPath(text: string, rest: string): [path: string, suffix: string | undefined] {
  const colon = rest.indexOf(':');
  const path = checkPath(text, colon < 0 ? rest : rest.slice(0, colon));
  return [path, colon < 0 || colon === rest.length - 1 ? undefined : rest.slice(colon + 1)];
}

function checkPath(text: string, path: string): string {
  if (path === '' || path.includes('\0')) throw invalid(text, 'a path is missing');
  return path;
}

/** The grammar of `org.opencontainers.image.ref.name` (OCI image-spec, annotations.md). */
function checkLayoutTag(text: string, tag: string): string {
  // The grammar has room for it; who writes it means a registry's notation.
  if (tag.includes('@sha256:')) throw invalid(text, 'no digest follows the name of an image in a layout');
  const part = '[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*';
  if (tag.length <= 255 && new RegExp(`^${part}(?:/${part})*$`).test(tag)) return tag;
  throw invalid(text, `"${tag}" can't name an image of a layout`);
}

function invalid(text: string, reason: string): SlimimageError {
  return new SlimimageError({
    code: 'REFERENCE_INVALID',
    message: `"${hideLogin(text).slice(0, 200)}" names no image: ${reason}`,
    hint: `Forms: store:NAME, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker-daemon:REF, docker://HOST/REPO:TAG, dir:FOLDER, tar:FILE.`,
  });
}
