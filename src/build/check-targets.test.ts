import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { checkTargets } from './check-targets.ts';

test('names and targets that can be used', () => {
  const outputs = ['store:web', 'oci:./out:v1', 'oci-archive:a.tar', 'docker-archive:b.tar', 'tar:c.tar', 'dir:root'];
  checkTargets({ tags: ['web', 'web:dev', 'registry.example:5000/team/web:1.0'], outputs });
  checkTargets({});
});

test('names and targets that are refused before any work', () => {
  const refused = (code: 'REFERENCE_INVALID' | 'OUTPUT_INVALID', options: Parameters<typeof checkTargets>[0]) =>
    assert.throws(
      () => checkTargets(options),
      (error) => isSlimimageError(error, code),
    );
  refused('REFERENCE_INVALID', { tags: ['Web:dev'] });
  refused('REFERENCE_INVALID', { tags: ['web:'] });
  refused('REFERENCE_INVALID', { tags: [`web@sha256:${'0'.repeat(64)}`] });
  refused('OUTPUT_INVALID', { outputs: ['web:dev'] });
  refused('OUTPUT_INVALID', { outputs: ['docker-daemon:web'] });
  refused('REFERENCE_INVALID', { outputs: ['oci:'] });
});
