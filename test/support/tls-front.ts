import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSecureContext,
  createServer,
  getCACertificates,
  setDefaultCACertificates,
  type TlsOptions,
} from 'node:tls';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a self-signed certificate for these names. */
export function selfSigned(...names: readonly string[]): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=test';
    const subject = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join();
    const files = ['-keyout', key, '-out', cert, '-addext', `subjectAltName=${subject}`];
    execFileSync('openssl', [...request.split(' '), ...files], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes this process trust a certificate until the returned function is called. */
export function trust({ cert }: Certificate): () => void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, cert]);
  return () => setDefaultCACertificates(before);
}

export interface TlsFront {
  readonly port: number;
  /** Called when a client begins a handshake. */
  onHandshake: () => void;
  close(): Promise<void>;
}

/** Starts a server that ends TLS in front of a local port. */
export async function startTlsFront(certificate: Certificate, targetPort: number): Promise<TlsFront> {
  const context = createSecureContext(certificate);
  const SNICallback: TlsOptions['SNICallback'] = (_name, done) => {
    front.onHandshake();
    done(null, context);
  };
  const server = createServer({ ...certificate, SNICallback }, (client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) socket.on('error', () => socket.destroy());
    client.once('close', () => target.destroy());
    target.once('close', () => client.destroy());
    target.pipe(client).pipe(target);
  });
  // Clients that give up before the handshake is complete.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const front: TlsFront = {
    port: (server.address() as AddressInfo).port,
    onHandshake: () => undefined,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;
}
