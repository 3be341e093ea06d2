import type { DebSet } from './look-materials.ts';

/** A Dockerfile and what lies beside it. */
export interface LookRecipe {
  readonly dockerfile: string;
  readonly debs?: readonly DebSet[];
  /** Files of the build context by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly npm?: boolean;
  readonly busybox?: boolean;
}

export type LookImage = 'base' | 'layers' | 'python' | 'node' | 'java' | 'static' | 'small';

/** Every way in which layers change a tree that a Dockerfile knows of, and every instruction that shapes a config. */
const layers = `FROM look/base:1
MAINTAINER Someone <someone@example.com>
ARG VERSION=2.1
LABEL org.opencontainers.image.title="layers" org.opencontainers.image.version="\${VERSION}" with.space="a \\"quoted\\" b"
ENV APP_HOME=/srv/app PATH=/srv/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin GREETING="hello  world"
COPY debs /debs
RUN dpkg -i /debs/*.deb
RUN groupadd -g 4000 app && useradd -m -u 4000 -g app -s /bin/bash app
COPY --chown=4000:4000 app /srv/app
ADD extra.tar.gz /srv/
RUN ln -s data /srv/app/link && chmod 755 /srv/app/bin/* && cp /bin/true /srv/app/bin/port && setcap cap_net_bind_service+ep /srv/app/bin/port
RUN cp /bin/true /srv/app/bin/root && chmod 4755 /srv/app/bin/root && cp /bin/true /srv/app/bin/group && chmod 2755 /srv/app/bin/group
RUN mkdir -m 0777 /srv/open && install -m 0666 /dev/null /srv/open/all && mkdir -m 1777 /srv/sticky
RUN ln /srv/app/data/one /srv/app/data/same && ln /usr/bin/base64 /usr/local/bin/base64-again
RUN mv /srv/app/data/two /srv/app/data/renamed && mv /srv/app/old /srv/app/new
RUN chown 1234:2345 /srv/app/data/one && chmod 0640 /srv/app/data/renamed && touch -d 2001-02-03T04:05:06Z /srv/app/data/three
RUN rm -rf /srv/app/cache && mkdir /srv/app/cache && echo fresh > /srv/app/cache/fresh
RUN rm -rf /srv/app/folder && ln -s new /srv/app/folder && rm /srv/app/link && mkdir /srv/app/link && echo x > /srv/app/link/x
RUN echo more >> /srv/app/data/three && dd if=/dev/urandom of=/srv/big bs=1k count=300 status=none
RUN rm /srv/big && rm -rf /usr/share/doc/tzdata /debs
RUN dpkg --purge file && rm -f /var/log/dpkg.log
RUN mkdir -p "/srv/names/with space" && echo n > "/srv/names/with space/\\303\\251t\\303\\251" && mkfifo /srv/pipe && mknod /srv/null c 1 3
RUN /bin/true
VOLUME /srv/app/state /srv/other
EXPOSE 80 8443/tcp 53/udp
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=30s --timeout=3s --retries=5 CMD test -e /srv/app || exit 1
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ONBUILD COPY . /srv/app/src
WORKDIR /srv/app
USER app
ENTRYPOINT ["start", "--port", "80"]
CMD ["--verbose", "a b"]
`;

const python = `FROM look/base:1
COPY debs /tmp/debs
RUN apt-get install -y -q /tmp/debs/*.deb && rm -rf /tmp/debs
ENV PYTHONUNBUFFERED=1
COPY app.py shop.py /app/
WORKDIR /app
USER 1000:1000
EXPOSE 8000
CMD ["python3", "/app/app.py"]
`;

const node = `FROM look/base:1
COPY debs /tmp/debs
RUN apt-get install -y -q /tmp/debs/*.deb && rm -rf /tmp/debs
WORKDIR /shop
COPY node_modules /shop/node_modules
COPY package.json server.js /shop/
ENV NODE_ENV=production
EXPOSE 3000
CMD node server.js
`;

const java = `FROM look/base:1
COPY debs /tmp/debs
RUN mkdir -p /usr/share/man/man1 && apt-get install -y -q /tmp/debs/*.deb && rm -rf /tmp/debs
ENTRYPOINT ["java", "-jar", "/usr/share/java/js.jar"]
`;

const statically = `FROM scratch
COPY busybox /bin/busybox
COPY index.html /www/
ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
USER 65532:65532
`;

/** A few layers of every kind without a base, for what is done with an image many times. */
const small = `FROM scratch
COPY busybox /bin/busybox
COPY status.d /var/lib/dpkg/status.d
COPY tree /srv
SHELL ["/bin/busybox", "sh", "-c"]
RUN busybox --install -s /bin && ln -s . /srv/here && ln /srv/one /srv/same && chmod 4755 /bin/busybox
RUN rm -rf /srv/folder && mkdir -p /srv/folder /tmp && echo new > /srv/folder/new && chmod 1777 /tmp && mkfifo /srv/pipe
RUN mv /srv/two /srv/three && rm /srv/here && mkdir /srv/here && chown 10:20 /srv/one && ln -s ../three /srv/here/link
ENV PATH=/bin
USER 65532
ENTRYPOINT ["sh", "-c"]
CMD ["ls"]
`;

const helloStatus = `Package: hello
Status: install ok installed
Version: 2.10-3
Architecture: amd64
Maintainer: Nobody <nobody@example.com>
Description: example
`;

const pythonModule = `def total(prices):\n    return sum(prices)\n`;
const pythonMain = `from shop import total\n\nprint(total([1, 2]))\n`;
const nodeMain = `const express = require('express');\nexpress().get('/', (_, answer) => answer.send('hello')).listen(3000);\n`;

export const lookRecipes: Readonly<Record<Exclude<LookImage, 'base'>, LookRecipe>> = {
  layers: {
    dockerfile: layers,
    debs: ['tools'],
    files: {
      'app/bin/start': '#!/bin/sh\nexec sleep 1\n',
      'app/data/one': 'one\n',
      'app/data/two': 'two\n',
      'app/data/three': 'three\n',
      'app/old/deep/file': 'old\n',
      'app/cache/stale': 'stale\n',
      'app/cache/deep/stale': 'stale\n',
      'app/folder/file': 'file\n',
      'extra/unpacked': 'from a tar\n',
    },
  },
  python: { dockerfile: python, debs: ['python'], files: { 'app.py': pythonMain, 'shop.py': pythonModule } },
  node: { dockerfile: node, debs: ['node'], npm: true, files: { 'server.js': nodeMain } },
  java: { dockerfile: java, debs: ['java'] },
  small: {
    dockerfile: small,
    busybox: true,
    files: {
      'status.d/hello': helloStatus,
      'tree/one': 'one\n',
      'tree/two': 'two\n',
      'tree/folder/old': 'old\n',
      'tree/folder/deep/older': 'older\n',
    },
  },
  static: { dockerfile: statically, busybox: true, files: { 'index.html': '<h1>hello</h1>\n' } },
};
