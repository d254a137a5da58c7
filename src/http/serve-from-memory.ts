import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Request, RequestHandler } from 'express';
import { pageHeaders, type Headers } from './headers.ts';

/** A content in every form in which it goes out. */
export interface Forms {
  readonly identity: Buffer;
  readonly br: Buffer;
  readonly gzip: Buffer;
}

export interface Served {
  readonly status: number;
  readonly type: string;
  /** What `Cache-Control` says. */
  readonly caching: string;
  /** The language that it is written in, as `Content-Language` says it. */
  readonly language?: string;
  /** What else the answer depends on, as `Vary` says it. */
  readonly dependsOn?: string;
  /** Of every answer; as a rule those of what people see. */
  readonly headers?: Headers;
}

/** A content that is compressed once, by whoever asks for it first: at the start nobody does. */
export function compress(content: Buffer): Forms {
  let br: Buffer | undefined;
  let gzip: Buffer | undefined;
  return {
    identity: content,
    get br() {
      return (br ??= brotliCompressSync(content));
    },
    get gzip() {
      return (gzip ??= gzipSync(content));
    },
  };
}

/** Answers always the same bytes. No file is open while it does, so none can be missing. */
export function serveFromMemory(
  forms: Forms,
  { status, type, caching, language, dependsOn, headers: common = pageHeaders }: Served,
): RequestHandler {
  const tag = createHash('sha256').update(forms.identity).digest('base64url').slice(0, 20);
  const vary = ['Accept-Encoding', dependsOn ?? []].flat().join(', ');
  return (req, res) => {
    const encoding = smallestFor(req);
    const body = forms[encoding];
    const etag = `"${tag}-${encoding}"`;
    const headers = {
      ...common,
      'Cache-Control': caching,
      'Content-Type': type,
      ETag: etag,
      Vary: vary,
      ...(language !== undefined && { 'Content-Language': language }),
      ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
    };
    if (status === 200 && req.get('if-none-match')?.includes(etag) === true) {
      res.writeHead(304, headers).end();
      return;
    }
    res.writeHead(status, { ...headers, 'Content-Length': body.length }).end(body);
  };
}

/** Browsers name `gzip` first and mean nothing by it. */
function smallestFor(req: Request): keyof Forms {
  if (req.acceptsEncodings('br') === 'br') return 'br';
  return req.acceptsEncodings('gzip') === 'gzip' ? 'gzip' : 'identity';
}
