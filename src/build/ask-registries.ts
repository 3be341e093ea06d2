import { isSlimimageError } from '../errors.ts';
import { repositoryOf } from '../image/registry-image.ts';
import { emptyConfig } from '../oci/artifact.ts';
import { parseLocation } from '../oci/location.ts';
import type { Reference } from '../oci/reference.ts';
import { registryTargets } from './check-targets.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

/**
 * Runs `work` in a session, while the registries that it is going to push to are asked whether they know the login: a wrong password
 * ends it at once, not after everything. Nothing is written there. `work` awaits its second argument before it writes anywhere.
 * @throws SlimimageError what `work` throws, or the push would have
 */
export async function whileAskingRegistries<T>(
  options: SessionOptions,
  work: (session: Session, asked: Promise<void>) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const session = await openSession({ ...options, signal });
  const asked = askRegistries(options, session);
  asked.catch(() => stop.abort());
  try {
    return await work(session, asked);
  } catch (error) {
    // Why it was stopped is told, not that it was.
    if (isSlimimageError(error, 'ABORTED') && options.signal?.aborted !== true) await asked;
    stop.abort();
    throw error;
  } finally {
    await session.close();
  }
}

async function askRegistries(options: SessionOptions, { registries }: Session): Promise<void> {
  const references = registryTargets(options).flatMap(referenceOf);
  const repositories = new Map(references.map((one) => [`${one.registry}/${one.repository}`, one]));
  await Promise.all(
    [...repositories.values()].map(async (reference) => {
      const target = await repositoryOf(reference, { registries, push: true });
      // The question that a push begins with; whether the blob is there doesn't matter, nor does it whether the repository is.
      await target.has(emptyConfig.descriptor.digest);
    }),
  );
}

function referenceOf(target: string): readonly Reference[] {
  const location = parseLocation(target);
  return location.type === 'registry' ? [location.reference] : [];
}
