// The Fastify peer with the seven fields of the GraphQL list instead of all twelve: the least that a list page needs.
import Fastify from 'fastify';
import { serveLists } from '../fastify/lists.js';
import { sevenFieldsOf } from './seven-fields.js';

const app = Fastify();
serveLists(app, sevenFieldsOf);
process.stdout.write(`Listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
