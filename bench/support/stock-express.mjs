// The same answer the way Express is mostly used: helmet, a JSON parser, res.json.
import express from 'express';
import helmet from 'helmet';

const app = express();
app.use(helmet());
app.use(express.json());
app.get('/healthz', (_req, res) => res.json({ results: { code: 200, msg: 'Ok' } }));
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
