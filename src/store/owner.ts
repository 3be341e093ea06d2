import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';
import { sha256Hex } from '../util/digest.ts';
import { errorCode } from './disk-error.ts';

/**
 * Who made a lock or a temporary file: `PID-START-DOMAIN`. A process id alone is not enough: it is used again after a while
 * (hence the start time), and means another process in another container or on another host (hence the domain).
 */
export interface Owner {
  readonly id: string;
  readonly pid: number;
  readonly start: string;
  readonly domain: string;
}

/** Owners of another domain count as alive while their file was touched within this time. */
const heartbeatMilliseconds = 10 * 60 * 1000;

let current: Promise<Owner> | undefined;

/** The owner that stands for this process. */
export function currentOwner(): Promise<Owner> {
  current ??= identify();
  return current;
}

/** Reads an id made by `currentOwner`; undefined where the text is none. */
export function parseOwner(text: string): Owner | undefined {
  const match = /^([0-9]{1,10})-([0-9]{1,20})-([0-9a-f]{8})$/.exec(text);
  const [, pidText, start, domain] = match ?? [];
  if (pidText === undefined || start === undefined || domain === undefined) return undefined;
  return { id: text, pid: Number(pidText), start, domain };
}

/**
 * Whether the process that made a file still runs.
 * @param touched when the file was last touched, milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export async function isOwnerAlive(owner: Owner, touched: number, now: number): Promise<boolean> {
  const self = await currentOwner();
  if (owner.id === self.id) return true;
  if (owner.domain !== self.domain) return now - touched < heartbeatMilliseconds;
  if (owner.start !== '0') return (await startTime(owner.pid)) === owner.start;
  return isRunning(owner.pid);
}

async function identify(): Promise<Owner> {
  const start = (await startTime('self')) ?? '0';
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  const domain = sha256Hex(`${hostname()}\n${boot}\n${namespace}`).slice(0, 8);
  return { id: `${pid}-${start}-${domain}`, pid, start, domain };
}

/** Field 22 of proc_pid_stat(5), in clock ticks since boot; undefined where there is no such process or no /proc. */
async function startTime(process: number | 'self'): Promise<string | undefined> {
  const text = await readFile(`/proc/${process}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in parentheses and may hold blanks and parentheses.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie (state Z) still has its entry, but will never write again.
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

function isRunning(id: number): boolean {
  try {
    kill(id, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
