import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { strikeBytes, strikeText } from './strike-text.ts';

const token = ['ghp', 'q7Zt3KvXb9LmR2wPc8NdF4hJ6sYg5TxVk1Qz'].join('_');
const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

test('what no name betrays is struck out of a setting and of a command', () => {
  assert.equal(strikeText(`HEADER=Bearer ${token}`, { where: 'env' }), 'HEADER=Bearer ****');
  assert.equal(strikeText(`RUN curl -H "X: ${token}" a.org`, { where: 'history' }), 'RUN curl -H "X: ****" a.org');
  assert.equal(strikeText('RUN wget https://me:hYt7qq22x@a.org/x', { where: 'history' }).includes('hYt7qq22x'), false);
});

test('a key goes with all its lines, and every line stays one', () => {
  const text = `first\n${key}last ${token}\n`;
  const shown = Buffer.from(strikeBytes(Buffer.from(text), { where: 'file' })).toString();
  const dashes = '-----';
  assert.equal(
    shown,
    `first\n${dashes}BEGIN PRIVATE KEY${dashes}\n****\n${dashes}END PRIVATE KEY${dashes}\nlast ****\n`,
  );
});

test('a secret goes as a whole, of which a rule looks at the beginning', () => {
  const text = `client-key-data: ${'q7Zt3KvXb9LmR2wPc8NdF4hJ6sYg5TxVk1Qz'.repeat(20)}\n`;
  const shown = Buffer.from(strikeBytes(Buffer.from(text), { where: 'file' })).toString();
  assert.equal(shown, 'client-key-data: ****\n');
});

test('a text without a secret is itself', () => {
  const bytes = Buffer.from('port: 80\n');
  assert.equal(strikeBytes(bytes, { where: 'file' }), bytes);
});

test('thousands of secrets are struck out, too', () => {
  const lines = Array.from(
    { length: 3000 },
    (_, index) => `${index} ${token.slice(0, -4)}${String(index).padStart(4, '0')}`,
  );
  const shown = Buffer.from(strikeBytes(Buffer.from(lines.join('\n')), { where: 'file' })).toString();
  assert.equal(shown.includes('ghp_'), false);
  assert.equal(shown.split('\n').length, lines.length);
});
