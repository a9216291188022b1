import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithThisProcess } from './ends-with-this-process.js';
import { eventually } from './eventually.js';
import { unusedPort } from './unused-port.js';

/** A real nginx on loopback. */
export class Nginx {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly configure: (servers: string) => void,
  ) {}

  /**
   * A proxy in front of a gateway that compresses (`gzip on`). `passesEncodings`: whether the gateway sees `Accept-Encoding`;
   * otherwise only nginx compresses.
   */
  static async start(gatewayUrl: string, passesEncodings: boolean): Promise<Nginx> {
    const port = await unusedPort();
    return Nginx.#run(port, compressing(port, gatewayUrl, passesEncodings));
  }

  /** The configuration of deploy/, in front of gateways on these ports. */
  static async balancing(gatewayPorts: readonly [number, number]): Promise<Nginx> {
    const port = await unusedPort();
    return Nginx.#run(port, balancing(port, gatewayPorts));
  }

  static async #run(port: number, servers: string): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-nginx-'));
    const config = join(folder, 'nginx.conf');
    const configure = (text: string): void => writeFileSync(config, configuration(folder, text));
    configure(servers);
    const child = spawn('nginx', ['-c', config, '-p', folder, '-e', join(folder, 'errors')], {
      stdio: 'ignore',
      // Where Debian installs servers; not on the PATH of other users than root.
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
    endsWithThisProcess(child);
    const nginx = new Nginx(`http://127.0.0.1:${port}`, child, folder, configure);
    await eventually(async () => (await accepts(port)) || undefined);
    return nginx;
  }

  /** Balances between gateways on other ports. Requests in flight end as usual. */
  reload(gatewayPorts: readonly [number, number]): void {
    this.configure(balancing(Number(new URL(this.url).port), gatewayPorts));
    this.child.kill('SIGHUP');
  }

  /** Stops nginx and removes its folder. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      // It would miss a SIGTERM that arrives while it starts, and has nothing to save.
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Without workers, so that there is only one process to kill. */
function configuration(folder: string, servers: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    master_process off;
    pid ${folder}/nginx.pid;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      ${servers}
    }`;
}

function compressing(port: number, gatewayUrl: string, passesEncodings: boolean): string {
  return `
    gzip on;
    gzip_types application/json application/graphql-response+json;
    gzip_min_length 1;
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass ${gatewayUrl};
        proxy_http_version 1.1;
        ${passesEncodings ? '' : 'proxy_set_header Accept-Encoding "";'}
      }
    }`;
}

function balancing(port: number, [first, second]: readonly [number, number]): string {
  return readFileSync('deploy/nginx.conf.template', 'utf8')
    .replace('${BIND}', `127.0.0.1:${port}`)
    .replace('${GATEWAY_1}', `127.0.0.1:${first}`)
    .replace('${GATEWAY_2}', `127.0.0.1:${second}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Not listening yet.
    return false;
  } finally {
    socket.destroy();
  }
}
