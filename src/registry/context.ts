import type { OnEvent } from '../events.ts';
import { realSleep } from '../net/retry.ts';
import type { RetryPolicy, Sleep } from '../net/types.ts';
import type { RegistryAccess, RepositoryAction, RepositoryName } from './types.ts';

export interface RepositoryOptions {
  readonly access: RegistryAccess;
  /** It is going to be written to: every request asks for a login that may. */
  readonly push?: boolean | undefined;
  /** Told of every upload that had to be resumed or begun again. */
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How often an upload is resumed, and after which waits. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly sleep?: Sleep | undefined;
}

/** What every request to one repository needs. */
export interface RepositoryContext {
  readonly name: RepositoryName;
  /** `registry.example/team/app`, for messages. */
  readonly where: string;
  readonly access: RegistryAccess;
  readonly onEvent: OnEvent | undefined;
  readonly signal: AbortSignal | undefined;
  readonly retry: RetryPolicy;
  readonly sleep: Sleep;
}

export function createContext(name: RepositoryName, options: RepositoryOptions): RepositoryContext {
  return {
    name,
    where: `${name.registry}/${name.repository}`,
    access: options.push === true ? pushing(options.access) : options.access,
    onEvent: options.onEvent,
    signal: options.signal,
    retry: { ...defaultRetry, ...options.retry },
    sleep: options.sleep ?? realSleep,
  };
}

/** The signal of one operation beside that of the repository. */
export function eitherSignal(first: AbortSignal | undefined, second: AbortSignal | undefined): AbortSignal | undefined {
  return first === undefined || second === undefined ? (first ?? second) : AbortSignal.any([first, second]);
}

/** One login for a whole push, as other clients have it: first the question what is there, then what is missing. */
function pushing(access: RegistryAccess): RegistryAccess {
  const withPush = (actions: readonly RepositoryAction[] = []) => [...new Set([...pushActions, ...actions])];
  return {
    request: (name, path, asked) => access.request(name, path, { ...asked, actions: withPush(asked.actions) }),
    stream: (name, path, asked) => access.stream(name, path, { ...asked, actions: withPush(asked.actions) }),
  };
}

const pushActions: readonly RepositoryAction[] = ['pull', 'push'];

const defaultRetry: RetryPolicy = { attempts: 5, baseMs: 500, maxDelayMs: 15_000, maxRetryAfterMs: 120_000 };
