/** Listens on a free port, says where on standard output as SFChat does, and ends when it is told to. */
export function serve(server) {
  server.listen(0, '127.0.0.1', () => tellUrl(server.address().port));
}

export function tellUrl(port) {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
  process.once('SIGTERM', () => process.exit(0));
}
