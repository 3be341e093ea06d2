import { parentPort } from 'node:worker_threads';
import { isSlimimageError } from '../errors.ts';
import { convertDeb } from './convert.ts';
import { cutFragment } from './cut.ts';
import type { JobName, Jobs } from './jobs.ts';
import { compressFragment, hashFiles, packFiles } from './pack.ts';
import { digestPieces, joinPieces } from './pieces.ts';
import type { WorkerMessage } from './pool.ts';

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
    if (isSlimimageError(error))
      post({ type: 'error', id, code: error.code, message: error.message, hint: error.hint });
    else
      post({
        type: 'error',
        id,
        code: 'IO',
        message: `${request.job} failed: ${error instanceof Error ? error.message : String(error)}`,
      });
  }
});
