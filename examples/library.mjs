// Builds the image of a configuration file from a program, and says what is in it.
//
//   npm install slimimage
//   node library.mjs slimimage.yaml ./layout
import { buildImage, isSlimimageError, listImage, loadConfig } from 'slimimage';

const [config = 'slimimage.yaml', folder = './layout'] = process.argv.slice(2);
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());

try {
  // The configuration as plain data: look at it, change it, or make one without a file (flagsToSpec).
  const spec = await loadConfig(config, { cwd: process.cwd() });
  const result = await buildImage(
    { ...spec, annotations: { ...spec.annotations, 'org.opencontainers.image.version': '1.0' } },
    {
      outputs: [`oci:${folder}`],
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'phase' && event.state === 'start') console.error(`${event.phase} ...`);
        if (event.type === 'warning') console.error(`warning: ${event.message}`);
      },
    },
  );
  for (const { platform, packages, layers } of result.platforms) {
    const bytes = layers.reduce((sum, layer) => sum + layer.compressedSize, 0);
    console.log(`${platform}: ${packages.length} packages, ${bytes} bytes compressed`);
  }
  const files = await listImage(`oci:${folder}`);
  console.log(`${files.length} paths, ${result.digest}`);
} catch (error) {
  if (!isSlimimageError(error)) throw error;
  console.error(`${error.code}: ${error.message}`);
  if (error.hint !== undefined) console.error(error.hint);
  process.exitCode = error.exitStatus;
}
