import { Reflector } from '@nestjs/core';
import { AdminOnly } from './admin-only.decorator.js';
import { MetricsReadersOnly } from './metrics-readers-only.decorator.js';
import { Public } from './public.decorator.js';
import { accessOf } from './route-access.js';

@AdminOnly()
class Admin {
  inherited(): void {}
  @Public('a test')
  open(): void {}
}

class Routes {
  plain(): void {}
  @Public('')
  withoutReason(): void {}
  @MetricsReadersOnly()
  metrics(): void {}
}

describe('what a route asks of its caller', () => {
  it.each([
    ['a credential, where nothing is said', Routes.prototype.plain, Routes, 'credential'],
    ['nothing, where it is public without a reason', Routes.prototype.withoutReason, Routes, 'public'],
    ['the metrics token', Routes.prototype.metrics, Routes, 'metrics-token'],
    ['what its controller asks', Admin.prototype.inherited, Admin, 'admin-token'],
    ['what it says itself, before its controller', Admin.prototype.open, Admin, 'public'],
  ])('is %s', (_name, handler, controller, access) =>
    expect(accessOf(new Reflector(), handler, controller)).toBe(access),
  );

  it('is said once: a second decorator on one route is an error when the program starts', () => {
    expect(() => {
      class Twice {
        @AdminOnly()
        @Public('a test')
        both(): void {}
      }
      return Twice;
    }).toThrow('both: is public already and cannot be admin-token too');
  });
});
