// The Fastify peer with entity tags as one adds them: @fastify/etag, which makes them of the page.
import etag from '@fastify/etag';
import Fastify from 'fastify';
import { serveLists } from '../fastify/lists.js';

const app = Fastify();
await app.register(etag);
serveLists(app);
process.stdout.write(`Listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
