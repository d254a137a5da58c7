// The upper bound: the same answer with nothing around it.
import { createServer } from 'node:http';

const body = JSON.stringify({ results: { code: 200, msg: 'Ok' } });
const headers = {
  'Content-Type': 'application/json; charset=utf-8',
  'Content-Length': body.length,
};
const server = createServer((_req, res) => res.writeHead(200, headers).end(body));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
