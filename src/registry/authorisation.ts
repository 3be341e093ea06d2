import { isSlimimageError } from '../errors.ts';
import { basicAuthorization } from '../net/credentials.ts';
import { Secret } from '../net/secret.ts';
import type { HttpRequester } from '../net/types.ts';
import { abortedError } from '../util/abort.ts';
import { type Challenge, parseChallenges } from './challenges.ts';
import { fetchToken, type TokenRefusal } from './fetch-token.ts';
import { type FoundLogin, type LoginErrorOptions, type Logins, loginError } from './login.ts';
import { coversScopes, joinScopes, parseScopes, type Scopes } from './scopes.ts';
import type { RepositoryName } from './types.ts';

export interface AuthorisationContext {
  readonly http: HttpRequester;
  readonly logins: Logins;
  /** Whether a login may go to that URL over plain HTTP. */
  readonly mayGoInTheClear: (url: URL) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Wanted {
  readonly name: RepositoryName;
  /** Of the registry. */
  readonly base: URL;
  readonly scopes: Scopes;
  readonly signal: AbortSignal | undefined;
}

/** How one registry wants to be asked, which its first 401 tells, and the tokens that it has been given. */
export class Authorisation {
  readonly #context: AuthorisationContext;
  #way: Challenge | undefined;
  #tokens: HeldToken[] = [];

  constructor(context: AuthorisationContext) {
    this.#context = context;
  }

  /**
   * The value of the Authorization header for a request; undefined where none is known to be needed.
   * @throws as `renewed`
   */
  async header(wanted: Wanted): Promise<Secret | undefined> {
    const way = this.#way;
    if (way?.scheme !== 'bearer') return way && this.#basic(wanted);
    const header = await this.#token(way, wanted, { scopes: wanted.scopes });
    // What it gives tokens for the registry knows, and says so in its next challenge.
    return isAboutScopes(header) ? undefined : this.#given(header, wanted);
  }

  /**
   * The header to try after a 401 to a request that was sent with `refused`.
   * @param challenge the value of WWW-Authenticate
   * @throws SlimimageError HTTP_AUTH where there is no other; REGISTRY_INVALID; as HttpClient
   */
  async renewed(wanted: Wanted, refused: Secret | undefined, challenge: string | undefined): Promise<Secret> {
    const way = preferred(parseChallenges(challenge ?? ''));
    if (way === undefined)
      throw await this.#refusal(wanted, { what: 'wants a login of a kind that slimimage does not know' });
    this.#way = way;
    this.#tokens = this.#tokens.filter((held) => refused === undefined || held.value?.reveal() !== refused.reveal());
    const header = way.scheme === 'bearer' ? await this.#renewedToken(way, wanted) : await this.#basic(wanted);
    if (header === undefined || header.reveal() === refused?.reveal()) throw await this.#refusal(wanted);
    return header;
  }

  /** The error for a login, or a token, that was not enough. */
  async refused(wanted: Wanted): Promise<Error> {
    return this.#refusal(wanted, { lacking: this.#way?.scheme === 'bearer' ? 'access' : 'login' });
  }

  async #basic(wanted: Wanted): Promise<Secret | undefined> {
    const found = await this.#login(wanted);
    if (found === undefined) return undefined;
    if (found.login.type === 'identity') {
      throw await this.#refusal(wanted, { what: 'wants a password, and there is only an identity token for it' });
    }
    return new Secret(basicAuthorization(found.login));
  }

