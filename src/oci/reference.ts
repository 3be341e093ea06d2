import { SlimimageError } from '../errors.ts';
import { type Digest, isDigest } from '../util/digest.ts';

/**
 * The name of an image in a registry, defaults filled in as Docker does: `nginx` is `docker.io/library/nginx`.
 * Grammar: distribution/reference, and the OCI distribution specification, "Pulling manifests".
 */
export interface Reference {
  /** `docker.io`, `registry.example:5000`, `localhost`, `[::1]:5000`. */
  readonly registry: string;
  /** `library/nginx`. */
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

const host =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** @throws SlimimageError REFERENCE_INVALID */
export function parseReference(text: string): Reference {
  if (text === '' || text.length > 500) throw invalid(text, 'an image name has 1 to 255 characters');
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, 'after "@" comes a sha256 digest');
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at));
  if (tag !== undefined && !isTag(tag)) throw invalid(text, `"${tag}" is not a tag`);
  const { registry, repository } = splitRegistry(name);
  if (!host.test(registry)) throw invalid(text, `"${registry}" is not a registry`);
  if (repository.length > 255 || !repository.split('/').every((part) => component.test(part))) {
    throw invalid(text, `"${repository}" is not a repository name (lower case, digits, ".", "_", "-", "/")`);
  }
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** Whether a name says its registry: `web:dev` and `team/web` leave it to Docker's default, `docker.io/team/web` does not. */
export function namesRegistry(text: string): boolean {
  const slash = text.indexOf('/');
  return slash > 0 && isRegistry(text.slice(0, slash));
}

/** The whole name: `docker.io/library/nginx:1.27`. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** The name as Docker shows it: `nginx:1.27`, `grafana/grafana`, `registry.example/team/app:dev`. */
export function familiarReference(reference: Reference): string {
  const { registry, repository } = reference;
  if (registry !== 'docker.io') return formatReference(reference);
  const official = repository.startsWith('library/') && !repository.includes('/', 'library/'.length);
  return `${official ? repository.slice('library/'.length) : repository}${suffix(reference)}`;
}

/** The reference with the tag `latest` where it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;
}

/**
 * A text that was meant for a reference, fit to be shown: what stands before an `@` is a login (`NAME:PASSWORD@HOST`), unless a digest
 * or what may have been meant for one comes behind it.
 */
export function hideLogin(text: string): string {
  const name = text.replace(/@sha[0-9]+:[^/@]*$/, '');
  const at = name.lastIndexOf('@');
  if (at < 0 || (!name.slice(0, at).includes(':') && /^[\w-]*$/.test(name.slice(at + 1)))) return text;
  return `***${text.slice(at)}`;
}

/** Splits at the colon behind the last slash: a colon before it belongs to a port. */
export function splitTag(text: string): { readonly name: string; readonly tag: string | undefined } {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1);
  return colon < 0 ? { name: text, tag: undefined } : { name: text.slice(0, colon), tag: text.slice(colon + 1) };
}

/** The first component is a registry where it has a dot, a colon or capitals, or is `localhost`, as in Docker. */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  if (slash < 0 || !isRegistry(first)) {
    return { registry: 'docker.io', repository: slash < 0 ? `library/${name}` : name };
  }
  const registry = first === 'index.docker.io' ? 'docker.io' : first;
  const rest = name.slice(slash + 1);
  return { registry, repository: registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest };
}

function isRegistry(component: string): boolean {
  return /[.:]/.test(component) || component === 'localhost' || component !== component.toLowerCase();
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function invalid(text: string, reason: string): SlimimageError {
  const shown = hideLogin(text);
  return new SlimimageError({
    code: 'REFERENCE_INVALID',
    message: `"${shown.slice(0, 200)}" is not an image reference: ${shown === text ? reason : 'after "@" comes a sha256 digest, and before it no login'}`,
    hint:
      shown === text
        ? 'Write [HOST[:PORT]/]NAME[:TAG], for example registry.example/team/app:1.0.'
        : `Write [HOST[:PORT]/]NAME[:TAG], and log in beforehand: docker login ${hostBehindLogin(shown)}`,
  });
}

function hostBehindLogin(shown: string): string {
  const name = /@([^/@]+)\//.exec(shown)?.[1] ?? '';
  return host.test(name) ? name : 'HOST';
}
