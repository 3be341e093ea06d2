import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify({ path: request.url, node: process.version })}\n`);
});
server.listen(Number(process.env.PORT ?? 8080));

// As the first process of a container Node ends on a signal only if it is told to.
process.on('SIGTERM', () => server.close());
