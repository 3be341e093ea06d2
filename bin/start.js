// A checkout has the source, which Node runs as it is: a `dist` of yesterday must not stand in for it. The published
// package has the built program alone.
import { existsSync } from 'node:fs';

const source = new URL('../src/cli/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/bin/main.js', import.meta.url).href);
