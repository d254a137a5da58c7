import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface BytesCall {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Sends the body in pieces, without saying how long it is. */
  readonly chunked?: boolean;
}

export interface BytesAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Sends exactly these bytes; the usual clients take what they know for the better. */
export function sendBytes(server: Server, call: BytesCall): Promise<BytesAnswer> {
  const { method, path, headers = {}, body, chunked = false } = call;
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent: false });
    // An answer may come before the whole body is sent; then the connection is closed.
    outgoing.on('error', reject).on('response', (response) => {
      assert(response.statusCode !== undefined);
      const { statusCode: status, headers: received } = response;
      buffer(response).then((bytes) => {
        resolve({ status, headers: received, bytes, text: bytes.toString() });
      }, reject);
    });
    if (body.length === 0) {
      outgoing.end();
      return;
    }
    if (!chunked) outgoing.setHeader('Content-Length', body.length);
    const half = body.length / 2;
    outgoing.write(body.subarray(0, half));
    outgoing.end(body.subarray(half));
  });
}
