import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { BackendTls, Route } from '../call.ts';
import { nameProblem } from './backend-name.ts';
import { type SenderContext, SenderTls } from './sender.ts';

/** For routes that say nothing. */
const plainSender = new SenderTls({});

/** What is kept for the next handshake with a route. */
interface Kept {
  readonly with: SenderContext;
  /** Of the last handshake: the next one is shorter by it. */
  session: Buffer | undefined;
}

const kept = new WeakMap<BackendTls, Kept>();

/**
 * Starts TLS on a connected socket. `secured` is called once, when the handshake is over and the backend is who it should be; the
 * protocol that was agreed upon is then in `alpnProtocol`. Any failure is an `error` of the returned socket, which is destroyed then.
 */
export function openTls(
  socket: Socket,
  { host, port, tls }: Route & { readonly tls: BackendTls },
  protocols: readonly string[],
  secured: () => void,
): TLSSocket {
  const context = (tls.sender ?? plainSender).contextFor(host, port, tls.trusted);
  let memory = kept.get(tls);
  // A session holds what was proven under other rules.
  if (memory?.with !== context) {
    memory = { with: context, session: undefined };
    kept.set(tls, memory);
  }
  const { anyCertificate = false } = context.profile;
  const secure = connect({
    socket,
    secureContext: context.context,
    servername: isIP(tls.serverName) === 0 ? tls.serverName : '',
    ALPNProtocols: [...protocols],
    rejectUnauthorized: !anyCertificate,
    checkServerIdentity: (_, { raw }) => errorOf(nameProblem(tls.serverName, raw, tls.verify)),
    ...(memory.session ? { session: memory.session } : {}),
  });
  // What ended before TLS took it over says so to nobody any more, and the handshake would wait for ever.
  const over = (): void => {
    secure.destroy(new Error('the backend closed the connection before the handshake'));
  };
  if (socket.readable) socket.once('end', over);
  else process.nextTick(over);
  const remembers = memory;
  // A session is kept only of a backend that has proven itself: a handshake that takes it up asks for no proof again.
  let proven = false;
  let offered: Buffer | undefined;
  secure.on('session', (session) => {
    if (proven) remembers.session = session;
    else offered = session;
  });
  secure.once('secureConnect', () => {
    socket.off('end', over);
    // Node compares names only in certificates that it would take.
    const error = anyCertificate && !secure.isSessionReused() ? nameErrorOf(secure, tls) : undefined;
    if (error) {
      secure.destroy(error);
      return;
    }
    proven = true;
    if (offered) remembers.session = offered;
    secured();
  });
  // A session that a backend does not like any more must not be offered again.
  secure.once('error', () => {
    remembers.session = undefined;
  });
  return secure;
}

function nameErrorOf(secure: TLSSocket, tls: BackendTls): Error | undefined {
  const certificate = secure.getPeerX509Certificate();
  if (certificate === undefined) return new Error('the backend showed no certificate');
  return errorOf(nameProblem(tls.serverName, certificate.raw, tls.verify));
}

function errorOf(problem: string | undefined): Error | undefined {
  return problem === undefined
    ? undefined
    : Object.assign(new Error(problem), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}
