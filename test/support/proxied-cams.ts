import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { CamsFixture, EMPTY_LIST } from './cams-fixture.js';
import { HttpProxy } from './http-proxy.js';
import { type Certificate, selfSigned, startTlsFront, type TlsFront, trust } from './tls-front.js';

/** An endpoint over TLS that only the proxy of {@link ProxiedCams} can reach, and what its tunnels ask for. */
export const SECURE = 'https://cams.example.com';
export const TUNNEL = 'cams.example.com:443';
/** User and password of the proxy, as in its URL and as in the header. */
export const CREDENTIALS = 'gateway:p%40ss-canary';
export const AUTHORIZATION = `Basic ${Buffer.from('gateway:p@ss-canary').toString('base64')}`;

/** CAMS over HTTP and over TLS, and a proxy that reaches both. All but the certificate are new for each test. */
export class ProxiedCams {
  readonly cams = new CamsFixture();
  proxy = new HttpProxy();
  proxyUrl = '';
  /** Valid for {@link SECURE} and for the proxy. */
  certificate: Certificate = { key: '', cert: '' };
  #front: TlsFront | undefined;

  constructor() {
    let distrust = (): void => undefined;
    beforeAll(() => {
      this.certificate = selfSigned('cams.example.com', '127.0.0.1');
      distrust = trust(this.certificate);
    });
    afterAll(() => distrust());
    beforeEach(async () => {
      this.#front = await startTlsFront(this.certificate, Number(this.cams.double.host.split(':')[1]));
      this.proxy = new HttpProxy();
      this.proxyUrl = await this.proxy.listen(CREDENTIALS);
      this.proxy.ports.set(TUNNEL, this.front.port);
      this.cams.answerWith(EMPTY_LIST);
    });
    afterEach(async () => {
      await this.proxy.close();
      await this.front.close();
    });
  }

  get front(): TlsFront {
    if (this.#front === undefined) throw new Error('The endpoint over TLS runs only during tests.');
    return this.#front;
  }

  /** Method and target of each request that the proxy received. */
  get seen(): string[] {
    return this.proxy.requests.map(({ method, target }) => `${method} ${target}`);
  }
}
