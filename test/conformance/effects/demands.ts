import { agreement, isGenerated } from './report.ts';
import type { SetResult } from './run.ts';

/** Percent that have to be equal, of the classes on which TLS, logins and the loader hang. */
const leastShares: Readonly<Record<string, number>> = {
  'CA bundle': 100,
  'certificate links': 100,
  alternatives: 100,
  accounts: 100,
  'ld.so.cache': 100,
};

/** Percent, of all that is generated. */
const leastOfAll = 98;

/** What falls short, a line each; none where the comparison passes. */
export function shortfalls(results: readonly SetResult[]): readonly string[] {
  const classes = Object.entries(leastShares).map(
    ([name, least]) => [name, least, agreement(results, (kind) => kind === name)] as const,
  );
  const shares = [...classes, ['generated, all', leastOfAll, agreement(results, isGenerated)] as const];
  return [
    ...shares
      .filter(([, least, share]) => share < least)
      .map(([name, least, share]) => `${name}: ${share.toFixed(2)} % are equal, ${least} % have to be`),
    ...results.filter(({ libraries }) => libraries === 0).map(({ set }) => `${set}: no library in its ld.so.cache`),
    ...stopsBy('IMAGE_BROKEN', results).map((line) => `the check is wrong of what works: ${line}`),
  ];
}

/** Builds that a maintainer script stopped, before it was accepted. */
export function scriptStops(results: readonly SetResult[]): readonly string[] {
  return stopsBy('SCRIPT_NOT_REPRODUCED', results);
}

function stopsBy(code: string, results: readonly SetResult[]): readonly string[] {
  return results.flatMap(({ set, stops }) =>
    stops.filter((stop) => stop.startsWith(`${code}: `)).map((stop) => `${set}: ${stop}`),
  );
}
