import * as v from 'valibot';
import { described, object, text } from './schema-parts.ts';

/** An entry of `accept:`. */
export const acceptance = object(
  {
    package: required(text('the name of a package', /^[a-z0-9][a-z0-9+.-]+$/), 'The package.'),
    because: required(reason(), 'Why its scripts do not matter here.'),
  },
  '{ package: tzdata, because: set at run time }',
);

/** An entry of `allow:`. */
export const allowance = object(
  {
    missing: required(
      text('what is missing, as the finding names it', /^[^\0\n]{1,300}$/),
      'What is missing, as the finding names it: libfoo.so.1, GLIBC_2.40, /bin/sh.',
    ),
    in: described(text('a glob such as /usr/lib/**', /^[^\0\n]{1,1000}$/), 'The files that miss it. By default any.'),
    because: required(reason(), 'Why it does not matter here.'),
  },
  '{ missing: libfoo.so.1, because: optional }',
);

function required<T extends v.GenericSchema>(schema: T, description: string) {
  return v.pipe(schema, v.description(description));
}

function reason() {
  return text('a reason in a few words', /^[^\0]*\S[^\0]*$/);
}
