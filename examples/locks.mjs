// Resolves a configuration, locks it, builds from the lock, and says why a package is there and what is newer.
//
//   npm install slimimage
//   node locks.mjs slimimage.yaml libc6
import {
  buildImage,
  checkLock,
  explainPresence,
  isSlimimageError,
  loadConfig,
  lockFileOf,
  lockImage,
  planUpdate,
  resolvePackages,
  UnsatisfiableError,
} from 'slimimage';

const [config = 'slimimage.yaml', thing = 'libc6'] = process.argv.slice(2);

try {
  const spec = await loadConfig(config, { cwd: process.cwd() });

  // What packages it takes, as apt would install them. Nothing is fetched but the archives' indexes.
  const { platform, packages } = await resolvePackages(spec);
  const bytes = packages.reduce((sum, { installedSize }) => sum + installedSize, 0);
  console.log(`${platform}: ${packages.length} packages, ${bytes} bytes on disk`);

  // slimimage.lock.json beside the configuration, made once and made anew when the configuration has moved.
  const { fits, differences } = await checkLock(spec);
  for (const difference of differences) console.error(difference);
  if (!fits) await lockImage(spec);

  // From now on the same bytes, whatever the archives bring. It asks for no index.
  const lock = lockFileOf(spec);
  const { digest } = await buildImage(spec, { lock });
  console.log(digest);

  // The shortest way from a request to a package; of a configuration or an image likewise.
  const why = await explainPresence(thing, { type: 'lock', file: lock });
  for (const { chain } of why.packages) console.log(chain.map(({ name }) => name).join(' -> '));

  // What the archives have today. It changes nothing: updateLock writes it.
  const { platforms, sources } = await planUpdate(spec, { securityOnly: false });
  for (const { name, from, to } of platforms.flatMap((update) => update.packages)) {
    console.log(`${name} ${from?.version ?? 'new'} -> ${to?.version ?? 'gone'}`);
  }
  for (const { name, fixes } of sources) console.log(`${name}: ${fixes.length} CVEs, its changelog says`);
} catch (error) {
  if (!isSlimimageError(error)) throw error;
  // The message explains; for a program the same is there as data.
  console.error(`${error.code}: ${error.message}`);
  if (error instanceof UnsatisfiableError) {
    for (const conflict of error.conflicts) console.error(`${conflict.type} on ${error.platform}`);
  }
  process.exitCode = error.exitStatus;
}
