/** Runs the test files of its arguments in this one process, and sends the tally to the parent. */
import { runFiles } from './test-run.ts';

const tally = await runFiles(process.argv.slice(2), { together: true });
process.send?.(tally, () => process.disconnect());
