import { afterAll, describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { RouteTable } from './route-table.js';

describe('known routes', () => {
  const app = fastify();
  const routes = new RouteTable(app);
  app.get('/v1/a.b/:id', () => '');
  app.route({ method: ['PATCH', 'DELETE'], url: '/v1/a.b/:id', handler: () => '' });
  app.post('/v1/a.b/new', () => '');
  app.get('/docs/*', () => '');
  afterAll(() => app.close());

  it.each([
    ['/v1/a.b/1', ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['/v1/a.b/1/', []],
    ['/v1/a.b/new', ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST']],
    ['/v1/axb/1', []],
    ['/v1/a.b', []],
    ['/v1/a.b/1/2', []],
    ['/docs/page', []],
    ['/', []],
  ])('list the methods of %s', (path, methods) => {
    expect(routes.allowed(path)).toEqual(methods);
  });
});
