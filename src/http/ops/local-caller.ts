import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/**
 * What proxies and CDNs add to a request, whatever its value: the standard's own, the families of the
 * usual ones, and every name that ends in `-ip` (`X-Real-IP`, `True-Client-IP`, `X-Cluster-Client-IP`).
 */
const addedByProxy =
  /^(?:forwarded|via|cdn-loop|(?:x-forwarded|x-original|x-envoy|x-amzn?|x-azure|x-proxy|x-remote|cf|fly|fastly)(?:-.*)?|.*-(?:client)?ip)$/;

/**
 * Whether a request comes straight from a program on this machine, as far as one can tell. A proxy on
 * this machine is a caller on this machine, too, and asks for the whole world. So nothing may hint at
 * one: no header that proxies add; no name in `Host` that only somebody elsewhere would use; and not
 * HTTP/1.0, which hardly anybody speaks but a plain `proxy_pass` of nginx, which adds nothing and names
 * this address as the host. `Connection: close` says nothing: many small clients send it.
 */
export function isLocalCaller({ socket, headers, httpVersion }: IncomingMessage): boolean {
  return (
    isLoopback(socket.remoteAddress ?? '') &&
    httpVersion !== '1.0' &&
    isOwnName(headers.host ?? '') &&
    !Object.keys(headers).some((name) => addedByProxy.test(name))
  );
}

/** A `Host` that reaches a machine only from itself. */
function isOwnName(host: string): boolean {
  const url = `http://${host}`;
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
