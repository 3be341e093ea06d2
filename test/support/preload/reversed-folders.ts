/** For `node --import`: folders are listed in the opposite of the system's order, as other file systems would. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Listing = (...args: readonly unknown[]) => Promise<unknown[]>;

const { promises } = fs as unknown as { promises: { readdir: Listing; opendir: unknown } };
const readdir = promises.readdir.bind(promises);
promises.readdir = async (...args) => (await readdir(...args)).reverse();
// Whoever lists folders in another way has to be reversed here as well.
promises.opendir = () => {
  throw new Error('opendir is not reversed');
};
const sync = fs.readdirSync.bind(fs) as (...args: readonly unknown[]) => unknown[];
Object.assign(fs, { readdirSync: (...args: readonly unknown[]) => sync(...args).reverse() });
syncBuiltinESMExports();