  async #renewedToken(way: Challenge, wanted: Wanted): Promise<Secret> {
    // Registries that name their repositories, or what may be done there, otherwise say so here.
    const named = parseScopes(way.parameters.get('scope') ?? '');
    const scopes = joinScopes(wanted.scopes, named);
    const header = await this.#token(way, wanted, { scopes });
    const mayBeOurs = isAboutScopes(header) && named.size > 0 && !coversScopes(named, scopes);
    return this.#given(mayBeOurs ? await this.#token(way, wanted, { scopes, asked: named }) : header, wanted);
  }

  async #given(header: Secret | TokenRefusal, wanted: Wanted): Promise<Secret> {
    if (header instanceof Secret) return header;
    // Of an identity token 400 means that this is wrong (RFC 6749, 5.2).
    const isAboutLogin = header.status !== 400 || (await this.#login(wanted))?.login.type === 'identity';
    if (isAboutLogin) throw await this.#refusal(wanted, { lacking: header.status === 403 ? 'access' : 'login' });
    throw await this.#refusal(wanted, { what: 'has a token server that refuses what it is asked for (400)' });
  }

  /** Of those that cover the scopes one that still holds, or a new one: asked for once, however many want it. */
  async #token(way: Challenge, wanted: Wanted, ticket: Ticket): Promise<Secret | TokenRefusal> {
    const now = this.#context.now();
    this.#tokens = this.#tokens.filter((held) => held.validUntil > now).slice(-maxTokens);
    const known = this.#tokens.find((held) => coversScopes(held.scopes, ticket.scopes));
    if (known === undefined) return this.#ask(way, wanted, ticket);
    try {
      return await known.header;
    } catch (error) {
      // Who asked first has given up; that is no reason for the others to.
      if (!isSlimimageError(error, 'ABORTED') || wanted.signal?.aborted) throw error;
      return this.#token(way, wanted, ticket);
    }
  }

  async #ask(way: Challenge, wanted: Wanted, ticket: Ticket): Promise<Secret | TokenRefusal> {
    const held: HeldToken = {
      scopes: ticket.scopes,
      validUntil: Number.POSITIVE_INFINITY,
      value: undefined,
      header: this.#fetch(way, wanted, ticket).then((answer) => {
        if (answer.type === 'refused') return answer;
        const { token, validFor } = answer;
        const header = new Secret(`Bearer ${token.reveal()}`);
        held.value = header;
        // It should not run out on its way.
        held.validUntil = this.#context.now() + (validFor - Math.min(10, validFor / 4)) * 1000;
        return header;
      }),
    };
    this.#tokens.push(held);
    try {
      return await held.header;
    } finally {
      if (held.value === undefined) this.#tokens = this.#tokens.filter((other) => other !== held);
    }
  }

  async #fetch(way: Challenge, wanted: Wanted, { scopes, asked = scopes }: Ticket): ReturnType<typeof fetchToken> {
    const { http, mayGoInTheClear } = this.#context;
    const found = await this.#login(wanted);
    return fetchToken(http, {
      registry: wanted.name.registry,
      base: wanted.base,
      realm: way.parameters.get('realm') ?? '',
      service: way.parameters.get('service'),
      scopes: asked,
      login: found?.login,
      mayGoInTheClear,
      signal: wanted.signal,
    });
  }

  #login({ name, base, signal }: Wanted): Promise<FoundLogin | undefined> {
    return unlessAborted(this.#context.logins.find(name, base), signal);
  }

  async #refusal(wanted: Wanted, how: Pick<LoginErrorOptions, 'lacking' | 'what'> = {}): Promise<Error> {
    const found = await this.#login(wanted);
    return loginError(wanted.name, { found, logins: this.#context.logins, ...how });
  }
}

interface Ticket {
  /** What it is good for. */
  readonly scopes: Scopes;
  /** What the token server is told; default the same. */
  readonly asked?: Scopes;
}

interface HeldToken {
  readonly scopes: Scopes;
  readonly header: Promise<Secret | TokenRefusal>;
  /** Milliseconds since 1970. */
  validUntil: number;
  /** Once it is there, to be known again. */
  value: Secret | undefined;
}

/** Some token servers refuse all where they do not know, or do not allow, one of the actions. */
function isAboutScopes(header: Secret | TokenRefusal): boolean {
  return !(header instanceof Secret) && header.status !== 401;
}

/** A token can do less harm than a password. */
function preferred(challenges: readonly Challenge[]): Challenge | undefined {
  return (
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm')) ??
    challenges.find(({ scheme }) => scheme === 'basic')
  );
}

/** A helper may be waiting for a passphrase that nobody is going to type any more. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const leave = () => reject(abortedError());
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

const maxTokens = 200;
