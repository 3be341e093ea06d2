import { resolve } from 'node:path';
import { SlimimageError } from '../../errors.ts';
import { openSession, type SessionOptions } from '../session.ts';
import { isPath, type WhyOptions, type WhyPlace } from './question.ts';
import type { WhyAnswer } from './types.ts';

/**
 * Why a package (or a virtual name) or a path (what has a slash in it) is in an image. Of a configuration nothing is
 * written; a path makes its packages be fetched, once.
 * @throws SlimimageError USAGE for no name at all; as `build`, `listImage`; LOCK_NOT_FOUND, LOCK_INVALID
 */
export async function explainPresence(
  thing: string,
  options: SessionOptions & WhyOptions & { readonly place: WhyPlace },
): Promise<WhyAnswer> {
  const { place, platform } = options;
  if (thing.trim() === '' || thing.startsWith(':')) throw nothingAsked(thing);
  const session = await openSession(options);
  // Packages of one architecture need no other name: `libc6:any` is libc6.
  const question = { thing: isPath(thing) ? thing : thing.replace(/:.*$/, ''), platform, session };
  try {
    switch (place.type) {
      case 'configuration': {
        const { whyInConfiguration } = await import('./configuration.ts');
        return await whyInConfiguration(place.input, question);
      }
      case 'lock': {
        const { whyInLock } = await import('./lock.ts');
        return await whyInLock(resolve(session.cwd, place.file), question);
      }
      case 'image': {
        const { whyInImage } = await import('./image.ts');
        return await whyInImage(place.image, question);
      }
    }
  } finally {
    await session.close();
  }
}

function nothingAsked(thing: string): SlimimageError {
  return new SlimimageError({
    code: 'USAGE',
    message: `"${thing}" is the name of nothing`,
    hint: 'Name a package, or a path: slimimage why libssl3t64, slimimage why /etc/passwd.',
  });
}
