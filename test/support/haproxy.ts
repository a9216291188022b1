import { eventually } from './eventually.js';
import { Program } from './program.js';
import { unusedPort } from './unused-port.js';

/** Where one gateway listens. */
export interface GatewayPorts {
  readonly port: number;
  readonly managementPort: number;
}

/** HAProxy with the configuration of deploy/, in front of three gateways on loopback. */
export class Haproxy {
  private constructor(
    readonly url: string,
    private readonly program: Program,
  ) {}

  static async start(gateways: readonly GatewayPorts[]): Promise<Haproxy> {
    const port = await unusedPort();
    const url = `http://127.0.0.1:${port}`;
    const places = gateways.flatMap(({ port: ofGateway, managementPort }, index) => [
      [`GATEWAY_${index + 1}`, `127.0.0.1:${ofGateway}`],
      [`HEALTH_${index + 1}`, String(managementPort)],
    ]);
    const program = new Program(['haproxy', '-db', '-f', 'deploy/haproxy.cfg'], {
      // Where Debian installs servers; not on the PATH of other users than root.
      PATH: `${process.env['PATH']}:/usr/sbin`,
      BIND: `127.0.0.1:${port}`,
      ...Object.fromEntries(places),
    });
    await eventually(async () => {
      if (program.ended !== undefined) throw new Error(program.ended);
      return fetch(url).then(
        () => true,
        () => undefined,
      );
    });
    return new Haproxy(url, program);
  }

  stop(): Promise<void> {
    return this.program.end('SIGKILL');
  }
}
