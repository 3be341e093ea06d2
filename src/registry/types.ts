import type { HttpAnswer, RequestOptions } from '../net/types.ts';
import type { Holding, ReferrerTarget, ReferringAtOnce } from '../store/target.ts';
import type { Digest } from '../util/digest.ts';

/** One repository of a registry, by its name: `registry.example:5000`, `team/app`. */
export interface RepositoryName {
  readonly registry: string;
  readonly repository: string;
}

/**
 * Requests to registries with the login that each wants: none, basic, or a bearer token for the actions at hand (distribution-spec 1.1;
 * CNCF distribution, "Token authentication"). Knows where logins are (docker's config.json with credsStore and credHelpers, netrc,
 * environment) and which registries speak plain HTTP. Shared by all repositories of a run; tokens are kept until they expire.
 */
export interface RegistryAccess {
  /**
   * @param path below `/v2/NAME/`: `manifests/latest`; or an absolute URL that the registry gave (an upload's Location, a next
   *   page), which gets credentials only where it is the registry's own
   * @throws SlimimageError as HttpClient; HTTP_AUTH where the registry wants another login, with the way to give one
   */
  request(name: RepositoryName, path: string | URL, options: AuthorisedRequest): Promise<HttpAnswer>;
  /** A blob's or document's body; continued where the line breaks. Not verified. */
  stream(name: RepositoryName, path: string | URL, options: AuthorisedStream): AsyncIterable<Uint8Array>;
}

export interface OpenRegistryAccess extends RegistryAccess {
  /** Ends idle connections. Not usable afterwards. */
  close(): Promise<void>;
}

export interface AuthorisedRequest extends RequestOptions {
  readonly actions: readonly RepositoryAction[];
  /** Of another repository, from which a blob is mounted: the token is for `pull` there too. */
  readonly mountFrom?: string | undefined;
}

export interface AuthorisedStream {
  /** Default pull. */
  readonly actions?: readonly RepositoryAction[] | undefined;
  /** Bytes that the reader has already had, from a stream before this one. Default 0. */
  readonly alreadyRead?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly expectedSize?: number | undefined;
  readonly maxSize: number;
  readonly signal?: AbortSignal | undefined;
}

export type RepositoryAction = 'pull' | 'push' | 'delete';

/** A repository as a target: pull and push are `copy` from and to it. */
export interface RegistryTarget extends ReferrerTarget, ReferringAtOnce, Holding {
  readonly name: RepositoryName;
  /**
   * What a tag points to by the word of the registry, for who may have it already: registries that count pulls do not count this question.
   * @returns undefined where there is none, and where the registry does not say
   */
  currentDigest(tag: string): Promise<Digest | undefined>;
  /** Takes a blob over from another repository of the same registry without sending it; false where the registry does not. */
  mount(digest: Digest, options: { readonly from: string; readonly size: number }): Promise<boolean>;
  /** Every tag, in code-unit order. @throws SlimimageError LIMIT_EXCEEDED beyond `limits.registryTags` */
  listTags(): Promise<readonly string[]>;
  /**
   * Removes a tag, or a manifest with every tag of it where `reference` is a digest.
   * @returns false where there is none. @throws SlimimageError HTTP_STATUS where the registry does not allow it
   */
  delete(reference: string): Promise<boolean>;
}

/** The registries of a run: one set of connections and logins for all of them. Nothing is opened before the first is asked for. */
export interface Registries {
  /**
   * @param options `push`: it is going to be written to. Some registries make a repository when a token for that is asked for, and
   *   answer nothing about it before.
   * @throws SlimimageError OFFLINE
   */
  repository(name: RepositoryName, options?: { readonly push?: boolean | undefined }): Promise<RegistryTarget>;
  close(): Promise<void>;
}
