import { randomBytes } from 'node:crypto';
import { readdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlimimageError } from '../errors.ts';
import { throwIfAborted } from '../util/abort.ts';
import { diskError } from './disk-error.ts';
import { currentOwner, isOwnerAlive, type Owner, parseOwner } from './owner.ts';

/**
 * Many may use a store at a time, but only one may remove from it, alone. Node has no flock(2): a lock is a file named after
 * its owner, `shared.OWNER.N` or `exclusive.OWNER.N`. Each side first puts up its own file and then looks for the
 * other's, so at least one of them sees the other. Files of dead processes do not count, and are removed.
 */
export interface Lock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** Milliseconds to wait for others; default 30,000. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once a minute while the lock is held, when the lock says that it still lives. */
  readonly onBeat?: (() => Promise<void>) | undefined;
}

const pollMilliseconds = 25;
const beatMilliseconds = 60_000;

/** @throws SlimimageError STORE where the store stays locked by another process. */
export async function lockShared(folder: string, options: LockOptions = {}): Promise<Lock> {
  const deadline = Date.now() + (options.timeout ?? 30_000);
  for (;;) {
    const lock = await putUp(folder, 'shared', options);
    const [holder] = await others(folder, lock.name, 'exclusive');
    if (holder === undefined) return lock;
    await lock.release();
    await waitOrFail(folder, holder, deadline, options.signal);
  }
}

/** @throws SlimimageError STORE where others keep using the store. */
export async function lockExclusive(folder: string, options: LockOptions = {}): Promise<Lock> {
  const deadline = Date.now() + (options.timeout ?? 30_000);
  for (;;) {
    const lock = await putUp(folder, 'exclusive', options);
    try {
      let [rival] = await others(folder, lock.name, 'exclusive');
      while (rival === undefined) {
        const [user] = await others(folder, lock.name, 'shared');
        if (user === undefined) return lock;
        await waitOrFail(folder, user, deadline, options.signal);
        [rival] = await others(folder, lock.name, 'exclusive');
      }
      // Both stand aside for a while that depends on the process, so that one of them comes first.
      await lock.release();
      await waitOrFail(folder, rival, deadline, options.signal);
      await sleep((await currentOwner()).pid % 100);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }
}

async function putUp(
  folder: string,
  kind: 'shared' | 'exclusive',
  options: LockOptions,
): Promise<Lock & { readonly name: string }> {
  const owner = await currentOwner();
  const name = `${kind}.${owner.id}.${randomBytes(4).toString('hex')}`;
  const file = join(folder, name);
  try {
    await writeFile(file, '', { flag: 'wx' });
  } catch (cause) {
    throw diskError(cause, `cannot lock the store at ${folder}`);
  }
  const beat = setInterval(() => {
    const now = new Date();
    // A lock whose file was removed by hand can't be kept alive; the next beat tries again.
    utimes(file, now, now).catch(() => undefined);
    options.onBeat?.().catch(() => undefined);
  }, beatMilliseconds).unref();
  return {
    name,
    async release() {
      clearInterval(beat);
      await unlink(file).catch(() => undefined);
    },
  };
}

/** Living owners of locks of that kind, `own` apart. The locks of the dead, of either kind, are removed. */
async function others(folder: string, own: string, kind: 'shared' | 'exclusive'): Promise<readonly Owner[]> {
  const found: Owner[] = [];
  for (const name of await readdir(folder)) {
    const [lockKind, id] = name.split('.');
    const owner = name !== own && id !== undefined ? parseOwner(id) : undefined;
    if (owner === undefined) continue;
    const file = join(folder, name);
    const touched = (await stat(file).catch(() => undefined))?.mtimeMs;
    if (touched === undefined) continue;
    if (!(await isOwnerAlive(owner, touched, Date.now()))) await unlink(file).catch(() => undefined);
    else if (lockKind === kind) found.push(owner);
  }
  return found;
}

async function waitOrFail(folder: string, holder: Owner, deadline: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  if (Date.now() > deadline) {
    throw new SlimimageError({
      code: 'STORE',
      message: `the store at ${folder} is in use by process ${holder.pid}`,
      hint: 'Try again when that process has ended.',
    });
  }
  await sleep(pollMilliseconds);
}
