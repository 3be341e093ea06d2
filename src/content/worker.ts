import { parentPort } from 'node:worker_threads';
import { isSlimimageError } from '../errors.ts';
import { diskError } from '../store/disk-error.ts';
import { convertDeb } from './convert.ts';
import { cutFragment } from './cut.ts';
import type { JobName, Jobs } from './jobs.ts';
import { compressFragment, hashFiles, packFiles } from './pack.ts';
import { digestPieces, joinPieces } from './pieces.ts';
import type { WorkerMessage } from './pool.ts';
import { sha1Runs } from './sha1.ts';

type Handler<N extends JobName> = (
  input: Jobs[N]['input'],
  progress: (done: number) => void,
) => Promise<Jobs[N]['output']> | Jobs[N]['output'];

const handlers: { readonly [N in JobName]: Handler<N> } = {
  convert: convertDeb,
  compress: compressFragment,
  cut: cutFragment,
  pack: packFiles,
  hashFiles,
  sha1Runs,
  digestPieces,
  joinPieces,
};

/** A progress message at most every megabyte: a message costs more than the bar is worth. */
const progressStep = 1024 * 1024;

parentPort?.on('message', async (request: { id: number; job: JobName; input: never }) => {
  const post = (message: WorkerMessage) => parentPort?.postMessage(message);
  const { id } = request;
  let reported = 0;
  const progress = (done: number) => {
    if (done - reported < progressStep) return;
    reported = done;
    post({ type: 'progress', id, done });
  };
  try {
    const output: unknown = await handlers[request.job](request.input, progress);
    post({ type: 'result', id, output });
  } catch (error) {
    const { code, message, hint } = describeFailure(error, request);
    post({ type: 'error', id, code, message, hint });
  }
});

/** What a system call says names neither the job nor what to do; a full disk is no bug. */
function describeFailure(error: unknown, { job, input }: { readonly job: JobName; readonly input: object }) {
  if (isSlimimageError(error)) return error;
  const what = 'label' in input ? `${job} ${String(input.label)}` : job;
  const { code, syscall, path, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: '' };
  if (code === undefined)
    return { code: 'IO', message: `${what} failed: ${message || String(error)}`, hint: undefined } as const;
  return diskError(error, `${what}: cannot ${[syscall, path].filter((part) => part !== undefined).join(' ')}`, 'IO');
}
