import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { checkTargets, pushTargets } from './check-targets.ts';

test('names and targets that can be used', () => {
  const outputs = ['store:web', 'oci:./out:v1', 'oci-archive:a.tar', 'docker-archive:b.tar', 'tar:c.tar', 'dir:root'];
  checkTargets({ tags: ['web', 'web:dev', 'registry.example:5000/team/web:1.0'], outputs });
  checkTargets({});
  checkTargets({ tags: ['web:dev', 'localhost:5000/web'], push: true });
  checkTargets({ outputs: ['docker://registry.example/team/web:1.0', 'oci:out'], attach: true });
  checkTargets({ outputs: ['oci:out'], attach: true, sboms: [], provenance: false, sign: 'key.pem' });
});

test('names and targets that are refused before any work', () => {
  const refused = (
    code: 'REFERENCE_INVALID' | 'OUTPUT_INVALID' | 'USAGE',
    options: Parameters<typeof checkTargets>[0],
  ) =>
    assert.throws(
      () => checkTargets(options),
      (error) => isSlimimageError(error, code),
    );
  refused('REFERENCE_INVALID', { tags: ['Web:dev'] });
  refused('REFERENCE_INVALID', { tags: ['web:'] });
  refused('REFERENCE_INVALID', { tags: [`web@sha256:${'0'.repeat(64)}`] });
  refused('OUTPUT_INVALID', { outputs: ['web:dev'] });
  refused('OUTPUT_INVALID', { outputs: ['docker-daemon:web'] });
  refused('OUTPUT_INVALID', { outputs: ['docker://web:dev'] });
  refused('REFERENCE_INVALID', { outputs: ['oci:'] });
  refused('REFERENCE_INVALID', { outputs: [`docker://registry.example/web@sha256:${'0'.repeat(64)}`] });
  refused('USAGE', { push: true });
  refused('USAGE', { push: true, tags: ['web:dev', 'team/web'] });
  refused('USAGE', { attach: true, outputs: ['oci-archive:a.tar'] });
  refused('USAGE', { attach: true, outputs: ['oci:out'], sboms: [], provenance: false });
  refused('USAGE', { push: true, tags: ['localhost/web'], offline: true });
});

test('a push goes where a name says, and nowhere by default', () => {
  const tags = ['web:dev', 'team/web', 'docker.io/team/web', 'registry.example/web:1', 'registry.example/web:1'];
  assert.deepEqual(pushTargets(tags), ['docker://docker.io/team/web', 'docker://registry.example/web:1']);
  assert.throws(() => checkTargets({ push: true, tags: ['team/web:1'] }), {
    message: '--push needs a name with a registry in it, and "team/web:1" has none',
    hint: 'For example: -t registry.example/team/web:1 --push. For Docker Hub: -t docker.io/team/web:1',
  });
});
