// The Fastify peer with @fastify/compress, which compresses each page.
import compress from '@fastify/compress';
import Fastify from 'fastify';
import { serveLists } from '../fastify/lists.js';

const app = Fastify();
await app.register(compress);
serveLists(app);
process.stdout.write(`Listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
