import * as v from 'valibot';
import { choice, described, integer, list, object, parsedBy, text } from './schema-parts.ts';
import { parseDuration } from './values/duration.ts';
import { parsePort } from './values/port.ts';
import { parseSignal } from './values/signal.ts';

export const port = v.union(
  [parsedBy(text('a port such as 8080 or 53/udp'), parsePort), integer('a port', 1, 65535)],
  'expected a port such as 8080 or 53/udp',
);

export const signal = v.union(
  [parsedBy(text('a signal such as SIGTERM'), parseSignal), integer('a signal', 1, 64)],
  'expected a signal such as SIGTERM',
);

export const healthcheck = v.union(
  [
    choice(['none']),
    object(
      {
        test: v.pipe(
          list(text('a word'), '[/usr/bin/curl, -f, http://localhost:8080/]'),
          v.minLength(1, 'expected at least one word'),
          v.description(
            'The command, as a list of words. No shell is needed; CMD or CMD-SHELL may lead as in a Dockerfile.',
          ),
        ),
        interval: described(duration(), 'Time between two checks. By default 30s.'),
        timeout: described(duration(), 'Time after which a check has failed. By default 30s.'),
        'start-period': described(duration(), 'Time in which failures do not count. By default 0s.'),
        retries: described(
          integer('a number', 0, 1000),
          'Failures in a row after which the container is unhealthy. By default 3.',
        ),
      },
      '{ test: [/usr/bin/curl, -f, http://localhost:8080/], interval: 30s }',
    ),
  ],
  'expected none, or a map such as { test: [/usr/bin/curl, -f, http://localhost:8080/], interval: 30s }',
);

function duration() {
  return parsedBy(text('a duration such as 30s'), parseDuration);
}
