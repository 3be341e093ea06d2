import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * Node's `http`. To `import` it reads each of its exports, one of which makes Node load and compile all of its undici:
 * 30 ms of every run, for something that nobody here asks for.
 */
export const http = load('node:http') as typeof import('node:http');
