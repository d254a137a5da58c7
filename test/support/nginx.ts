import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './processes.ts';

const root = path.resolve(__dirname, '../..');

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface ProxyRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address of this machine that the request seems to come from. */
  readonly from?: string;
}

/** The shipped nginx files, run on ports of a test's own. */
export interface Proxy {
  readonly port: number;
  ask(path: string, options?: ProxyRequest): Promise<ProxyAnswer>;
  /** Sends bytes as they are and gives what comes back. */
  raw(bytes: string): Promise<string>;
  /** Everything that nginx has written anywhere. */
  logs(): string;
  stop(): Promise<void>;
}

/** Ports that are tried: between finding one that is free and taking it somebody else may. */
const ATTEMPTS = 3;

/** @param servers ports of the service on this machine */
export async function startProxy(
  servers: readonly number[],
  edit: (site: string) => string = (site) => site,
): Promise<Proxy> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startAt(await freePort(), servers, edit);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startAt(
  port: number,
  servers: readonly number[],
  edit: (site: string) => string,
): Promise<Proxy> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-nginx-'));
  const read = (name: string) => readFileSync(path.join(root, 'config/nginx', name), 'utf8');
  const write = (name: string, text: string) => {
    writeFileSync(path.join(directory, name), text);
  };
  for (const name of ['conf.d', 'tls']) mkdirSync(path.join(directory, name));
  makeCertificate(path.join(directory, 'tls'));
  // As it is but for what only root may have and what this machine has elsewhere.
  const site = read('sfchat.conf')
    .replaceAll('/etc/nginx/tls', path.join(directory, 'tls'))
    .replace(/^ *listen \[::\].*$/gm, '')
    .replace('listen 443 ', `listen 127.0.0.1:${port} `)
    .replace('listen 80 ', `listen unix:${directory}/http.sock `);
  write('conf.d/sfchat.conf', edit(site));
  const server = /^ *server 127\.0\.0\.1:8000 (.*);$/m;
  const upstream = read('upstream-local.conf').replace(server, (_line, options: string) =>
    servers.map((each) => `    server 127.0.0.1:${each} ${options};`).join('\n'),
  );
  write('conf.d/upstream.conf', upstream);
  const main = read('nginx.conf')
    .replaceAll('/tmp/', `${directory}/`)
    .replace('/etc/nginx/conf.d', path.join(directory, 'conf.d'))
    .replace('/dev/stderr crit', `${directory}/error.log crit`)
    .replace('worker_processes auto', 'worker_processes 1')
    .replace('worker_connections 32768', 'worker_connections 4096');
  write('nginx.conf', `daemon off;\n${main}`);

  const nginx = spawn('nginx', ['-e', `${directory}/error.log`, '-c', `${directory}/nginx.conf`], {
    env: { PATH: `${process.env['PATH']}:/usr/sbin` },
    stdio: 'ignore',
  });
  const ended = once(nginx, 'exit');
  const ask = (address: string, options: ProxyRequest = {}) => askOver(port, address, options);
  const logs = () => readFileSync(path.join(directory, 'error.log'), 'utf8');
  const stop = async (): Promise<void> => {
    nginx.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const hasEnded = (): boolean => nginx.exitCode !== null;
  const isUp = () =>
    ask('/healthz').then(
      () => true,
      () => false,
    );
  try {
    await eventually(async () => hasEnded() || (await isUp()), 'nginx answers', 20_000);
    if (hasEnded()) throw new Error(`nginx has ended: ${logs()}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    ask,
    raw: (bytes) => sendRaw(port, bytes),
    logs,
    stop,
  };
}

function makeCertificate(directory: string): void {
  const files = ['-keyout', `${directory}/privkey.pem`, '-out', `${directory}/fullchain.pem`];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', ...kind, '-days', '1', '-subj', '/CN=localhost', ...files], {
    stdio: 'ignore',
  });
}

function askOver(port: number, address: string, options: ProxyRequest): Promise<ProxyAnswer> {
  const { method = 'GET', headers = {}, body, from } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: address,
        method,
        headers: { ...headers, ...(body && { 'Content-Length': Buffer.byteLength(body) }) },
        rejectUnauthorized: false,
        agent: false,
        ...(from !== undefined && { localAddress: from }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      socket.write(bytes);
    });
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.once('error', reject);
    socket.once('close', () => {
      resolve(received);
    });
  });
}
