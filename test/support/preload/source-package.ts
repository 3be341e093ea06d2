/** For `node --import`: the package `slimimage` is the source of this checkout. */
import { registerHooks } from 'node:module';

const source = new URL('../../../src/index.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'slimimage' ? source : specifier, context),
});
