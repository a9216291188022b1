// The Fastify peer with @fastify/etag, which computes the entity tag of each page.
import etag from '@fastify/etag';
import Fastify from 'fastify';
import { serveLists } from '../fastify/lists.js';

const app = Fastify();
await app.register(etag);
serveLists(app);
process.stdout.write(`Listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
