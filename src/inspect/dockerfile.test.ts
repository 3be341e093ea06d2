import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryEntry, ImageConfig, RuntimeConfig } from '../oci/documents.ts';
import { type DockerfileFacts, readHistory, reconstructDockerfile } from './dockerfile.ts';
import { shownOf } from './shown.ts';

interface Scene {
  readonly config?: RuntimeConfig;
  /** Files that each layer wrote, lowest first. */
  readonly paths?: readonly (readonly string[])[];
  /** Of its distribution. */
  readonly id?: string;
}

/** An image with this history: entries that set something make no layer. */
function imageOf(history: readonly (string | HistoryEntry)[], { config, paths, id = 'debian' }: Scene = {}) {
  const entries = history.map((entry) => (typeof entry === 'string' ? entryOf(entry) : entry));
  return dockerfileOf({
    config: { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [] }, history: entries },
    layers: entries.filter(({ empty_layer }) => empty_layer !== true).length,
    distribution: { id, codename: 'bookworm', version: '12', title: undefined, support: undefined },
    written: (layer, most) => {
      const files = paths?.[layer - 1] ?? [];
      return { paths: files.slice(0, most), files: files.length };
    },
  });
}

function dockerfileOf(facts: Omit<DockerfileFacts, 'instructions' | 'shown'>) {
  const instructions = readHistory(facts.config);
  const shown = shownOf(facts.config, { instructions, showSecrets: false });
  return reconstructDockerfile({ ...facts, instructions, shown });
}

