import express, { type RequestHandler } from 'express';
import { SubtreeAdapter } from './subtree.adapter.js';

const all: RequestHandler = () => undefined;
const one: RequestHandler = () => undefined;

function adapterWith(...routes: [method: 'all' | 'get' | 'post', path: string][]): SubtreeAdapter {
  const adapter = new SubtreeAdapter(express());
  for (const [method, path] of routes) adapter[method](path, (method === 'all' ? all : one) as never);
  return adapter;
}

describe('the straight way to a subtree', () => {
  it.each([
    ['/mlflow/x', true],
    ['/mlflow/', true],
    ['/mlflow/a//b%2F', true],
    ['/mlflow', false],
    ['/mlflowx', false],
    ['/MLFLOW/x', false],
    ['/other', false],
  ])('%s has one: %s', (path, expected) => {
    const adapter = adapterWith(['all', '/mlflow'], ['all', '/mlflow/{*path}']);
    expect(adapter.handlerFor(path)).toBe(expected ? all : undefined);
  });

  it.each([
    [
      [
        ['get', '/mlflow/health/mlflow'],
        ['all', '/mlflow/{*path}'],
      ],
    ],
    [
      [
        ['all', '/mlflow/{*path}'],
        ['get', '/mlflow/health/mlflow'],
      ],
    ],
  ] as [['all' | 'get', string][]][])(
    'a corner that another route lies in is left to Express, in any order',
    (routes) => {
      const adapter = adapterWith(...routes);
      for (const path of ['/mlflow/health/mlflow', '/mlflow/health', '/mlflow/healthy'])
        expect(adapter.handlerFor(path)).toBeUndefined();
      expect(adapter.handlerFor('/mlflow/api/2.0')).toBe(all);
    },
  );

  it('a route with a parameter takes all that it may match', () => {
    const adapter = adapterWith(['all', '/mlflow/{*path}'], ['post', '/mlflow/:id/x']);
    expect(adapter.handlerFor('/mlflow/anything')).toBeUndefined();
  });

  it('what takes everything that is left changes no other way', () => {
    const adapter = new SubtreeAdapter(express());
    const rest: RequestHandler = () => undefined;
    adapter.get('/health/live', one as never);
    adapter.all('/mlflow/{*path}', all as never);
    adapter.all('/{*path}', rest as never);
    expect(adapter.handlerFor('/mlflow/x')).toBe(all);
    for (const path of ['/health/live', '/health']) expect(adapter.handlerFor(path)).toBeUndefined();
    expect(adapter.handlerFor('/nowhere')).toBe(rest);
  });

  it('only a plain wildcard of every method is a subtree', () => {
    const adapter = adapterWith(['get', '/a/{*path}'], ['all', '/b/:id/{*path}'], ['all', '/c']);
    for (const path of ['/a/x', '/b/1/x', '/c']) expect(adapter.handlerFor(path)).toBeUndefined();
  });
});
