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
    private readonly endSignal: NodeJS.Signals,
  ) {}

  /**
   * A proxy in front of a gateway that compresses (`gzip on`). `passesEncodings`: whether the gateway sees `Accept-Encoding`;
   * otherwise only nginx compresses.
   */
  static async start(gatewayUrl: string, passesEncodings: boolean): Promise<Nginx> {
    const port = await unusedPort();
    return Nginx.#run(port, SINGLE_PROCESS, compressing(port, gatewayUrl, passesEncodings));
  }

  /** The configuration of deploy/, in front of gateways on these ports. */
  static async balancing(gatewayPorts: readonly [number, number]): Promise<Nginx> {
    const port = await unusedPort();
    return Nginx.#run(port, WITH_WORKER, balancing(port, gatewayPorts));
  }

  static async #run(port: number, processes: Processes, servers: string): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-nginx-'));
    const config = join(folder, 'nginx.conf');
    writeFileSync(config, configuration(folder, processes, servers));
    const child = spawn('nginx', ['-c', config, '-p', folder, '-e', join(folder, 'errors')], {
      stdio: 'ignore',
      // Where Debian installs servers; not on the PATH of other users than root.
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
    endsWithThisProcess(child, processes.endSignal);
    const nginx = new Nginx(`http://127.0.0.1:${port}`, child, folder, processes.endSignal);
    await eventually(async () => (await accepts(port)) || undefined);
    return nginx;
  }

  /** Stops nginx and removes its folder. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(this.endSignal);
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Processes {
  readonly directives: string;
  readonly endSignal: NodeJS.Signals;
}

/** One process to kill: it would miss a SIGTERM that arrives while it starts, and has nothing to save. */
const SINGLE_PROCESS: Processes = { directives: 'master_process off;', endSignal: 'SIGKILL' };
/** As it usually runs. The worker must reach the files of its master. */
const WITH_WORKER: Processes = {
  directives: `worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''}`,
  endSignal: 'SIGTERM',
};

function configuration(folder: string, { directives }: Processes, servers: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    ${directives}
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
