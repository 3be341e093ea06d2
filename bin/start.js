// The built program, or in a checkout without `dist` its source, which Node runs as it is.
import { existsSync } from 'node:fs';

const built = new URL('../dist/bin/main.js', import.meta.url);
await import(existsSync(built) ? built.href : new URL('../src/cli/main.ts', import.meta.url).href);