const makesNoLayer =
  /^(?:[^#]+ -c #\(nop\)\s+)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

function entryOf(text: string): HistoryEntry {
  const buildkit = text.endsWith('# buildkit') ? { comment: 'buildkit.dockerfile.v0' } : {};
  return { created_by: text, ...buildkit, ...(makesNoLayer.test(text) ? { empty_layer: true } : {}) };
}

/** What the image's own part says, comments apart. */
function instructions(history: readonly string[], scene?: Scene): string {
  return imageOf(history, scene)
    .steps.filter((step) => !step.inherited && step.text !== '')
    .map(({ text }) => text)
    .join('\n');
}

// As docker 20.10.24 writes it without BuildKit (`DOCKER_BUILDKIT=0 docker build`, `docker history --no-trunc`).
const classicBase = [
  '/bin/sh -c #(nop) ADD file:b3f5f0d6c9a7e8d1c2b3a4f5e6d7c8b9a0f1e2d3c4b5a6978876655443322110 in / ',
  '/bin/sh -c #(nop)  CMD ["bash"]',
];

// As docker 20.10.24 wrote it: no space after the flags of COPY, and the words of the new shell from SHELL on.
test('the classic builder after SHELL, and with flags of COPY', () => {
  const text = instructions(
    [
      ...classicBase,
      '/bin/sh -c #(nop) COPY --chown=4000:4000dir:f0efb4ac92c9 in /srv/app ',
      '/bin/bash -o pipefail -c #(nop)  SHELL [/bin/bash -o pipefail -c]',
      '/bin/bash -o pipefail -c #(nop)  ONBUILD COPY . /srv/app/src',
      '/bin/bash -o pipefail -c cat /a | wc',
      '/bin/bash -o pipefail -c #(nop)  USER app',
      '/bin/bash -o pipefail -c #(nop)  ENTRYPOINT ["start" "--port" "80"]',
    ],
    { paths: [[], ['srv/app/one', 'srv/app/two'], []] },
  );
  assert.equal(
    text,
    `COPY --chown=4000:4000 . /srv/app
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ONBUILD COPY . /srv/app/src
RUN cat /a | wc
USER app
ENTRYPOINT ["start", "--port", "80"]`,
  );
});

test('the classic builder: what it set, what it ran, what it copied', () => {
  const text = instructions(
    [
      ...classicBase,
      '/bin/sh -c #(nop)  LABEL a=one org.example.title=My Application',
      '/bin/sh -c #(nop)  ENV LANG=C.UTF-8 GREETING=hello world',
      '/bin/sh -c #(nop)  ARG VERSION=1.2',
      '|1 VERSION=1.2 /bin/sh -c apt-get update     && apt-get install -y "two  spaces"     && rm -rf /var/lib/apt/lists/*',
      '/bin/sh -c #(nop) WORKDIR /app',
      '/bin/sh -c #(nop) COPY file:4d0ac8f1a9b0 in /app/ ',
      '/bin/sh -c #(nop) COPY --chown=app:app dir:77aa00bb11cc in /app ',
      '/bin/sh -c #(nop)  EXPOSE 8080 9090/udp',
      '/bin/sh -c #(nop)  VOLUME [/data /logs]',
      `/bin/sh -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "curl -f http://localhost/ || exit 1"] "30s" "5m0s" "0s" '\\x03'}`,
      '/bin/sh -c #(nop)  STOPSIGNAL SIGQUIT',
      '/bin/sh -c #(nop)  USER app',
      '/bin/sh -c #(nop)  ENTRYPOINT ["/docker-entrypoint.sh"]',
      '/bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon off;"]',
    ],
    {
      config: {
        Env: ['LANG=C.UTF-8', 'GREETING=hello world'],
        Labels: { a: 'one', 'org.example.title': 'My Application' },
      },
      paths: [[], ['var/lib/dpkg/status'], [], ['app/main.py'], ['app/a', 'app/b', 'app/c']],
    },
  );
  assert.equal(
    text,
    String.raw`LABEL a=one org.example.title="My Application"
ENV LANG=C.UTF-8 GREETING="hello world"
ARG VERSION=1.2
RUN apt-get update \
    && apt-get install -y "two  spaces" \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY main.py /app/
COPY --chown=app:app . /app
EXPOSE 8080 9090/udp
VOLUME ["/data", "/logs"]
HEALTHCHECK --interval=30s --timeout=5m --retries=3 CMD curl -f http://localhost/ || exit 1
STOPSIGNAL SIGQUIT
USER app
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["nginx", "-g", "daemon off;"]`,
  );
});

// As BuildKit 0.11 to 0.17 write it (moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go).
test('BuildKit: arguments, another shell, heredocs, ports as Go prints them', () => {
  const text = instructions([
    'ARG VERSION=2 NAME=abc # buildkit',
    'RUN |2 VERSION=2 NAME=two words /bin/sh -c ./configure --with-x &&\tmake install # buildkit',
    'COPY /out/app /usr/local/bin/ # buildkit',
    'COPY --chown=1000:1000 --chmod=755 src /app # buildkit',
    'SHELL [/bin/bash -o pipefail -c] # buildkit',
    'RUN /bin/bash -o pipefail -c curl x | sh # buildkit',
    'RUN /bin/bash -o pipefail -c set -e\napt-get update\napt-get install -y curl\n # buildkit',
    'RUN /bin/bash -o pipefail -c cat <<EOF > /etc/x\nhello\nEOF # buildkit',
    'EXPOSE map[443/tcp:{} 80/tcp:{}] # buildkit',
    'EXPOSE [8080/tcp] # buildkit',
    'ENTRYPOINT ["/bin/bash" "-o" "pipefail" "-c" "exec app \\"$@\\""] # buildkit',
    'ONBUILD COPY . /app # buildkit',
  ]);
  assert.equal(
    text,
    String.raw`ARG VERSION=2 NAME=abc
RUN ./configure --with-x && \
    make install
COPY /out/app /usr/local/bin/
COPY --chown=1000:1000 --chmod=755 src /app
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl x | sh
RUN <<EOF
set -e
apt-get update
apt-get install -y curl
EOF
RUN cat <<EOF > /etc/x
hello
EOF
EXPOSE 443/tcp 80/tcp
EXPOSE 8080/tcp
ENTRYPOINT exec app "$@"
ONBUILD COPY . /app`,
  );
});

test('FROM is guessed where the history begins as a distribution does, and named where somebody says it', () => {
  const base = (...args: Parameters<typeof imageOf>) => {
    const { reference, certainty, entries } = imageOf(...args).base;
    return `${reference} ${certainty} ${entries}`;
  };
  assert.equal(base([...classicBase, '/bin/sh -c make']), 'debian:bookworm guessed 2');
  const script = "# debian.sh --arch 'amd64' out/ 'bookworm' '@1742169600'";
  const debuerreotype = { created_by: script, comment: 'debuerreotype 0.15' };
  assert.equal(base([debuerreotype, 'RUN /bin/sh -c make # buildkit']), 'debian:bookworm guessed 1');
  const alpine = ['ADD alpine-minirootfs-3.21.3-x86_64.tar.gz / # buildkit', 'CMD ["/bin/sh"] # buildkit'];
  assert.equal(base([...alpine, 'RUN /bin/sh -c make # buildkit'], { id: 'fedora' }), 'fedora:12 guessed 2');
  const label = { config: { Labels: { 'org.opencontainers.image.base.name': 'docker.io/library/python:3.12' } } };
  assert.equal(base([...classicBase], label), 'docker.io/library/python:3.12 named 2');
  const buildah = { created_by: '/bin/sh -c make', comment: 'FROM docker.io/library/debian:12' };
  assert.equal(base([...classicBase, buildah]), 'docker.io/library/debian:12 named 2');
  assert.equal(base([{ created_by: 'slimimage build', comment: 'nginx (12 packages)' }]), 'scratch named 0');
  assert.equal(base(['COPY app /app # buildkit']), 'scratch unknown 0');
});

test('what the config has and no entry says comes last, with a note', () => {
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const { steps } = imageOf([{ created_by: 'COPY . /app', author: 'kaniko' }], {
    config: { Env: [path, 'A=b c'], Cmd: ['/bin/sh', '-c', 'app'], User: '1000' },
  });
  assert.deepEqual(
    steps.map(({ text, notes }) => `${text}${notes.map((note) => ` # ${note}`).join('')}`),
    [
      'COPY . /app',
      'ENV A="b c" # of the config; no entry of the history says it',
      'USER 1000 # of the config; no entry of the history says it',
      'CMD app # of the config; no entry of the history says it',
    ],
  );
});

test('a secret is struck out wherever it stands', () => {
  const { text } = imageOf(
    [
      'RUN |1 API_TOKEN=s3cr3t-value /bin/sh -c curl -H "x: s3cr3t-value" http://me:pw1234@host/ # buildkit',
      'ENV DB_PASSWORD=hunter22 # buildkit',
      'ENV REDIS_PASSWORD=abc LEVEL=3 # buildkit',
      'ARG API_KEY=xyz # buildkit',
    ],
    {
      config: {
        Env: [
          'DB_PASSWORD=hunter22',
          'REDIS_PASSWORD=abc',
          'LEVEL=3',
          'PASSWORD_FILE=/run/secrets/x',
          'ADMIN_TOKEN=q w',
        ],
      },
    },
  );
  assert.ok(!/s3cr3t|hunter22|pw1234|abc|xyz|q w/.test(text), text);
  assert.match(text, /ENV REDIS_PASSWORD=\*\*\*\* LEVEL=3/);
  assert.match(text, /ENV DB_PASSWORD="?\*\*\*\*/);
  assert.match(text, /PASSWORD_FILE=\/run\/secrets\/x/);
});

test('an image without a history says so for each layer', () => {
  const config: ImageConfig = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } };
  const written = () => ({ paths: [], files: 7 });
  const { text } = dockerfileOf({ config, layers: 2, distribution: undefined, written });
  assert.match(text, /^FROM scratch$/m);
  assert.match(text, /^# layer 2: 7 files; no entry of the history belongs to it\nADD layer-2\.tar \/$/m);
});

test('the text is a Dockerfile: base as comments, notes above their line', () => {
  const [add = '', cmd = ''] = classicBase;
  const { text } = imageOf([
    { ...entryOf(add), created: '2024-01-01T00:00:00Z' },
    { ...entryOf(cmd), created: '2024-01-01T00:00:00Z' },
    { created_by: 'RUN |1 A=1 /bin/sh -c make # buildkit', created: '2024-01-11T00:00:00Z' },
  ]);
  assert.equal(
    text,
    `# Reconstructed from the history and the config of an image; it may not build as it is.
# FROM is guessed: the history begins as the official image does
FROM debian:bookworm
#   the history has a hash of the source, file:b3f5f0d6c9a7, and no name
#   ADD rootfs.tar /
#   CMD ["bash"]

# made 10 days after what is above: that may have been an image of its own, named by FROM
# build argument A=1
RUN make
`,
  );
});

test('hostile histories end soon', () => {
  const started = performance.now();
  for (const text of [
    `/bin/sh -c #(nop)  HEALTHCHECK &{[${'"a" '.repeat(20_000)}`,
    `|9 ${'A='.repeat(50_000)}`,
    `/bin/sh ${'-a '.repeat(50_000)}`,
    `ENV ${' a='.repeat(50_000)}`,
    `ENV ${'a'.repeat(200_000)}`,
    `RUN ${' '.repeat(100_000)}x`,
    `nothing ${' '.repeat(200_000)}known`,
    `RUN ${'a'.repeat(200_000)}@`,
    `COPY file:0123456789 in x${' '.repeat(200_000)}y`,
    `CMD [${'"\\'.repeat(50_000)}`,
  ]) {
    assert.ok(imageOf([text]).text.startsWith('# Reconstructed'));
  }
  const many = Array.from({ length: 3000 }, (_, number) => `S${number}_PASSWORD=value-${number}`);
  const history = many.map((text) => `ENV ${text} # buildkit`);
  assert.equal(imageOf(history, { config: { Env: many } }).steps.length, 3000);
  assert.ok(performance.now() - started < 5000);
});
