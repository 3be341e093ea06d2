import { isSlimimageError } from '../errors.ts';

/**
 * Waits until a fact is laid down, or cannot be: a full disk, or a store that may only be read, makes the next look slow and this one no
 * worse.
 */
export async function rememberIfPossible(writing: Promise<void> | undefined): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!isSlimimageError(error, 'STORE')) throw error;
  }
}
