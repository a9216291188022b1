import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const INFO = '# Server\r\nredis_version:6.2.14\r\nrun_id:0\r\nrole:master\r\nloading:0\r\n';

/** Starts a server that implements just enough of the protocol to look like Redis 6.2, which is not installed. */
export async function startOldRedis(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((socket) => {
    let rest = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString('latin1');
      for (let words = nextCommand(rest); words; words = nextCommand(rest)) {
        rest = rest.slice(words.length);
        socket.write(answer(words.name));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

function answer(name: string): string {
  if (name === 'INFO') return `$${INFO.length}\r\n${INFO}\r\n`;
  if (name === 'EVAL') return "-ERR Error compiling script: user_script:1: unexpected symbol near '#'\r\n";
  return '+OK\r\n';
}

/** Returns the name and length of the first command in the text; `undefined` while it is incomplete. */
function nextCommand(text: string): { readonly name: string; readonly length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  let length = head[0].length;
  let name = '';
  for (let word = 0; word < Number(head[1]); word++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(length));
    if (!size) return undefined;
    length += size[0].length;
    if (word === 0) name = text.slice(length, length + Number(size[1])).toUpperCase();
    length += Number(size[1]) + 2;
  }
  return length <= text.length ? { name, length } : undefined;
}
