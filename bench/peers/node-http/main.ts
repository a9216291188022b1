// The same bytes for every request: shows the limit of the load generator.
import { createServer } from 'node:http';
import { MAIN_SCOPES } from '../../data/scopes.js';
import { loadGroups } from '../groups-in-memory.js';
import { restPage } from '../rest-page.js';

const { custSpaceId, businessNumber } = MAIN_SCOPES[0] ?? { custSpaceId: '', businessNumber: '' };
const bytes = Buffer.from(
  JSON.stringify(restPage(loadGroups((group) => group).list(custSpaceId, businessNumber), 1, 20)),
);
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length };

const server = createServer((_request, response) => response.writeHead(200, headers).end(bytes));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`Listening http://127.0.0.1:${address?.port}\n`);
});
