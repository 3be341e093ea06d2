#!/usr/bin/env node
// Plain JavaScript that any Node reads, so that an old one gets a sentence and not a syntax error.
var needed = [22, 20];
var have = process.versions.node.split('.').map(Number);

if (have[0] < needed[0] || (have[0] === needed[0] && have[1] < needed[1])) {
  process.stderr.write(
    'slimimage needs Node.js ' +
      needed.join('.') +
      ' or newer; this is ' +
      process.versions.node +
      '.\n' +
      'Get it from https://nodejs.org/, or run one command under it: npx -p node@24 -p slimimage slimimage\n',
  );
  process.exit(3);
} else {
  import('./start.js').catch((error) => {
    process.stderr.write('slimimage could not start: ' + String(Object(error).stack || error) + '\n');
    process.exit(3);
  });
}
